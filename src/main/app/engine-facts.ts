import type { Status } from '../../shared/contract.js'
import type { ShareStatus } from '../../shared/share-schemas.js'
import type { TunnelStatus } from '../../shared/tunnel-schemas.js'
import type { BackendStatus, DiscoveredPort, ProcessStatus } from '../../shared/window-schemas.js'
import type { EngineClient } from './engine-client.js'

export type Fact = 'status' | 'ports' | 'backends' | 'processes' | 'shares' | 'tunnels'

/** An app that is shown outside, as far as the shell tells of it. */
export type SharedFact = Pick<ShareStatus, 'id' | 'app' | 'url' | 'state'>

/** A relay whose users reach services here, as far as the shell tells of it. */
export type TunnelFact = Pick<TunnelStatus, 'relay' | 'state'>

/** What the shell knows of the engine, kept current; while the engine is away it stays what it was last. */
export class EngineFacts {
  status: Status | null = null
  discovered: readonly DiscoveredPort[] = []
  backends: readonly BackendStatus[] = []
  processes: readonly ProcessStatus[] = []
  /** those that have not ended */
  shares: readonly SharedFact[] = []
  /** those that have not ended */
  tunnels: readonly TunnelFact[] = []
  readonly #engine: Pick<EngineClient, 'call' | 'on' | 'onState'>
  readonly #listeners: ((what: Fact) => void)[] = []
  #endProcesses: (() => void) | null = null

  constructor(engine: Pick<EngineClient, 'call' | 'on' | 'onState'>) {
    this.#engine = engine
    engine.onState(({ state }) => {
      if (state === 'running') void this.refresh()
    })
    engine.on('status', (status) => this.#setStatus(status))
    engine.on('shares', (shares) => this.#setShares(shares))
    engine.on('tunnels', (tunnels) => this.#setTunnels(tunnels))
    engine.on('backends', (backends) => this.#set('backends', () => (this.backends = backends)))
  }

  /** Calls the listener with each change, after it. */
  onChange(listener: (what: Fact) => void): void {
    this.#listeners.push(listener)
  }

  /** Asks for everything anew. An engine that cannot answer changes nothing: its state says what is wrong. */
  async refresh(): Promise<void> {
    const { call } = this.#engine
    try {
      this.#setStatus(await call('status', {}))
      const [backends, processes] = await Promise.all([call('backends.list', {}), call('processes.list', {})])
      this.#set('backends', () => (this.backends = backends))
      this.#set('processes', () => (this.processes = processes))
      this.#setShares(await call('share.list', {}))
      this.#setTunnels(await call('tunnel.list', {}))
      const discovered = await call('ports.list', {})
      this.#set('ports', () => (this.discovered = discovered))
    } catch {
      return // what was known last stays
    }
  }

  #setStatus(status: Status): void {
    this.#set('status', () => (this.status = status))
    this.#followProcesses(status.apps.some(({ app }) => app.process !== undefined))
  }

  /** Their figures come every second: what is told here changes seldom. */
  #setShares(all: readonly ShareStatus[]): void {
    const shares = all
      .filter(({ state }) => state !== 'ended')
      .map(({ id, app, url, state }): SharedFact => ({ id, app, url, state }))
    if (JSON.stringify(shares) !== JSON.stringify(this.shares)) this.#set('shares', () => (this.shares = shares))
  }

  #setTunnels(all: readonly TunnelStatus[]): void {
    const tunnels = all
      .filter(({ state }) => state !== 'ended')
      .map(({ relay, state }): TunnelFact => ({ relay, state }))
    if (JSON.stringify(tunnels) !== JSON.stringify(this.tunnels)) this.#set('tunnels', () => (this.tunnels = tunnels))
  }

  /** Whoever follows this event has the engine measure the processes: only where there are any. */
  #followProcesses(wanted: boolean): void {
    if (wanted === (this.#endProcesses !== null)) return
    this.#endProcesses?.()
    this.#endProcesses = wanted
      ? this.#engine.on('processes', (processes) => this.#set('processes', () => (this.processes = processes)))
      : null
    if (!wanted) this.#set('processes', () => (this.processes = []))
  }

  #set(what: Fact, change: () => unknown): void {
    change()
    for (const listener of this.#listeners) listener(what)
  }
}
