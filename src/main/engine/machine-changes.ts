import type { EventEmitter } from 'node:events'
import type { Config } from '../../shared/config.js'
import { Fault } from '../../shared/fault.js'
import type { SystemGroup, SystemList, SystemOutcome, SystemPlan, SystemWish } from '../../shared/system-schemas.js'
import type { TrustAction, TrustOutcome, TrustPlan, TrustStatus } from '../../shared/trust-schemas.js'
import type { HostFacts } from './engine-options.js'
import type { SystemSettings } from './system-settings.js'
import type { AuthorityInfo } from './tls/certificates.js'
import { type TrustStores, trustStatus } from './trust-stores.js'

export interface MachineChangesOptions {
  host: Pick<HostFacts, 'trustStores' | 'systemSettings'> | undefined
  authority: () => AuthorityInfo
  /** that is served, with what the command line says over it */
  config: () => Config
  events: EventEmitter
  /** A setting has changed; resolves when the engine goes by it. */
  settled: (group: SystemGroup) => Promise<void>
}

interface TrustWish {
  action: TrustAction
  stores?: string[] | undefined
}

/** What the engine has changed on its machine, by plans that were shown, and who has to hear of it. */
export class MachineChanges {
  readonly #options: MachineChangesOptions

  constructor(options: MachineChangesOptions) {
    this.#options = options
  }

  trustStatus(): Promise<TrustStatus> {
    const { host, authority } = this.#options
    return trustStatus(host?.trustStores ?? null, authority())
  }

  /** @throws Fault `not-supported` where the engine was told of no stores, as `trustApply`; else as `TrustStores` */
  trustPlan({ action, stores }: TrustWish): Promise<TrustPlan> {
    return this.#trustStores().plan(action, this.#options.authority(), stores)
  }

  async trustApply({ action, stores, id }: TrustWish & { id: string }): Promise<TrustOutcome> {
    const outcome = await this.#trustStores().apply(action, this.#options.authority(), id, stores)
    void this.tellTrust()
    return outcome
  }

  /** Tells those who follow how the stores stand now. Never rejects: a look that fails is told to who asks for one. */
  async tellTrust(): Promise<void> {
    const { events } = this.#options
    if (events.listenerCount('trust') === 0) return
    const status = await this.trustStatus().catch(() => null)
    if (status !== null) events.emit('trust', status)
  }

  async systemList(): Promise<SystemList> {
    const { host, config } = this.#options
    return (await host?.systemSettings?.list(config())) ?? { names: [], ports: [] }
  }

  /** @throws Fault `not-supported` where the engine was told of no settings, as `systemApply`; else as `SystemSettings` */
  systemPlan(wish: SystemWish): Promise<SystemPlan> {
    return this.#systemSettings().plan(wish, this.#options.config())
  }

  async systemApply({ id, ...wish }: SystemWish & { id: string }): Promise<SystemOutcome> {
    const outcome = await this.#systemSettings().apply(wish, this.#options.config(), id)
    await this.#options.settled(wish.group)
    return outcome
  }

  #trustStores(): TrustStores {
    const stores = this.#options.host?.trustStores
    if (stores !== undefined) return stores
    throw new Fault(
      'not-supported',
      'The trust stores of this machine are out of reach here.',
      'Use: portico ca install',
    )
  }

  #systemSettings(): SystemSettings {
    const settings = this.#options.host?.systemSettings
    if (settings !== undefined) return settings
    const hint = 'Use: portico dns install, and portico low-ports install'
    throw new Fault('not-supported', 'The settings of this machine are out of reach here.', hint)
  }
}
