import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { Logger } from 'pino'
import type { Listener } from '../../../shared/contract.js'
import { Fault } from '../../../shared/fault.js'
import type { ShareRelay, ShareStart, ShareStatus, ShareVia, ShareWay } from '../../../shared/share-schemas.js'
import { hashScrypt } from '../gateway/policies/basic-auth/scrypt-hash.js'
import type { Publication } from '../tunnel/agent/publications.js'
import type { Carrier, CarrierEvent } from './carrier.js'
import { carryByRelay } from './carry-by-relay.js'
import { judgeApp } from './judge-app.js'
import { KeptRelays, noSuchRelay } from './kept-relays.js'
import { requirePublishable } from './relay-faults.js'
import { accessTo, checkedRelay, relayName, trustedByAll, tryRelay } from './saved-relay.js'
import { Share } from './share.js'
import { type NamedApp, sharedApp } from './shared-app.js'

export interface SharesOptions {
  /** absolute */
  dataDir: string
  log: Logger
  /** that are served now */
  apps(): readonly NamedApp[]
  /** that are open now */
  listeners(): readonly Listener[]
  /** PEM of the local CA */
  authority(): string
  /** what `list` tells has changed */
  changed(): void
}

type Carry = (tell: (event: CarrierEvent) => void) => Carrier

/** Of those that have ended. */
const KEPT = 20

/** The apps of this gateway that are shown outside. Nothing is shown again by itself after a restart. */
export class Shares {
  readonly #options: SharesOptions
  readonly #relays: KeptRelays
  /** oldest first */
  #shares: Share[] = []
  #closed = false

  constructor(options: SharesOptions) {
    this.#options = options
    this.#relays = new KeptRelays(path.join(options.dataDir, 'relays.json'))
  }

  list(): ShareStatus[] {
    return this.#shares.map((share) => share.status()).toReversed()
  }

  /** Whether one is there that has figures. */
  get active(): boolean {
    return this.#shares.some(({ ended }) => !ended)
  }

  /** @throws Fault `config-unreadable` when the saved relays cannot be told */
  async ways(): Promise<ShareWay[]> {
    const relays = await this.#relays.list()
    return relays.map(({ url, ca }) => ({ kind: 'relay', url, customCa: ca !== undefined }))
  }

  /**
   * Begins; what becomes of it is told by `changed`.
   *
   * @throws Fault `not-found`, `app-disabled`, `not-running`, `conflict`, `usage`
   */
  async start(wish: ShareStart): Promise<ShareStatus> {
    sharedApp(wish.app, this.#options.apps(), this.#options.listeners())
    const carry = await this.#way(wish)
    if (this.#closed) throw new Fault('conflict', 'Portico is stopping.')
    const via: ShareVia = wish.via.kind === 'relay' ? { kind: 'relay', url: relayName(wish.via.url) } : wish.via
    const name = via.kind === 'relay' ? (wish.name ?? wish.app) : null
    this.#requireNew(via, wish.app, name)
    const share: Share = new Share({
      id: randomBytes(4).toString('hex'),
      app: wish.app,
      via,
      name,
      user: wish.login?.user ?? null,
      lifetimeMs: wish.lifetimeMs ?? null,
      carry,
      obstacle: () => judgeApp(wish.app, this.#options.apps(), this.#options.listeners()),
      onChange: () => this.#changed(),
    })
    this.#shares.push(share)
    this.#changed()
    return share.status()
  }

  /** @throws Fault `not-found` */
  async stop(id: string): Promise<ShareStatus> {
    const share = this.#shares.find((one) => one.id === id)
    if (share === undefined) {
      throw new Fault('not-found', `There is no share "${id}".`, 'See which there are: portico shares')
    }
    if (share.ended) {
      this.#shares = this.#shares.filter((one) => one !== share)
      this.#options.changed()
    } else await share.end({ message: 'It was stopped.' })
    return share.status()
  }

  /** @throws Fault what is wrong with it, or why the relay does not let this machine in */
  async saveRelay(wish: ShareRelay): Promise<ShareWay[]> {
    const relay = checkedRelay(wish)
    await this.#relays.list() // before the relay is asked: a damaged file is not written over
    await tryRelay(relay)
    await this.#relays.save(relay)
    return this.ways()
  }

  /** Apps that are shown by it stay so. @throws Fault `not-found` */
  async forgetRelay(url: string): Promise<ShareWay[]> {
    await this.#relays.forget(relayName(url))
    return this.ways()
  }

  /** The config or the listeners may have changed. */
  look(): void {
    for (const share of this.#shares) share.look()
  }

  /** For good. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#shares.map((share) => share.end({ message: 'Portico has stopped.' })))
  }

  async #way(wish: ShareStart): Promise<Carry> {
    const { via } = wish
    if (via.kind !== 'relay') throw new Fault('not-supported', `Apps cannot be shared by ${via.tool} yet.`)
    const publication = await publicationOf(wish)
    const url = relayName(via.url)
    const relay = (await this.#relays.list()).find((one) => one.url === url)
    if (relay === undefined) throw noSuchRelay(url)
    const { apps, listeners, log } = this.#options
    const onFailure = (reason: string) => log.info({ app: wish.app, reason }, 'a visitor could not be served')
    const locate = async () => sharedApp(wish.app, apps(), listeners())
    const known = trustedByAll()
    const ca = () => [this.#options.authority(), ...known]
    return (tell) => carryByRelay({ access: accessTo(relay), publication, locate, ca, onFailure }, tell)
  }

  /** @throws Fault `conflict`: two would take visitors from each other */
  #requireNew(via: ShareVia, app: string, name: string | null): void {
    const rival = this.#shares.find((share) => {
      const isSame = share.app === app || (name !== null && share.name === name)
      return !share.ended && isSame && labelOf(share.via) === labelOf(via)
    })
    if (rival === undefined) return
    const { id, url } = rival.status()
    const what = rival.app === app ? `"${app}" is shared` : `"${name}" is the name of "${rival.app}", shared`
    const where = url === null ? '' : `, at ${url}`
    const hint = `Stop that one first: portico shares stop ${id}`
    throw new Fault('conflict', `${what} by ${labelOf(via)} already${where}.`, hint)
  }

  #changed(): void {
    const ended = this.#shares.filter((share) => share.ended)
    const forgotten = new Set(ended.slice(0, Math.max(0, ended.length - KEPT)))
    if (forgotten.size > 0) this.#shares = this.#shares.filter((share) => !forgotten.has(share))
    this.#options.changed()
  }
}

function labelOf(via: ShareVia): string {
  return via.kind === 'relay' ? via.url : via.tool
}

/** The relay gets a hash: it need not know the password. */
async function publicationOf({ app, name = app, lifetimeMs, login }: ShareStart): Promise<Publication> {
  return {
    name: requirePublishable(name),
    lifetimeMs: lifetimeMs ?? null,
    login:
      login === undefined
        ? null
        : { user: login.user, passwordHash: await hashScrypt(login.password.normalize('NFC')) },
  }
}
