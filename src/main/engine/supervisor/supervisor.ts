import type { Logger } from 'pino'
import type { App } from '../../../shared/config.js'
import { Fault } from '../../../shared/fault.js'
import type { OutputLine, ProcessStatus } from '../../../shared/window-schemas.js'
import { Spawner } from './app-child.js'
import { AppProcess } from './app-process.js'
import { AppSet } from './app-set.js'
import { untilReady } from './await-ready.js'
import { untilDependenciesReady } from './dependencies.js'
import type { Ledger } from './ledger.js'
import { recover } from './orphans.js'
import { preferredPort } from './port-lease.js'
import { PortLeases } from './port-leases.js'
import type { PortHolder } from './port-taken.js'
import { killNow } from './process-groups.js'
import type { LaunchPlan, ProcessHost, Timing } from './process-host.js'
import type { ProcessSystem } from './process-system.js'
import { backOffMs, STABLE_MS } from './restart-policy.js'
import type { ProcessSettings } from './settings.js'
import { stopAll, untilStopped } from './stop-all.js'
import { UsageMeter } from './usage-meter.js'
import { type WayMaking, Ways } from './ways.js'

export interface SupervisorOptions<Target> extends WayMaking<Target> {
  system: ProcessSystem
  ledger: Ledger
  log: Logger
  holderOf(port: number): Promise<PortHolder | null>
  plan(settings: ProcessSettings, port: number): Promise<LaunchPlan>
  onChange(): void
  onOutput(app: string, lines: OutputLine[]): void
  timing?: Timing
}

const STANDARD_TIMING: Timing = { backOffMs: (crashes) => backOffMs(crashes, Math.random()), stableMs: STABLE_MS }
const FOREVER = new AbortController().signal

/**
 * The processes of all apps: starts them, keeps them running, and ends each with all that it has started. What the request
 * path needs of them is `target`, `ready`, `status`, `enter` and `leave`.
 */
export class Supervisor<Target> {
  readonly #options: SupervisorOptions<Target>
  readonly #host: ProcessHost
  readonly #meter: UsageMeter
  readonly #set: AppSet
  readonly #ways: Ways<Target>
  readonly #leases = new PortLeases()
  readonly #hurry = new AbortController()
  readonly #onExit = () => {
    for (const { run } of this.#set.processes.values()) killNow(this.#options.system, run.leaders)
  }
  #begun = false
  #closing: Promise<void> | null = null

  constructor(options: SupervisorOptions<Target>) {
    const { system, ledger, log } = options
    let spawner: Promise<Spawner> | null = null
    this.#options = options
    this.#meter = new UsageMeter(system)
    this.#ways = new Ways(options)
    this.#set = new AppSet({
      make: (settings) => {
        const process = new AppProcess(settings, this.#host)
        process.onChange(() => this.#ways.follow(process))
        return process
      },
      onGone: (app) => {
        this.#ways.forget(app)
        this.#leases.forget(app)
        options.onChange()
      },
    })
    this.#host = {
      system,
      ledger,
      log,
      recovered: recover(ledger, system, log),
      timing: options.timing ?? STANDARD_TIMING,
      holderOf: options.holderOf,
      spawner: () => {
        spawner ??= Spawner.load(system.spawnOptions)
        return spawner
      },
      plan: options.plan,
      lease: (app, former) =>
        this.#leases.lease(app, former ?? preferredPort(app, this.#set.folder), (port) =>
          [...this.#set.processes.values()].some(({ settings }) => settings.port === port),
        ),
      awaitDependencies: (settings, wait) =>
        untilDependenciesReady(settings, wait, (name) => {
          const app = this.#set.apps.get(name)
          return app === undefined ? null : { app, process: this.#set.find(name) }
        }),
      changed: options.onChange,
      printed: options.onOutput,
    }
  }

  /** What an earlier gateway left behind has ended. Never rejects. */
  get recovered(): Promise<void> {
    return this.#host.recovered
  }

  /**
   * Takes the apps of the config: what is new is started if it is to be, what changed is restarted, what is gone is stopped.
   *
   * @param apps with their paths made absolute
   * @param folder in which those run that name none
   */
  apply(apps: readonly App[], folder: string): void {
    if (this.#closing !== null) return
    this.#set.replace(apps, folder)
    if (this.#begun) this.#set.settle()
  }

  /** Starts the apps that are to be started now. Until then none is. */
  begin(): void {
    if (this.#closing !== null) return
    this.#begun = true
    process.once('exit', this.#onExit)
    this.#set.settle()
  }

  /** Where requests for an app go now; null unless its process is ready. The same object as long as its port and settings are. */
  target(app: string): Target | null {
    return this.#ways.target(app)
  }

  /**
   * Starts an app's process if a request may, and waits until it is ready.
   *
   * @throws Fault when it will not be ready; or the reason of the signal
   */
  async ready(app: string, signal: AbortSignal): Promise<Target> {
    const process = this.#process(app)
    const { condition, settings } = process
    const idle = condition.name === 'stopped' && condition.why === 'idle'
    if (settings.start === 'request' || idle) process.dispatch({ type: 'start', by: 'request' })
    await untilReady(process, 'request', signal)
    const target = this.target(app)
    if (target === null) return this.ready(app, signal)
    return target
  }

  /** How an app's process is; null for an app without. */
  status(app: string): ProcessStatus | null {
    return this.#set.find(app)?.status(this.#meter.of(app)) ?? null
  }

  /** A request for an app has begun: it is not idle until `leave`. */
  enter(app: string): void {
    this.#set.processes.get(app)?.idle.enter()
  }

  leave(app: string): void {
    this.#set.processes.get(app)?.idle.leave()
  }

  /** Resolves when it is ready. @throws Fault */
  async start(app: string): Promise<ProcessStatus> {
    const process = this.#process(app)
    process.dispatch({ type: 'start', by: 'person' })
    await untilReady(process, 'person', FOREVER)
    return process.status(this.#meter.of(app))
  }

  /** Resolves when nothing is left of it. Nobody but a person starts it again. @throws Fault */
  async stop(app: string): Promise<ProcessStatus> {
    const process = this.#process(app)
    process.dispatch({ type: 'stop', why: 'person' })
    await untilStopped(process)
    return process.status(null)
  }

  async restart(app: string): Promise<ProcessStatus> {
    const process = this.#process(app)
    process.dispatch({ type: 'restart' })
    await untilReady(process, 'person', FOREVER)
    return process.status(this.#meter.of(app))
  }

  /** All of them, in the order of the config, with the figures of this moment. */
  async list(): Promise<ProcessStatus[]> {
    const running = [...this.#set.processes].filter(([, { run }]) => run.leaders.length > 0)
    try {
      await this.#meter.look(new Map(running.map(([app, { run }]) => [app, run.leaders])))
    } catch (error) {
      this.#options.log.warn({ err: error }, 'what the processes use cannot be found out')
    }
    return [...this.#set.apps.keys()].flatMap((app) => this.status(app) ?? [])
  }

  /** The latest lines of an app's output, oldest first; those up to the `seq` of `after` are left out. */
  lines(app: string, options: { after?: number | undefined; limit?: number | undefined }): OutputLine[] {
    return this.#set.find(app)?.output.lines(options) ?? []
  }

  /**
   * Stops all of them, and ends by force those that are left after a while. May be called again, to have less of it.
   *
   * @param graceMs the longest to wait; 0 ends them by force at once
   */
  close(graceMs: number): Promise<void> {
    if (graceMs === 0) this.#hurry.abort()
    this.#closing ??= this.#close(graceMs)
    return this.#closing
  }

  async #close(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#hurry.abort(), graceMs)
    const hurried = new Promise<void>((resolve) => {
      this.#hurry.signal.addEventListener('abort', () => resolve(), { once: true })
      if (this.#hurry.signal.aborted) resolve()
    })
    await Promise.race([this.#host.recovered, hurried])
    await stopAll(this.#set.processes, this.#hurry.signal)
    clearTimeout(timer)
    await Promise.all([...this.#set.processes.values()].map((process) => process.close()))
    await this.#options.ledger.settled()
    process.off('exit', this.#onExit)
  }

  #process(app: string): AppProcess {
    const found = this.#set.find(app)
    if (found === null) throw new Fault('not-found', `${app} has no process.`, 'Give it a "process" in the config.')
    if (!found.enabled) throw new Fault('conflict', `${app} is disabled.`, `portico app enable ${app}`)
    if (this.#closing !== null) throw new Fault('conflict', 'Portico is stopping.')
    return found
  }
}
