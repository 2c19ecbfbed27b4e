import { setTimeout as delay } from 'node:timers/promises'
import type { App, Config } from '../../shared/config.js'
import {
  type AppStatus,
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
import { appStatus } from './app-status.js'
import { Caches } from './caches.js'
import { executors } from './commands.js'
import { unsupportedFeatures } from './config/unsupported.js'
import { Doctor } from './doctor/doctor.js'
import type { EngineOptions } from './engine-options.js'
import { appNames, type EngineParts, listCertificates, openParts, renewCertificate } from './engine-parts.js'
import { AVAILABLE_POLICIES } from './gateway/policies/make-policy.js'
import { Listening } from './listening.js'
import { MachineChanges } from './machine-changes.js'
import { listenPlan } from './open-listeners.js'
import type { RotationChange } from './tls/rotation.js'
import { upstreamRoutesOf } from './upstream-routes.js'

export type { EngineOptions } from './engine-options.js'

const DRAIN_MS = 9_000
/** for what logs and traces still have to tell when all has ended */
const OBSERVED_MS = 2_000
/** of the time to stop in, for requests under way */
const SERVING_SHARE = 2 / 3

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
  readonly #startedAt = Date.now()
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
    this.stopped = new Promise((resolve) => {
      this.#resolveStopped = resolve
    })
    this.#machine = new MachineChanges({
      host: options.host,
      authority: () => parts.certificates.authority,
      config: () => this.#servedConfig(),
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
      status: () => this.status(),
      store: parts.store,
      traffic: parts.traffic,
      upstreams: parts.upstreams,
      processes: parts.processes.processes,
      stats: parts.stats,
      caches: new Caches(() => parts.policies.all()),
      history: parts.observe.history,
      authority: () => parts.certificates.authority,
      rotateAuthority: (change) => this.#rotateAuthority(change),
      keyVault: options.host?.keyVault ?? null,
      sealKey: async (sealed) => {
        await parts.certificates.seal(sealed)
        this.#announce()
      },
      machine: this.#machine,
      appStatus: (app) => this.#appStatus(app),
      temporary: parts.temporary,
      panel: parts.panel,
      doctor: (topics) => doctor.run(topics),
      ports: () => parts.discovery.list(),
      certificates: () => listCertificates(parts),
      renewCertificate: (name) => renewCertificate(parts, name),
      phones: parts.lan.phones,
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
    const config = this.#parts.store.current
    return {
      state: this.#state,
      version: this.#options.version,
      pid: process.pid,
      uptimeMs: Date.now() - this.#startedAt,
      dataDir: this.#options.dataDir,
      configFile: this.#parts.store.file,
      listeners: this.#parts.gateway.listeners.open,
      apps: config.apps.map((app) => this.#appStatus(app)),
      configError: this.#parts.store.error,
      warnings: [
        ...this.#listening.warnings,
        ...this.#parts.dns.warnings,
        ...this.#parts.lan.warnings,
        ...unsupportedFeatures(config, AVAILABLE_POLICIES),
        ...this.#parts.observe.problems(),
        ...this.#parts.certificates.authorityProblems().map((message) => ({ path: '', message })),
        ...this.#parts.certificates
          .problems()
          .map(({ host, message }) => ({ path: '', message: `${host}: ${message}` })),
      ],
      caFile: this.#parts.certificates.authority.certFile,
    }
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
    }
    return this.#stopping
  }

  async #stop(drainMs: number): Promise<void> {
    this.#state = 'stopping'
    this.#listening.end()
    this.#announce()
    this.#parts.sources.close()
    await this.#parts.temporary.close()
    await this.#parts.store.close()
    await this.#parts.dns.close()
    await this.#parts.lan.close()
    await this.#stopServing(drainMs)
    await this.#parts.observe.close(OBSERVED_MS)
    await this.#parts.panel.close()
    this.#parts.policies.close()
    await this.#parts.upstreams.destroy()
    this.#parts.certificates.close()
    this.#resolveStopped()
  }

  /** Processes go on while requests need them, and have a third of the time for themselves. */
  async #stopServing(drainMs: number): Promise<void> {
    const deadline = performance.now() + drainMs
    const served = this.#parts.gateway.stop(drainMs)
    await Promise.race([served, delay(drainMs * SERVING_SHARE, undefined, { ref: false })])
    await this.#parts.processes.processes.close(Math.max(0, deadline - performance.now()))
    await served
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

  /** A setting of the machine has changed: after the configs that came before, what goes by it is looked at again. */
  async #settle(group: SystemGroup): Promise<void> {
    if (group === 'ports') {
      this.#changes = this.#changes.then(() => this.#listening.lookAgain())
      await this.#changes
    }
    this.#announce()
  }

  /** The config, with what the command line says over it. */
  #servedConfig(): Config {
    const config = this.#parts.store.current
    const { bind, https, http } = listenPlan(config.listen, this.#options.overrides)
    return { ...config, listen: { ...config.listen, bind, https: https.port, http: http.port } }
  }

  #appStatus(app: App): AppStatus {
    const { temporary, lan } = this.#parts
    return appStatus(app, this.#listening.httpsPort, temporary.ownerOf(app.name), lan.placeOf(app.name))
  }

  #announce(): void {
    this.#parts.events.emit('status', this.status())
  }
}
