import type { EventEmitter } from 'node:events'
import type { ShareRelay, ShareStart, ShareStatus, ShareWay } from '../../shared/share-schemas.js'
import type { EventSource } from './event-sources.js'
import { ChangesAndFigures } from './paced-events.js'
import type { ShareFigures } from './share/share.js'
import type { Shares, SharesOptions } from './share/shares.js'

/** Shares, loaded when somebody asks for them: a gateway without any does not need tunnels in its memory. */
export class LazyShares {
  readonly source: EventSource
  readonly #options: Omit<SharesOptions, 'changed'>
  readonly #changes: ChangesAndFigures
  #loading: Promise<Shares> | null = null
  #shares: Shares | null = null
  #closed = false

  /** @param events hears `shares`, and tells by `status` that the config or the listeners have changed */
  constructor(events: EventEmitter, options: Omit<SharesOptions, 'changed'>) {
    this.#options = options
    this.#changes = new ChangesAndFigures(
      () => events.emit('shares', this.list()),
      () => this.#shares?.active === true,
    )
    this.source = this.#changes
    events.on('status', () => this.#shares?.look())
  }

  list(): ShareStatus[] {
    return this.#shares?.list() ?? []
  }

  figures(): ShareFigures[] {
    return this.#shares?.figures() ?? []
  }

  async ways(): Promise<ShareWay[]> {
    return (await this.#load()).ways()
  }

  async start(wish: ShareStart): Promise<ShareStatus> {
    return (await this.#load()).start(wish)
  }

  async stop(id: string): Promise<ShareStatus> {
    return (await this.#load()).stop(id)
  }

  async saveRelay(relay: ShareRelay): Promise<ShareWay[]> {
    return (await this.#load()).saveRelay(relay)
  }

  async forgetRelay(url: string): Promise<ShareWay[]> {
    return (await this.#load()).forgetRelay(url)
  }

  /** For good. May be called again, to have less patience. @param graceMs for programs of tools to end by themselves */
  async close(graceMs?: number): Promise<void> {
    this.#closed = true
    const shares = await this.#loading?.catch(() => null) // there is nothing to close then
    await shares?.close(graceMs)
  }

  async #load(): Promise<Shares> {
    this.#loading ??= import('./share/shares.js').then(async ({ Shares }) => {
      this.#shares = new Shares({ ...this.#options, changed: () => this.#changes.changed() })
      if (this.#closed) await this.#shares.close()
      return this.#shares
    })
    return this.#loading
  }
}
