import type { Logger } from 'pino'
import type { AppStatus, Listener } from '../../../shared/contract.js'
import { Fault } from '../../../shared/fault.js'
import { type OwnPlaces, ownPlaces } from '../../../shared/own-places.js'
import type { TunnelOpen, TunnelStatus } from '../../../shared/tunnel-schemas.js'
import { KeptRelays, noSuchRelay } from '../share/kept-relays.js'
import { accessTo, relayName } from '../share/saved-relay.js'
import { readAllow } from './read-allow.js'
import { ServiceTunnel, type TunnelFigures } from './service-tunnel.js'

export interface TunnelsOptions {
  /** absolute */
  dataDir: string
  log: Logger
  /** as the config in use has them */
  apps(): readonly Pick<AppStatus, 'name' | 'enabled' | 'app'>[]
  /** of the apps that have one, with the port it listens on */
  processes(): readonly { app: string; port: number | null }[]
  /** that are open now */
  listeners(): readonly Listener[]
  /** what a person's terminals have, which may name a proxy */
  environment(): Promise<Readonly<Record<string, string | undefined>>>
  /** what `list` tells has changed */
  changed(): void
}

/** The relays whose users reach TCP services of this machine. None is opened again by itself after a restart. */
export class Tunnels {
  readonly #options: TunnelsOptions
  readonly #relays: KeptRelays
  /** by the address of the relay */
  readonly #tunnels = new Map<string, ServiceTunnel>()
  #closed = false

  constructor(options: TunnelsOptions) {
    this.#options = options
    this.#relays = new KeptRelays(options.dataDir)
  }

  /** In the order in which they were opened. */
  list(): TunnelStatus[] {
    return [...this.#tunnels.values()].map((tunnel) => tunnel.status())
  }

  /** Whether one is there that has figures. */
  get active(): boolean {
    return [...this.#tunnels.values()].some(({ ended }) => !ended)
  }

  /** Of those that are there, for the metrics. */
  figures(): TunnelFigures[] {
    return [...this.#tunnels.values()].filter(({ ended }) => !ended).map((tunnel) => tunnel.figures())
  }

  /**
   * Begins; what becomes of it is told by `changed`. One that is open goes on, with what is allowed now.
   *
   * @throws Fault `usage`, `not-found`
   */
  async open(wish: TunnelOpen): Promise<TunnelStatus> {
    const relay = relayName(wish.relay)
    const allowance = readAllow(wish.allow)
    const kept = (await this.#relays.list()).find(({ url }) => url === relay)
    const before = this.#living(relay)
    if (kept === undefined && before === null) throw noSuchRelay(relay)
    const env = await this.#options.environment()
    const living = this.#living(relay)
    if (living !== null) {
      await living.allow(allowance)
      return living.status()
    }
    if (this.#closed || kept === undefined) throw new Fault('conflict', 'Portico is stopping.')
    const { log, changed } = this.#options
    const access = accessTo(kept, env)
    const places = () => this.#places()
    const tunnel = new ServiceTunnel({ relay, access, allowance, places, log, onChange: changed })
    this.#tunnels.set(relay, tunnel)
    changed()
    return tunnel.status()
  }

  /** Ends it, with every user's connection; one that has ended already is taken from the list. @throws Fault `not-found` */
  end(written: string): TunnelStatus[] {
    const relay = relayName(written)
    const tunnel = this.#tunnels.get(relay)
    if (tunnel === undefined) {
      throw new Fault('not-found', `No services are reached through ${relay}.`, 'Nothing is left to be closed.')
    }
    tunnel.close()
    this.#tunnels.delete(relay)
    this.#options.changed()
    return this.list()
  }

  /** The config or the listeners may have changed. */
  look(): void {
    for (const tunnel of this.#tunnels.values()) tunnel.look()
  }

  /** For good. */
  close(): void {
    this.#closed = true
    for (const tunnel of this.#tunnels.values()) tunnel.close()
  }

  #living(relay: string): ServiceTunnel | null {
    const tunnel = this.#tunnels.get(relay)
    return tunnel === undefined || tunnel.ended ? null : tunnel
  }

  /** Null while the gateway listens nowhere: who turns it off means all that others have of this machine. */
  #places(): OwnPlaces | null {
    const { apps, processes, listeners } = this.#options
    const open = listeners()
    return open.length === 0 ? null : ownPlaces(apps(), processes(), open)
  }
}
