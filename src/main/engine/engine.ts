import type { Config } from '../../shared/config.js'
import {
  COMMANDS,
  type CommandName,
  type CommandParams,
  type CommandResult,
  type EventName,
  type EventPayload,
  type Portal,
  type Status,
} from '../../shared/contract.js'
import { Fault } from '../../shared/fault.js'
import type { SystemGroup } from '../../shared/system-schemas.js'
import { commandedParts } from './commanded-parts.js'
import { executors } from './commands.js'
import { Doctor } from './doctor/doctor.js'
import type { EngineOptions } from './engine-options.js'
import { appNames, type EngineParts, openParts } from './engine-parts.js'
import { EngineStatus } from './engine-status.js'
import { Listening } from './listening.js'
import { MachineChanges } from './machine-changes.js'
import { listenPlan } from './open-listeners.js'
import { stopParts } from './stop-parts.js'
import type { RotationChange } from './tls/rotation.js'
import { upstreamRoutesOf } from './upstream-routes.js'

export type { EngineOptions } from './engine-options.js'

const DRAIN_MS = 9_000

/**
 * Owns every part of the gateway and executes the contract. Exactly one lives in a process that serves; tests make
 * their own.
 */
export class Engine implements Portal {
  /** resolves when a stop, by `stop()` or by the command, has finished */
  readonly stopped: Promise<void>
  readonly #options: EngineOptions
  readonly #parts: EngineParts
  readonly #listening: Listening
  readonly #machine: MachineChanges
  readonly #status: EngineStatus
  readonly #drainMs: number
  readonly #executors: ReturnType<typeof executors>
  #state: Status['state'] = 'starting'
  #stopping: Promise<void> | null = null
  /** configs are applied one after the other */
  #changes: Promise<void> = Promise.resolve()
  #resolveStopped!: () => void

  /**
   * Loads config and CA, opens the listeners, and serves.
   *
   * @throws Fault when the config is invalid, the CA damaged or no port can be had; nothing stays open then
   */
  static async start(options: EngineOptions): Promise<Engine> {
    const parts = await openParts(options)
    const engine = new Engine(options, parts)
    try {
      await engine.#begin()
    } catch (error) {
      await engine.stop({ drainMs: 0 })
      throw error
    }
    return engine
  }

  private constructor(options: EngineOptions, parts: EngineParts) {
    this.#options = options
    this.#parts = parts
    this.#drainMs = options.drainMs ?? DRAIN_MS
    const { listen, lan } = parts.store.current
    const plan = listenPlan(listen, options.overrides, lan.enabled)
    this.#listening = new Listening(parts.gateway, plan, options.host)
    this.#status = new EngineStatus(options, parts, this.#listening)
    this.stopped = new Promise((resolve) => {
      this.#resolveStopped = resolve
    })
    this.#machine = new MachineChanges({
      host: options.host,
      authority: () => parts.certificates.authority,
      config: () => this.#status.servedConfig(),
      events: parts.events,
      settled: (group) => this.#settle(group),
    })
    const doctor = new Doctor({
      portal: this,
      host: options.host,
      dataDir: options.dataDir,
      tell: (progress) => parts.events.emit('doctor', progress),
    })
    this.#executors = executors({
      ...commandedParts(parts),
      status: () => this.status(),
      rotateAuthority: (change) => this.#rotateAuthority(change),
      keyVault: options.host?.keyVault ?? null,
      sealKey: (sealed) => this.#sealKey(sealed),
      machine: this.#machine,
      appStatus: (app) => this.#status.ofApp(app),
      doctor: (topics) => doctor.run(topics),
      applied: () => this.#changes,
      pause: () => this.#switch('pause'),
      resume: () => this.#switch('resume'),
      stop: () => void this.stop(),
    })
    parts.panel.serve(this)
    parts.events.on('certificates-changed', () => this.#announce())
    parts.events.on('observe-changed', () => this.#announce())
    parts.events.on('warnings-changed', () => this.#announce())
    parts.store.onChange((change) => {
      if ('config' in change) this.#changes = this.#changes.then(() => this.#apply(change.config))
      else this.#announce()
    })
  }

  /** Executes a command of the contract. Rejects with a Fault. */
  async call<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>> {
    if (!Object.hasOwn(COMMANDS, name)) throw new Fault('bad-request', `There is no command "${name}".`)
    const parsed = COMMANDS[name].params.safeParse(params)
    if (!parsed.success)
      throw new Fault(
        'bad-request',
        `"${name}" was called with invalid parameters: ${parsed.error.issues[0]?.message}.`,
      )
    return this.#executors[name](parsed.data as never) as Promise<CommandResult<N>>
  }

  /** Subscribes to an event of the contract; returns the function that ends the subscription. */
  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void {
    return this.#parts.sources.on(name, listener)
  }

  status(): Status {
    return this.#status.read(this.#state)
  }

  /**
   * Stops accepting, lets exchanges in progress end and then ends what is left. May be called more than once.
   *
   * @param options.drainMs the longest to wait for exchanges, as in the options unless told
   */
  stop({ drainMs = this.#drainMs }: { drainMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(drainMs)
    if (drainMs === 0) {
      void this.#parts.gateway.stop(0)
      void this.#parts.processes.processes.close(0)
      void this.#parts.shares.close(0)
      this.#parts.tunnels.close()
    }
    return this.#stopping
  }

  async #stop(drainMs: number): Promise<void> {
    this.#state = 'stopping'
    this.#listening.end()
    this.#announce()
    await stopParts(this.#parts, drainMs)
    this.#resolveStopped()
  }

  async #begin(): Promise<void> {
    await this.#parts.observeConfig(this.#parts.store.current, this.#parts.gateway.snapshot())
    await this.#listening.open()
    await this.#parts.dns.apply(this.#parts.store.current.dns)
    await this.#parts.lan.apply(true)
    this.#parts.certificates.begin()
    this.#parts.processes.processes.begin()
    this.#parts.upstreams.start()
    this.#state = 'running'
    this.#announce()
    void this.#parts.temporary.look()
    void this.#parts.caches.forgetFormer(this.#options.dataDir)
  }

  /** A new config starts serving at once; exchanges under way keep the one they began with. */
  async #apply(config: Config): Promise<void> {
    const { gateway, upstreams, traffic, certificates } = this.#parts
    const snapshot = this.#parts.compile(config)
    gateway.apply(snapshot)
    this.#parts.panel.reload()
    this.#parts.policies.sweep()
    traffic.apply(appNames(snapshot))
    const observed = this.#parts.observeConfig(config, snapshot)
    upstreams.apply(upstreamRoutesOf(snapshot))
    this.#parts.processes.apply()
    await observed
    await certificates.reload()
    await this.#listening.move(listenPlan(config.listen, this.#options.overrides, config.lan.enabled))
    if (!this.#listening.paused) await this.#parts.dns.apply(config.dns)
    await this.#parts.lan.apply(!this.#listening.paused)
    this.#announce()
  }

  /** Turns the gateway off or on, after the configs that came before. @throws Fault when it cannot be turned on */
  async #switch(to: 'pause' | 'resume'): Promise<Status> {
    const turned = this.#changes.then(() =>
      to === 'pause' ? this.#listening.pause(this.#drainMs) : this.#listening.open(),
    )
    this.#changes = turned.catch(() => {}) // told to who asked
    await turned
    if (this.#state !== 'stopping') this.#state = this.#listening.paused ? 'paused' : 'running'
    this.#parts.observe.serve(this.#state === 'running')
    if (this.#state === 'running') this.#parts.upstreams.start()
    else this.#parts.upstreams.pause()
    const { dns } = this.#parts.store.current
    await this.#parts.dns.apply({ ...dns, enabled: dns.enabled && this.#state === 'running' })
    await this.#parts.lan.apply(this.#state === 'running')
    this.#announce()
    return this.status()
  }

  /** What clients of apps find the CA by is made anew with it. */
  async #rotateAuthority(change: RotationChange): Promise<void> {
    const { certificates } = this.#parts
    const authority = await certificates.rotate(change)
    const { host, log, dataDir } = this.#options
    await host?.trustStores?.variables(authority, dataDir).catch((err) => log.warn({ err }, 'CA bundle not renewed'))
    this.#announce()
    void this.#machine.tellTrust()
  }

  async #sealKey(sealed: boolean): Promise<void> {
    await this.#parts.certificates.seal(sealed)
    this.#announce()
  }

  /** A setting of the machine has changed: after the configs that came before, what goes by it is looked at again. */
  async #settle(group: SystemGroup): Promise<void> {
    if (group === 'ports') {
      this.#changes = this.#changes.then(() => this.#listening.lookAgain())
      await this.#changes
    }
    this.#announce()
  }

  #announce(): void {
    this.#parts.events.emit('status', this.status())
  }
}
