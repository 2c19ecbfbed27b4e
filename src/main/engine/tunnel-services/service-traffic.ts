import { formatAuthority } from '../../../shared/hostname.js'
import type { TunnelRefusal } from '../../../shared/tunnel-schemas.js'
import { HopTraffic, NO_TRAFFIC, type TrafficFigures } from '../share/hop-traffic.js'
import type { AgentEvent, AgentProxy } from '../tunnel/agent/agent-events.js'

/** Of refusals, each kind once. */
const KEPT = 20

export interface TargetFigures extends TrafficFigures {
  /** of the latest connection, in milliseconds; null before one */
  connectMs: number | null
}

/** A connection of a user that is open. */
export interface ServiceConnection {
  host: string
  port: number
  /** that was dialled */
  address: string
  stream: Extract<AgentEvent, { type: 'dialled' }>['stream']
}

/** Counts what users of a relay send and get: in all, and for each target that a port of the relay leads to. */
export class ServiceTraffic {
  readonly all = new HopTraffic()
  /** what a relay asks for besides its ports has no place of its own here: it could ask for anything */
  #targets = new Map<string, { traffic: HopTraffic; connectMs: number | null }>()
  readonly #open = new Set<ServiceConnection>()
  /** oldest first */
  #refusals: TunnelRefusal[] = []

  /** users' connections that are open now */
  get open(): ReadonlySet<ServiceConnection> {
    return this.#open
  }

  /** newest first */
  get refusals(): TunnelRefusal[] {
    return this.#refusals.toReversed()
  }

  of(host: string, port: number): TargetFigures {
    const target = this.#targets.get(formatAuthority(host, port))
    return target === undefined
      ? { ...NO_TRAFFIC, connectMs: null }
      : { ...target.traffic.read(), connectMs: target.connectMs }
  }

  /** These ports lead here now. */
  know(proxies: readonly AgentProxy[]): void {
    const before = this.#targets
    const names = proxies.map(({ remoteHost, remotePort }) => formatAuthority(remoteHost, remotePort))
    this.#targets = new Map(
      names.map((name) => [name, before.get(name) ?? { traffic: new HopTraffic(), connectMs: null }]),
    )
  }

  made({ target, address, connectMs, stream }: Extract<AgentEvent, { type: 'dialled' }>): ServiceConnection {
    const { host, port } = target
    const connection = { host, port, address, stream }
    this.#open.add(connection)
    stream.once('close', () => this.#open.delete(connection))
    this.all.add(stream)
    const known = this.#targets.get(formatAuthority(host, port))
    known?.traffic.add(stream)
    if (known !== undefined) known.connectMs = connectMs
    return connection
  }

  /** @param now `Date.now()` */
  refused({ target, reason }: Extract<AgentEvent, { type: 'failed' }>, now: number): void {
    const name = target.kind === 'tcp' ? formatAuthority(target.host, target.port) : target.name
    this.all.addFailure()
    this.#targets.get(name)?.traffic.addFailure()
    const before = this.#refusals.find((one) => one.target === name && one.reason === reason)
    const refusal = { target: name, reason, time: new Date(now).toISOString(), count: (before?.count ?? 0) + 1 }
    this.#refusals = [...this.#refusals.filter((one) => one !== before), refusal].slice(-KEPT)
  }
}
