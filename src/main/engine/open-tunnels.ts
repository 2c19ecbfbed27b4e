import type { EventEmitter } from 'node:events'
import type { TunnelOpen, TunnelStatus } from '../../shared/tunnel-schemas.js'
import type { EventSource } from './event-sources.js'
import { ChangesAndFigures } from './paced-events.js'
import type { TunnelFigures } from './tunnel-services/service-tunnel.js'
import type { Tunnels, TunnelsOptions } from './tunnel-services/tunnels.js'

/** Tunnels of services, loaded when the first one is opened: a gateway without any does not need them in its memory. */
export class LazyTunnels {
  readonly source: EventSource
  readonly #options: Omit<TunnelsOptions, 'changed'>
  readonly #changes: ChangesAndFigures
  #loading: Promise<Tunnels> | null = null
  #tunnels: Tunnels | null = null
  #closed = false

  /** @param events hears `tunnels`, and tells by `status` that the config or the listeners have changed */
  constructor(events: EventEmitter, options: Omit<TunnelsOptions, 'changed'>) {
    this.#options = options
    this.#changes = new ChangesAndFigures(
      () => events.emit('tunnels', this.list()),
      () => this.#tunnels?.active === true,
    )
    this.source = this.#changes
    events.on('status', () => this.#tunnels?.look())
  }

  list(): TunnelStatus[] {
    return this.#tunnels?.list() ?? []
  }

  figures(): TunnelFigures[] {
    return this.#tunnels?.figures() ?? []
  }

  async open(wish: TunnelOpen): Promise<TunnelStatus> {
    return (await this.#load()).open(wish)
  }

  async end(relay: string): Promise<TunnelStatus[]> {
    return (await this.#load()).end(relay)
  }

  /** For good. */
  close(): void {
    this.#closed = true
    this.#tunnels?.close()
  }

  async #load(): Promise<Tunnels> {
    this.#loading ??= import('./tunnel-services/tunnels.js').then(({ Tunnels }) => {
      this.#tunnels = new Tunnels({ ...this.#options, changed: () => this.#changes.changed() })
      if (this.#closed) this.#tunnels.close()
      return this.#tunnels
    })
    return this.#loading
  }
}
