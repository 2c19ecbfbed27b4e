import type { Logger } from 'pino'
import type { App } from '../../../shared/config.js'
import { Fault } from '../../../shared/fault.js'
import type { OutputLine, ProcessStatus } from '../../../shared/window-schemas.js'
import { Spawner } from './app-child.js'
import { AppProcess } from './app-process.js'
import { untilReady } from './await-ready.js'
import { untilDependencyReady } from './dependencies.js'
import type { Ledger } from './ledger.js'
import { endOrphans } from './orphans.js'
import { leasePort, preferredPort } from './port-lease.js'
import type { PortHolder } from './port-taken.js'
import type { LaunchPlan, ProcessHost, Timing } from './process-host.js'
import type { ProcessSystem } from './process-system.js'
import { backOffMs, STABLE_MS } from './restart-policy.js'
import { compileProcess, type ProcessSettings } from './settings.js'
import { stopAll, untilStopped } from './stop-all.js'
import { UsageMeter } from './usage-meter.js'

export interface SupervisorOptions<Target> {
  system: ProcessSystem
  ledger: Ledger
  log: Logger
  holderOf(port: number): Promise<PortHolder | null>
  plan(settings: ProcessSettings, port: number): Promise<LaunchPlan>
  /** where requests go for an app that listens on this port */
  target(port: number, settings: ProcessSettings): Target
  /** requests go there from now on; null: nowhere */
  onTarget(app: string, target: Target | null): void
  onChange(): void
  onOutput(app: string, lines: OutputLine[]): void
  timing?: Timing
}

interface Place<Target> {
  port: number
  settings: ProcessSettings
  target: Target
  /** the process is ready */
  open: boolean
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
  readonly #processes = new Map<string, AppProcess>()
  /** of apps that the config has no more; gone when they have ended */
  readonly #removed = new Set<string>()
  readonly #places = new Map<string, Place<Target>>()
  /** ports that were leased and may not be listened on yet */
  readonly #leases = new Map<string, number>()
  readonly #hurry = new AbortController()
  readonly #onExit = () => this.#killNow()
  #apps: ReadonlyMap<string, App> = new Map()
  #folder = ''
  #begun = false
  #closing: Promise<void> | null = null

  constructor(options: SupervisorOptions<Target>) {
    const { system, ledger, log } = options
    let spawner: Promise<Spawner> | null = null
    this.#options = options
    this.#meter = new UsageMeter(system)
    this.#host = {
      system,
      ledger,
      log,
      recovered: this.#recover(),
      timing: options.timing ?? STANDARD_TIMING,
      holderOf: options.holderOf,
      spawner: () => {
        spawner ??= Spawner.load(system.spawnOptions)
        return spawner
      },
      plan: options.plan,
      lease: (app, former) => this.#lease(app, former),
      awaitDependencies: async (settings, by, onWait, signal) => {
        for (const name of settings.dependsOn) {
          const app = this.#apps.get(name)
          if (app === undefined)
            this.#processes.get(settings.app)?.output.note(`no app is called "${name}": not waited for`)
          else {
            onWait(name)
            const process = this.#find(name)
            await untilDependencyReady({ app, process }, by, settings.startTimeoutMs, signal)
          }
        }
        onWait(null)
      },
      changed: options.onChange,
      printed: options.onOutput,
    }
  }

  /**
   * Takes the apps of the config: what is new is started if it is to be, what changed is restarted, what is gone is stopped.
   *
   * @param apps with their paths made absolute
   * @param folder in which those run that name none
   */
  apply(apps: readonly App[], folder: string): void {
    if (this.#closing !== null) return
    this.#apps = new Map(apps.map((app) => [app.name, app]))
    this.#folder = folder
    for (const [name, process] of this.#processes) {
      const app = this.#apps.get(name)
      if (app?.process === undefined) this.#remove(name, process)
      else if (app.enabled === false) this.#disable(process)
    }
    if (!this.#begun) return
    // All are there before the first one looks for those it depends on.
    const starting = apps.flatMap((app) => this.#applyOne(app) ?? [])
    for (const process of starting) process.dispatch({ type: 'start', by: 'config' })
  }

  /** Starts the apps that are to be started now. Until then none is. */
  begin(): void {
    this.#begun = true
    process.once('exit', this.#onExit)
    this.apply([...this.#apps.values()], this.#folder)
  }

  /** Where requests for an app go now; null unless its process is ready. The same object as long as its port and settings are. */
  target(app: string): Target | null {
    const place = this.#places.get(app)
    return place?.open === true ? place.target : null
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
    return this.#find(app)?.status(this.#meter.of(app)) ?? null
  }

  /** A request for an app has begun: it is not idle until `leave`. */
  enter(app: string): void {
    this.#processes.get(app)?.idle.enter()
  }

  leave(app: string): void {
    this.#processes.get(app)?.idle.leave()
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
    const running = [...this.#processes].filter(([, { run }]) => run.leaders.length > 0)
    try {
      await this.#meter.look(new Map(running.map(([app, { run }]) => [app, run.leaders])))
    } catch (error) {
      this.#options.log.warn({ err: error }, 'what the processes use cannot be found out')
    }
    return [...this.#apps.keys()].flatMap((app) => this.status(app) ?? [])
  }

  /** The latest lines of an app's output, oldest first; those up to the `seq` of `after` are left out. */
  lines(app: string, options: { after?: number | undefined; limit?: number | undefined }): OutputLine[] {
    return this.#find(app)?.output.lines(options) ?? []
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
    await this.#host.recovered
    await stopAll(this.#processes, this.#hurry.signal)
    clearTimeout(timer)
    await Promise.all([...this.#processes.values()].map((process) => process.close()))
    await this.#options.ledger.settled()
    process.off('exit', this.#onExit)
  }

  /** @returns the process when it is to be started now */
  #applyOne(app: App): AppProcess | null {
    const settings = compileProcess(app, this.#folder)
    if (settings === null) return null
    const known = this.#processes.get(app.name)
    const process = known ?? this.#make(settings)
    const wasOff = known === undefined || !known.enabled || this.#removed.has(app.name)
    const becomesBoot = settings.start === 'boot' && (wasOff || process.settings.start !== 'boot')
    this.#processes.set(app.name, process)
    this.#removed.delete(app.name)
    process.enabled = app.enabled !== false
    process.configure(settings)
    return process.enabled && becomesBoot ? process : null
  }

  #make(settings: ProcessSettings): AppProcess {
    const process = new AppProcess(settings, this.#host)
    process.onChange(() => this.#place(process))
    return process
  }

  /** Opens or closes the way of requests to a process. */
  #place({ settings, condition, run: { port } }: AppProcess): void {
    const { app } = settings
    const known = this.#places.get(app)
    const open = condition.name === 'running' && port !== null
    if (open) {
      const stays = known?.port === port && known.settings === settings
      const target = stays ? known.target : this.#options.target(port, settings)
      this.#places.set(app, { port, settings, target, open })
      this.#options.onTarget(app, target)
    } else if (known?.open === true) {
      known.open = false
      this.#options.onTarget(app, null)
    }
  }

  #disable(process: AppProcess): void {
    if (!process.enabled) return
    process.enabled = false
    process.dispatch({ type: 'stop', why: 'config' })
  }

  #remove(name: string, process: AppProcess): void {
    if (this.#removed.has(name)) return
    this.#removed.add(name)
    process.dispatch({ type: 'stop', why: 'config' })
    void untilStopped(process).then(async () => {
      if (!this.#removed.delete(name)) return
      this.#processes.delete(name)
      this.#places.delete(name)
      this.#leases.delete(name)
      await process.close()
      this.#options.onChange()
    })
  }

  #find(app: string): AppProcess | null {
    return this.#removed.has(app) ? null : (this.#processes.get(app) ?? null)
  }

  #process(app: string): AppProcess {
    const found = this.#find(app)
    if (found === null) throw new Fault('not-found', `${app} has no process.`, 'Give it a "process" in the config.')
    if (!found.enabled) throw new Fault('conflict', `${app} is disabled.`, `portico app enable ${app}`)
    if (this.#closing !== null) throw new Fault('conflict', 'Portico is stopping.')
    return found
  }

  async #lease(app: string, former: number | null): Promise<number> {
    const isTaken = (port: number) =>
      [...this.#processes.values()].some(({ settings }) => settings.port === port) ||
      [...this.#leases].some(([owner, leased]) => owner !== app && leased === port)
    const port = await leasePort(former ?? preferredPort(app, this.#folder), isTaken)
    this.#leases.set(app, port)
    return port
  }

  async #recover(): Promise<void> {
    const { ledger, system, log } = this.#options
    try {
      if (ledger.left.length > 0) await endOrphans(ledger.left, system, log)
      await ledger.forgetLeft()
    } catch (error) {
      log.error({ err: error }, 'the processes of an earlier run cannot be ended')
    }
  }

  /** The gateway's own process ends, for whatever reason: there is no time for anything but this. */
  #killNow(): void {
    const groups = this.#options.system.spawnOptions.detached
    for (const { run } of this.#processes.values()) {
      for (const leader of run.leaders) {
        try {
          process.kill(groups ? -leader : leader, 'SIGKILL')
        } catch {
          // gone already
        }
      }
    }
  }
}
