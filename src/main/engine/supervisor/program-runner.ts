import type { Logger } from 'pino'
import { type AppChild, type ExitStatus, Spawner } from './app-child.js'
import { EnvironmentBuilder, inherit } from './launch/environment.js'
import type { Ledger } from './ledger.js'
import { LineSplitter } from './output/line-splitter.js'
import { endGroups, killGroups, killNow } from './process-groups.js'
import type { ProcessSystem } from './process-system.js'

export interface ProgramRunnerOptions {
  system: ProcessSystem
  ledger: Ledger
  /** what an earlier gateway left behind has ended */
  recovered: Promise<void>
  /** what programs inherit, without what is for the engine alone. @throws Error where none can be started */
  environment(): Promise<Readonly<Record<string, string | undefined>>>
  /** in which they run */
  folder: string
  log: Logger
}

export interface ProgramPlan {
  /** absolute */
  program: string
  args: readonly string[]
  /** what is added to the environment */
  env: Readonly<Record<string, string>>
  /** names of what is left out of it */
  withoutEnv?: RegExp
}

/** What is started may have started others a moment later: then it is noted anew. */
const NOTED_AGAIN_MS = 2_000

/** Programs that work for the gateway and are no app's: each is a group of its own, and ends with the gateway. */
export class ProgramRunner {
  readonly #options: ProgramRunnerOptions
  readonly #runs = new Set<ProgramRun>()
  readonly #onExit = () => {
    killNow(
      this.#options.system,
      [...this.#runs].map(({ pid }) => pid),
    )
  }
  #spawner: Promise<Spawner> | null = null

  constructor(options: ProgramRunnerOptions) {
    this.#options = options
  }

  /**
   * Starts a program.
   *
   * @param name for the ledger and the log
   * @param onLine is given each line of its output without its end, as printed
   * @throws NotRunnable when trying again would not help, or Error
   */
  async start(name: string, plan: ProgramPlan, onLine: (line: string) => void): Promise<ProgramRun> {
    const { system, recovered, folder, environment } = this.#options
    await recovered
    this.#spawner ??= Spawner.load(system.spawnOptions)
    const spawner = await this.#spawner
    const env = new EnvironmentBuilder(!system.spawnOptions.detached)
    const inherited = Object.entries(await environment())
    inherit(env, Object.fromEntries(inherited.filter(([name]) => plan.withoutEnv?.test(name) !== true)))
    env.setAll(plan.env)
    const lines = { stdout: new LineSplitter(), stderr: new LineSplitter() }
    const flush = () => {
      for (const splitter of Object.values(lines)) {
        const rest = splitter.flush()
        if (rest !== null) onLine(rest)
      }
    }
    const { promise, resolve } = Promise.withResolvers<ProgramRun>()
    await spawner.spawn(
      { program: plan.program, args: plan.args, env: env.toObject(), cwd: folder, verbatim: false },
      (child) => resolve(this.#adopt(name, child, flush)),
      (stream, chunk) => {
        lines[stream].push(chunk, 0, Number.POSITIVE_INFINITY, onLine)
        return null
      },
    )
    return promise
  }

  #adopt(name: string, child: AppChild, flush: () => void): ProgramRun {
    if (this.#runs.size === 0) process.once('exit', this.#onExit)
    const run = new ProgramRun(name, child, this.#options, flush, () => {
      this.#runs.delete(run)
      if (this.#runs.size === 0) process.off('exit', this.#onExit)
    })
    this.#runs.add(run)
    return run
  }
}

/** One run of a program, with all that it has started. */
export class ProgramRun {
  readonly pid: number
  /** never rejects; the program itself has ended and all its lines were given, others of its group may live on */
  readonly exited: Promise<ExitStatus>
  readonly #name: string
  readonly #child: AppChild
  readonly #options: Pick<ProgramRunnerOptions, 'system' | 'ledger' | 'log'>
  readonly #onGone: () => void
  readonly #notedAgain: NodeJS.Timeout
  #gone = false

  constructor(
    name: string,
    child: AppChild,
    options: Pick<ProgramRunnerOptions, 'system' | 'ledger' | 'log'>,
    flush: () => void,
    onGone: () => void,
  ) {
    this.pid = child.pid
    this.#name = name
    this.#child = child
    this.#options = options
    this.#onGone = onGone
    this.exited = child.exited.then((exit) => {
      flush()
      return exit
    })
    void this.#note()
    this.#notedAgain = setTimeout(() => void this.#note(), NOTED_AGAIN_MS).unref()
  }

  /**
   * Ends it with all that it has started; resolves when nothing is left. May be called again, also of one that has ended.
   *
   * @param graceMs for it to end by itself; 0 ends it by force at once. Windows has no means to ask such a program.
   */
  async end(graceMs: number): Promise<void> {
    const { system } = this.#options
    if (this.#gone) return
    if (system.spawnOptions.detached) await endGroups(system, [this.pid], { signal: 'SIGTERM', graceMs })
    else await killGroups(system, [this.pid])
    await this.exited
    if (this.#gone) return
    this.#gone = true
    clearTimeout(this.#notedAgain)
    this.#child.release()
    this.#onGone()
    await this.#options.ledger.set(this.#key, [])
  }

  /** No app's name has a colon. */
  get #key(): string {
    return `program:${this.pid}`
  }

  async #note(): Promise<void> {
    const { system, ledger, log } = this.#options
    const { pid } = this
    try {
      const members = await system.groupMembers(pid)
      const infos = await system.find([...new Set([pid, ...members])])
      const births = infos.map((info) => ({ pid: info.pid, birth: info.birth }))
      const leader = births.find((info) => info.pid === pid)
      if (this.#gone || leader === undefined) return
      const group = system.spawnOptions.detached ? pid : null
      const others = births.filter((info) => info.pid !== pid)
      await ledger.set(this.#key, [{ app: this.#name, port: null, leader, group, members: others }])
    } catch (error) {
      log.error({ err: error, program: this.#name }, 'the program cannot be noted: a crash would leave it behind')
    }
  }
}
