import { type DecodedPacket, decode, encode } from 'dns-packet'
import type { Problem } from '../../../shared/contract.js'
import type { NetworkAddress } from '../network-addresses.js'
import { type AddressesOf, announcement, answerMdns } from './answer-mdns.js'
import { afterConflict, afterGoodbye, afterYielding, type Claim, dueOf, isOurs, newClaim, nextOf } from './claim.js'
import { type Link, linksOf } from './links.js'
import { type Arrived, MDNS_PORT, MdnsSockets } from './mdns-sockets.js'
import { encodeProbe, isAddress, yieldsTo } from './probe.js'
import { SentLately } from './sent-lately.js'

export interface MdnsSettings {
  enabled: boolean
  /** under `.local`, lower-case, without trailing dot */
  names: readonly string[]
  /** in which the gateway listens */
  families: readonly (4 | 6)[]
}

/** Interfaces come and go, and no system tells Node of it. */
const LOOK_MS = 5_000
/** Names told in one packet, so that it is not fragmented. */
const BATCH = 8
/** RFC 6762 section 18.3: what is not 0 there is ignored. */
const OPCODE = 0x7800
const OFF: MdnsSettings = { enabled: false, names: [], families: [] }

/**
 * Tells the machines of the network where our names are (RFC 6762). A name is answered for when nobody else has it. It
 * never fails: the gateway works without it, and `warnings` says what it cannot do.
 */
export class MdnsResponder {
  readonly #addresses: () => NetworkAddress[]
  readonly #changed: () => void
  readonly #sent = new SentLately()
  readonly #claims = new Map<string, Claim>()
  /** addresses that were ours at any time: what comes back of them is no conflict */
  readonly #own = new Set<string>()
  #settings = OFF
  #sockets: MdnsSockets | null = null
  #errors: NodeJS.ErrnoException[] = []
  #timer: NodeJS.Timeout | undefined
  #watch: NodeJS.Timeout | undefined
  #ended = false
  /** settings and looks come one after the other */
  #changes: Promise<void> = Promise.resolve()

  /**
   * @param addresses of this machine, as they are now
   * @param changed called when `warnings` may have changed
   */
  constructor(addresses: () => NetworkAddress[], changed: () => void = () => undefined) {
    this.#addresses = addresses
    this.#changed = changed
  }

  /** names that other machines find by it now */
  get held(): string[] {
    return [...this.#claims].filter(([, claim]) => isOurs(claim)).map(([name]) => name)
  }

  /** what it cannot do, in plain sentences */
  get warnings(): Problem[] {
    const lost = [...this.#claims].flatMap(([name, claim]) =>
      claim.phase === 'lost' ? [{ path: 'lan.mdns', message: lostMessage(name, claim.to) }] : [],
    )
    const reasons = new Set(this.#errors.map(reasonOf))
    return [...[...reasons].map((message) => ({ path: 'lan.mdns', message })), ...lost]
  }

  /** Turns it on or off, or changes its names. Resolves when names that have gone were taken back. */
  apply(settings: MdnsSettings): Promise<void> {
    this.#changes = this.#changes.then(() => (this.#ended ? undefined : this.#apply(settings)))
    return this.#changes
  }

  /** For good. */
  async close(): Promise<void> {
    await this.apply(OFF)
    this.#ended = true
  }

  async #apply(settings: MdnsSettings): Promise<void> {
    this.#settings = settings
    const names = new Set(settings.enabled ? settings.names : [])
    const gone = [...this.#claims].filter(([name]) => !names.has(name))
    for (const [name] of gone) this.#claims.delete(name)
    await this.#announce(
      gone.filter(([, claim]) => isOurs(claim)).map(([name]) => name),
      0,
    )
    if (!settings.enabled) return this.#turnOff()
    for (const name of names) {
      if (!this.#claims.has(name)) this.#claims.set(name, newClaim(Date.now(), Math.random()))
    }
    this.#sockets ??= new MdnsSockets((arrived) => this.#take(arrived))
    this.#watch ??= setInterval(() => this.#lookAgain(), LOOK_MS).unref()
    await this.#look()
  }

  async #turnOff(): Promise<void> {
    clearInterval(this.#watch)
    clearTimeout(this.#timer)
    this.#watch = undefined
    this.#errors = []
    this.#own.clear()
    await this.#sockets?.close()
    this.#sockets = null
  }

  #lookAgain(): void {
    this.#changes = this.#changes.then(() => (this.#sockets === null ? undefined : this.#look()))
  }

  /** On a link that is new, our names may be somebody's (RFC 6762 section 8): they are asked for again. */
  async #look(): Promise<void> {
    const addresses = this.#addresses()
    const links = linksOf(addresses, this.#settings.families)
    for (const { address } of addresses) this.#own.add(address)
    const { fresh, errors } = (await this.#sockets?.follow(links)) ?? { fresh: [], errors: [] }
    const before = JSON.stringify(this.warnings)
    this.#errors = errors
    if (fresh.length > 0) {
      for (const name of this.#claims.keys()) this.#claims.set(name, newClaim(Date.now(), Math.random()))
    }
    if (JSON.stringify(this.warnings) !== before) this.#changed()
    this.#schedule()
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    const due = [...this.#claims.values()].map(dueOf).filter((time) => time !== null)
    if (due.length === 0 || this.#sockets === null) return
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, Math.min(...due) - Date.now())).unref()
  }

  #tick(): void {
    const now = Date.now()
    const sending = { probe: [] as string[], announcement: [] as string[] }
    for (const [name, claim] of this.#claims) {
      const next = nextOf(claim, now)
      this.#claims.set(name, next.claim)
      if (next.send !== null) sending[next.send].push(name)
    }
    void this.#probe(sending.probe)
    void this.#announce(sending.announcement)
    this.#schedule()
  }

  async #probe(names: readonly string[]): Promise<void> {
    await this.#toAll(names, (batch, link) => encodeProbe(batch, () => link.told))
  }

  /** @param ttl 0 takes the names back */
  async #announce(names: readonly string[], ttl?: number): Promise<void> {
    await this.#toAll(names, (batch, link) => {
      const packet = announcement(batch, () => link.told, ttl)
      if (packet !== null) this.#sent.note(link.id, packet, Date.now())
      return packet === null ? null : encode(packet)
    })
  }

  async #toAll(names: readonly string[], make: (batch: string[], link: Link) => Buffer | null): Promise<void> {
    const sockets = this.#sockets
    if (sockets === null) return
    for (let from = 0; from < names.length; from += BATCH) {
      const batch = names.slice(from, from + BATCH)
      await Promise.all(
        sockets.links.map((link) => {
          const packet = link.told.length === 0 ? null : make(batch, link)
          return packet === null ? undefined : sockets.multicast(link, packet)
        }),
      )
    }
  }

  #take(arrived: Arrived): void {
    const packet = decoded(arrived.packet)
    if (packet === null || ((packet.flags ?? 0) & OPCODE) !== 0) return
    if (packet.type === 'query') this.#takeQuery(packet, arrived)
    // RFC 6762 section 6: an answer from another port is none.
    else if (arrived.peer.port === MDNS_PORT) this.#takeResponse(packet, arrived.peer.address)
  }

  #takeQuery(packet: DecodedPacket, { link, direct, peer }: Arrived): void {
    const probed = packet.authorities ?? []
    if (probed.length > 0 && peer.port === MDNS_PORT) this.#takeProbe(packet, link)
    const ours: AddressesOf = (name) => {
      const claim = this.#claims.get(name)
      return claim !== undefined && isOurs(claim) ? link.told : null
    }
    const replies = answerMdns(packet, ours, { direct, legacy: peer.port !== MDNS_PORT })
    const now = Date.now()
    if (replies.unicast !== null) {
      void this.#sockets?.unicast(link, encode(replies.unicast), peer)
      // RFC 6762 section 5.4: the others hear it too, from time to time.
      const stale = peer.port === MDNS_PORT && !direct ? this.#sent.staleIn(link.id, replies.unicast, now) : null
      if (stale !== null) void this.#sockets?.multicast(link, encode(stale))
    }
    const open =
      replies.multicast === null ? null : this.#sent.allowed(link.id, replies.multicast, now, probed.length > 0)
    if (open !== null) void this.#sockets?.multicast(link, encode(open))
  }

  /** Somebody asks for names that it wants, as we may be doing. */
  #takeProbe(packet: DecodedPacket, link: Link): void {
    for (const [name, claim] of this.#claims) {
      if (claim.phase !== 'probing') continue
      const theirs = (packet.authorities ?? []).filter((one) => one.name.toLowerCase() === name && isAddress(one))
      const foreign = theirs.some((one) => isAddress(one) && !this.#own.has(one.data))
      if (foreign && yieldsTo(theirs, link.told)) this.#claims.set(name, afterYielding(claim, Date.now()))
    }
    this.#schedule()
  }

  #takeResponse(packet: DecodedPacket, from: string): void {
    const before = JSON.stringify(this.warnings)
    let touched = false
    for (const record of [...(packet.answers ?? []), ...(packet.additionals ?? [])]) {
      const name = record.name.toLowerCase()
      const claim = this.#claims.get(name)
      if (claim === undefined || !isAddress(record) || this.#own.has(record.data)) continue
      const gone = record.ttl === 0
      const next = gone ? afterGoodbye(claim, Date.now()) : afterConflict(claim, Date.now(), from)
      touched ||= next !== claim
      this.#claims.set(name, next)
    }
    if (!touched) return
    if (JSON.stringify(this.warnings) !== before) this.#changed()
    this.#schedule()
  }
}

function decoded(packet: Buffer): DecodedPacket | null {
  try {
    return decode(packet)
  } catch {
    return null
  }
}

function lostMessage(name: string, to: string): string {
  return `${name} is the name of another machine in this network (${to}). Phones find that one: rename the app, or the machine.`
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') {
    return 'UDP port 5353 is taken by a program that does not share it. Names under .local are not told to the network.'
  }
  return `Names under .local cannot be told on every network of this machine (${error.code ?? error.message}).`
}
