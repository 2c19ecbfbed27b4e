import { stripVTControlCharacters } from 'node:util'
import { type AppChild, type ExitStatus, NotRunnable } from './app-child.js'
import type { LedgerEntry } from './ledger.js'
import type { OutputLog } from './output/output-log.js'
import { portAnswers } from './port-answers.js'
import { exitText, portTaken, refusedPort } from './port-taken.js'
import type { ProcessEvent } from './process-condition.js'
import { endGroups, killGroups, signalGroups, untilGone } from './process-groups.js'
import type { ProcessHost } from './process-host.js'
import { findRemains, type Remains } from './remains.js'
import type { ProcessSettings } from './settings.js'

const LAST_LINES = 20
/** What a crash has left has lost whom it works for, and keeps the next start waiting. */
const REMAINS_MS = 1_000

/** What is there of an app's process: the child, its group, and what it left behind. One run at a time. */
export class AppRun {
  /** of the child, or of what it left to work for it; null while there is none */
  pid: number | null = null
  /** of this run, or the one before */
  port: number | null = null
  startedAt: Date | null = null
  readonly #app: string
  readonly #host: ProcessHost
  readonly #output: () => OutputLog
  #child: AppChild | null = null
  /** of the groups that are to end before the next run */
  #leaders: readonly number[] = []
  readonly #births = new Map<number, string>()
  #leased = false
  #remains: Promise<void> = Promise.resolve()
  /** lines of earlier runs end here */
  #linesBefore = 0

  constructor(app: string, host: ProcessHost, output: () => OutputLog) {
    this.#app = app
    this.#host = host
    this.#output = output
  }

  /** pids whose groups have to end with the gateway */
  get leaders(): readonly number[] {
    return this.#leaders
  }

  /**
   * Starts the process, when those of the run before have ended.
   *
   * @param signal nothing is started once it has aborted
   * @param onSpawn is called in the very moment
   * @throws NotRunnable when trying again would not help, or Error
   */
  async launch(
    settings: ProcessSettings,
    signal: AbortSignal,
    onSpawn: (port: number) => void,
    onExit: (exit: ExitStatus) => void,
  ): Promise<void> {
    await this.#host.recovered
    await this.#remains
    const leased = settings.port ?? (await this.#host.lease(settings.app, this.port))
    const plan = await this.#host.plan(settings, leased)
    const { port } = plan
    if ((settings.port !== null || port !== leased) && (await portAnswers(port))) {
      throw new NotRunnable(`It was not started: ${portTaken(port, await this.#host.holderOf(port))}.`)
    }
    const spawner = await this.#host.spawner()
    if (signal.aborted) return
    const output = this.#output()
    const adopt = (child: AppChild) => {
      this.#adopt(child, port)
      this.#leased = settings.port === null && port === leased
      for (const note of [`started with PID ${child.pid} on port ${port}`, ...plan.notes]) output.note(note)
      void child.exited.then((exit) => {
        if (this.#child !== child) return
        this.pid = null
        onExit(exit)
      })
      onSpawn(port)
      void this.note()
    }
    await spawner.spawn(plan, adopt, (stream, chunk) => output.append(stream, chunk))
  }

  /** Notes in the ledger who is there now. */
  async note(): Promise<void> {
    const { system, ledger, log } = this.#host
    const leaders = this.#leaders
    if (leaders.length === 0) return
    try {
      const groups = await Promise.all(leaders.map((leader) => system.groupMembers(leader)))
      const infos = await system.find([...new Set([...leaders, ...groups.flat()])])
      if (leaders !== this.#leaders) return
      for (const { pid, birth } of infos)
        if (leaders.includes(pid) && !this.#births.has(pid)) this.#births.set(pid, birth)
      const entries = leaders.map((leader, index): LedgerEntry => {
        const members = infos.filter(({ pid }) => pid !== leader && groups[index]?.includes(pid))
        return {
          app: this.#app,
          port: this.port,
          leader: { pid: leader, birth: this.#births.get(leader) ?? '' },
          group: system.spawnOptions.detached ? leader : null,
          members: members.map(({ pid, birth }) => ({ pid, birth })),
        }
      })
      await ledger.set(this.#app, entries)
    } catch (error) {
      log.error({ err: error, app: this.#app }, 'the process cannot be noted: a crash would leave it behind')
    }
  }

  /** The last lines that this run printed, without control sequences. */
  lastLines(): string[] {
    const output = this.#output()
    output.flush()
    return output
      .lines({ after: this.#linesBefore, limit: 2 * LAST_LINES })
      .filter(({ stream }) => stream !== 'portico')
      .slice(-LAST_LINES)
      .map(({ text }) => stripVTControlCharacters(text))
  }

  /** What it means that the child has ended: it crashed, can not be run so, or went on in the background. */
  async meaningOf(exit: ExitStatus, wasReady: boolean): Promise<ProcessEvent> {
    const text = exitText(exit, wasReady)
    const crash = { type: 'exited', reason: `${text}.`, detached: false, hopeless: false } as const
    const [port, leader] = [this.port, this.#child?.pid]
    if (port === null || leader === undefined) return crash
    if (exit.code === 0) {
      const remains = await findRemains(this.#host, { leader, port, wasReady })
      if (remains === null || this.#child?.pid !== leader) return crash
      this.#keep(remains)
      return { ...crash, detached: true }
    }
    const refused = refusedPort(this.lastLines(), port)
    if (refused === null) return crash
    // Who has a port that was leased has it by chance: another one is leased for the next start.
    const byChance = refused === port && this.#leased
    const holder = byChance ? null : await this.#host.holderOf(refused)
    return holder === null ? crash : { ...crash, hopeless: true, reason: `${text}: ${portTaken(refused, holder)}.` }
  }

  /** Whether what was left behind is still there and answers. A daemon may have put another in its place. */
  async remainsAnswer(): Promise<boolean> {
    const [port, leader, { system }] = [this.port, this.#child?.pid, this.#host]
    if (port === null || leader === undefined || !(await portAnswers(port))) return false
    if (this.pid === null || (await system.find([this.pid])).length > 0) return true
    const remains = await findRemains(this.#host, { leader, port, wasReady: true })
    if (remains === null || this.#child?.pid !== leader) return false
    this.#keep(remains)
    return true
  }

  /** Asks everybody to end; resolves when nobody is left. The signal ends the wait. */
  async askToEnd(stopSignal: NodeJS.Signals, signal: AbortSignal): Promise<void> {
    await signalGroups(this.#host.system, this.#leaders, stopSignal)
    await untilGone(this.#host.system, this.#leaders, signal)
    await this.#child?.exited
    this.#release()
  }

  /** Ends everybody by force; resolves when nobody is left. */
  async kill(signal?: AbortSignal): Promise<void> {
    await killGroups(this.#host.system, this.#leaders, signal)
    await this.#child?.exited
    this.#release()
  }

  /** Ends what a crash has left; the next launch waits for that. */
  endRemains({ stopSignal, stopTimeoutMs }: ProcessSettings): void {
    const leaders = this.#leaders
    this.#remains = endGroups(this.#host.system, leaders, {
      signal: stopSignal,
      graceMs: Math.min(stopTimeoutMs, REMAINS_MS),
    })
      .then(() => {
        if (this.#leaders === leaders) this.#release()
      })
      .catch((error: unknown) => this.#host.log.error({ err: error, app: this.#app }, 'what a process left goes on'))
  }

  #adopt(child: AppChild, port: number): void {
    this.#child = child
    this.#leaders = [child.pid]
    this.#births.clear()
    this.pid = child.pid
    this.port = port
    this.startedAt = new Date()
    this.#linesBefore = this.#output().lines({ limit: 1 }).at(-1)?.seq ?? 0
  }

  #keep({ pid, leaders }: Remains): void {
    this.pid = pid
    this.#leaders = [...new Set(leaders)]
    void this.note()
  }

  #release(): void {
    this.#child?.release()
    this.#child = null
    this.#leaders = []
    this.pid = null
    void this.#host.ledger.set(this.#app, [])
  }
}
