import dgram from 'node:dgram'
import { isLinkLocalV6 } from '../network-addresses.js'
import { type Link, linkFrom } from './links.js'

export const MDNS_PORT = 5353
const GROUPS = { 4: '224.0.0.251', 6: 'ff02::fb' } as const
const WILDCARDS = { 4: '0.0.0.0', 6: '::' } as const
/** RFC 6762 section 11. */
const HOPS = 255

export interface Arrived {
  packet: Buffer
  link: Link
  /** it was sent to this machine alone */
  direct: boolean
  peer: { address: string; port: number }
}

interface Sender {
  link: Link
  /** how this system writes the interface */
  zone: string
  socket: dgram.Socket
}

/**
 * The sockets of mDNS: in each family one that hears what is sent to the group, on all links together, and one for each
 * link that sends from its address, and hears what is sent to that address. Other responders of the machine may have
 * the port as well.
 */
export class MdnsSockets {
  readonly #onPacket: (arrived: Arrived) => void
  readonly #listeners = new Map<4 | 6, { socket: dgram.Socket; joined: Set<string> }>()
  readonly #senders = new Map<string, Sender>()

  constructor(onPacket: (arrived: Arrived) => void) {
    this.#onPacket = onPacket
  }

  get links(): Link[] {
    return [...this.#senders.values()].map(({ link }) => link)
  }

  /**
   * Opens what is new, closes what has gone.
   *
   * @returns the links that are new or have other addresses, and why some could not be had
   */
  async follow(links: readonly Link[]): Promise<{ fresh: Link[]; errors: NodeJS.ErrnoException[] }> {
    const fresh: Link[] = []
    const errors: NodeJS.ErrnoException[] = []
    for (const [id, { link }] of this.#senders) {
      if (!links.some((one) => one.id === id && one.address === link.address)) await this.#leave(id)
    }
    for (const link of links) {
      try {
        if (await this.#enter(link)) fresh.push(link)
      } catch (error) {
        errors.push(error as NodeJS.ErrnoException)
      }
    }
    return { fresh, errors }
  }

  /** Resolves when it has left, or could not: the network may have gone. */
  multicast(link: Link, packet: Buffer): Promise<void> {
    const zone = this.#senders.get(link.id)?.zone ?? ''
    return this.#send(link, packet, MDNS_PORT, zoned(GROUPS[link.family], zone))
  }

  unicast(link: Link, packet: Buffer, peer: { address: string; port: number }): Promise<void> {
    return this.#send(link, packet, peer.port, peer.address)
  }

  async close(): Promise<void> {
    for (const id of [...this.#senders.keys()]) await this.#leave(id)
    for (const { socket } of this.#listeners.values()) await closed(socket)
    this.#listeners.clear()
  }

  /** @returns true when the link is new, or what is told on it */
  async #enter(link: Link): Promise<boolean> {
    const known = this.#senders.get(link.id)
    if (known !== undefined) {
      const changed = known.link.told.join() !== link.told.join()
      known.link = link
      return changed
    }
    const listener = await this.#listener(link.family)
    const { socket, zone } = await openSender(link)
    try {
      socket.setMulticastInterface(membership(link, zone))
      socket.setMulticastTTL(HOPS)
      socket.setMulticastLoopback(true)
      join(listener, link, zone)
    } catch (error) {
      await closed(socket)
      throw error
    }
    socket.on('message', (packet, peer) => {
      const current = this.#senders.get(link.id)?.link
      const from = linkFrom(this.links, peer.address)
      if (current !== undefined && from !== null) this.#onPacket({ packet, link: current, direct: true, peer })
    })
    this.#senders.set(link.id, { link, zone, socket })
    return true
  }

  async #listener(family: 4 | 6): Promise<{ socket: dgram.Socket; joined: Set<string> }> {
    const known = this.#listeners.get(family)
    if (known !== undefined) return known
    const socket = await open(family, WILDCARDS[family])
    socket.on('message', (packet, peer) => {
      const link = linkFrom(this.links, peer.address)
      if (link !== null) this.#onPacket({ packet, link, direct: false, peer })
    })
    const made = { socket, joined: new Set<string>() }
    this.#listeners.set(family, made)
    return made
  }

  async #leave(id: string): Promise<void> {
    const known = this.#senders.get(id)
    if (known === undefined) return
    this.#senders.delete(id)
    const listener = this.#listeners.get(known.link.family)
    const where = membership(known.link, known.zone)
    listener?.joined.delete(where)
    try {
      listener?.socket.dropMembership(GROUPS[known.link.family], where)
    } catch {
      // the interface has gone, and the membership with it
    }
    await closed(known.socket)
  }

  #send({ id }: Link, packet: Buffer, port: number, address: string): Promise<void> {
    const socket = this.#senders.get(id)?.socket
    if (socket === undefined) return Promise.resolve()
    return new Promise((resolve) => socket.send(packet, port, address, () => resolve()))
  }
}

async function open(family: 4 | 6, address: string): Promise<dgram.Socket> {
  const socket = dgram.createSocket({ type: family === 4 ? 'udp4' : 'udp6', reuseAddr: true, ipv6Only: family === 6 })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind({ port: MDNS_PORT, address, exclusive: true }, () => {
      socket.off('error', reject)
      resolve()
    })
  }).catch(async (error) => {
    await closed(socket)
    throw error
  })
  socket.on('error', () => undefined) // of a network that has gone; the next look finds out
  return socket
}

/** POSIX writes an interface by its name, Windows by its number: what this system takes is found out. */
async function openSender(link: Link): Promise<{ socket: dgram.Socket; zone: string }> {
  const zone = link.interface
  try {
    return { socket: await open(link.family, zoned(link.address, zone)), zone }
  } catch (error) {
    if (link.scope === 0) throw error
    const number = String(link.scope)
    return { socket: await open(link.family, zoned(link.address, number)), zone: number }
  }
}

function join({ socket, joined }: { socket: dgram.Socket; joined: Set<string> }, link: Link, zone: string): void {
  const where = membership(link, zone)
  if (joined.has(where)) return
  try {
    socket.addMembership(GROUPS[link.family], where)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error // it is a member already
  }
  joined.add(where)
}

function membership(link: Link, zone: string): string {
  return link.family === 4 ? link.address : `::%${zone}`
}

/** Addresses that mean another machine on each link say which link. */
function zoned(address: string, zone: string): string {
  return isLinkLocalV6(address) || address.startsWith('ff') ? `${address}%${zone}` : address
}

function closed(socket: dgram.Socket): Promise<void> {
  return new Promise((resolve) => {
    try {
      socket.close(() => resolve())
    } catch {
      resolve()
    }
  })
}
