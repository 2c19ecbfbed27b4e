import { randomBytes } from 'node:crypto'
import type { Listener } from '../../../shared/contract.js'
import { Fault } from '../../../shared/fault.js'
import type { ShareRelay, ShareStart, ShareStatus, ShareWay } from '../../../shared/share-schemas.js'
import { judgeApp } from './judge-app.js'
import { labelOf, Share, type ShareFigures, STOPPED } from './share.js'
import { type NamedApp, sharedApp } from './shared-app.js'
import { type Prepared, Ways, type WaysOptions } from './ways.js'

export interface SharesOptions extends Omit<WaysOptions, 'locate'> {
  /** that are served now */
  apps(): readonly NamedApp[]
  /** that are open now */
  listeners(): readonly Listener[]
  /** what `list` tells has changed */
  changed(): void
}

/** Of those that have ended. */
const KEPT = 20

/** The apps of this gateway that are shown outside. Nothing is shown again by itself after a restart. */
export class Shares {
  readonly #options: SharesOptions
  readonly #ways: Ways
  /** oldest first */
  #shares: Share[] = []
  #closed = false

  constructor(options: SharesOptions) {
    const { apps, listeners } = options
    this.#options = options
    this.#ways = new Ways({ ...options, locate: (app) => sharedApp(app, apps(), listeners()) })
  }

  /** Newest first. */
  list(): ShareStatus[] {
    return this.#shares.map((share) => share.status()).toReversed()
  }

  /** Whether one is there that has figures. */
  get active(): boolean {
    return this.#shares.some(({ ended }) => !ended)
  }

  /** Of those that are there, for the metrics. */
  figures(): ShareFigures[] {
    return this.#shares.filter(({ ended }) => !ended).map((share) => share.figures())
  }

  /** @throws Fault `config-unreadable` when the saved relays cannot be told */
  ways(): Promise<ShareWay[]> {
    return this.#ways.list()
  }

  /**
   * Begins; what becomes of it is told by `changed`.
   *
   * @throws Fault `not-found`, `app-disabled`, `not-running`, `conflict`, `usage`
   */
  async start(wish: ShareStart): Promise<ShareStatus> {
    sharedApp(wish.app, this.#options.apps(), this.#options.listeners())
    const way = await this.#ways.prepare(wish)
    if (this.#closed) throw new Fault('conflict', 'Portico is stopping.')
    this.#requireNew(wish.app, way)
    const share: Share = new Share({
      ...way,
      id: randomBytes(4).toString('hex'),
      app: wish.app,
      user: wish.login?.user ?? null,
      lifetimeMs: wish.lifetimeMs ?? null,
      obstacle: () => judgeApp(wish.app, this.#options.apps(), this.#options.listeners()),
      onChange: () => this.#changed(),
    })
    this.#shares.push(share)
    share.look() // preparing has taken its time
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
    } else await share.end(STOPPED)
    return share.status()
  }

  /** @throws Fault what is wrong with it, or why the relay does not let this machine in */
  async saveRelay(relay: ShareRelay): Promise<ShareWay[]> {
    await this.#ways.save(relay)
    return this.ways()
  }

  /** Apps that are shown by it stay so. @throws Fault `not-found` */
  async forgetRelay(url: string): Promise<ShareWay[]> {
    await this.#ways.forget(url)
    return this.ways()
  }

  /** The config or the listeners may have changed. */
  look(): void {
    for (const share of this.#shares) share.look()
  }

  /** For good. May be called again, to have less patience. @param graceMs for programs of tools to end by themselves */
  async close(graceMs?: number): Promise<void> {
    this.#closed = true
    await Promise.all(this.#shares.map((share) => share.end({ message: 'Portico has stopped.' }, graceMs)))
  }

  /** @throws Fault `conflict`: two would take visitors from each other */
  #requireNew(app: string, { via, name }: Prepared): void {
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
