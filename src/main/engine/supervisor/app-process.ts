import { isDeepStrictEqual } from 'node:util'
import { Fault } from '../../../shared/fault.js'
import type { ProcessStatus } from '../../../shared/window-schemas.js'
import { Activities, after } from './activities.js'
import { type ExitStatus, NotRunnable } from './app-child.js'
import { writeDown } from './app-journal.js'
import { AppRun } from './app-run.js'
import { AppWatch } from './app-watch.js'
import { IdleTimer } from './idle-timer.js'
import { OutputLog } from './output/output-log.js'
import { type ProcessCondition, type ProcessEffect, type ProcessEvent, UNSTARTED } from './process-condition.js'
import type { ProcessHost } from './process-host.js'
import { processStatus, type Usage } from './process-status.js'
import { readyInTime } from './ready-in-time.js'
import type { ProcessSettings } from './settings.js'
import { transition } from './transition.js'

const REMAINS_LOOK_MS = 2_000
/** A daemon that restarts itself does not answer for a moment. */
const REMAINS_MISSES = 3

/** The process of one app: carries out what the transitions want done. */
export class AppProcess {
  readonly run: AppRun
  readonly idle: IdleTimer
  readonly output: OutputLog
  enabled = true
  readonly #host: ProcessHost
  #settings: ProcessSettings
  #condition: ProcessCondition = UNSTARTED
  readonly #activities = new Activities<ProcessEffect>()
  readonly #events: ProcessEvent[] = []
  readonly #listeners = new Set<() => void>()
  #exit: ProcessStatus['exit'] = null
  #waitingFor: string | null = null
  #nextStartAt: Date | null = null
  readonly #watch = new AppWatch(
    () => this.dispatch({ type: 'changed' }),
    (text) => this.output.note(text),
  )

  constructor(settings: ProcessSettings, host: ProcessHost) {
    this.#settings = settings
    this.#host = host
    this.output = this.#openOutput(settings)
    this.run = new AppRun(settings.app, host, () => this.output)
    this.idle = new IdleTimer(() => this.dispatch({ type: 'idle' }))
  }

  get settings(): ProcessSettings {
    return this.#settings
  }

  get condition(): ProcessCondition {
    return this.#condition
  }

  /** milliseconds until it is started again; null when it is not about to be */
  get restartMs(): number | null {
    return this.#nextStartAt === null ? null : Math.max(0, this.#nextStartAt.getTime() - Date.now())
  }

  /** Takes other settings, and restarts with them what runs. */
  configure(settings: ProcessSettings): void {
    if (isDeepStrictEqual(settings, this.#settings)) return
    if (settings.outputFile !== this.#settings.outputFile) this.output.writeTo(settings.outputFile)
    this.#settings = settings
    void this.#watch.stop()
    this.dispatch({ type: 'changed' })
  }

  /** Something has happened; what happens meanwhile comes after it. */
  dispatch(event: ProcessEvent): void {
    this.#events.push(event)
    if (this.#events.length > 1) return
    for (let next = this.#events[0]; next !== undefined; next = this.#events[0]) {
      this.#step(next)
      this.#events.shift()
    }
  }

  /** @param listener is called at each change @returns ends it */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  status(usage: Usage | null): ProcessStatus {
    return processStatus({
      settings: this.#settings,
      enabled: this.enabled,
      condition: this.#condition,
      pid: this.run.pid,
      port: this.run.port,
      exit: this.#exit,
      waitingFor: this.#waitingFor,
      startedAt: this.run.startedAt,
      nextStartAt: this.#nextStartAt,
      usage,
    })
  }

  /** Lets go of everything that is not the process itself, which has ended. */
  async close(): Promise<void> {
    this.#activities.endAll()
    await this.#watch.stop()
    this.idle.stop()
    await this.output.close()
  }

  #openOutput({ app, outputFile }: ProcessSettings): OutputLog {
    const output = new OutputLog({ file: outputFile })
    output.onLines((lines) => this.#host.printed(app, lines))
    return output
  }

  #step(event: ProcessEvent): void {
    const before = this.#condition
    const { state, effects } = transition(before, event)
    if (state.name !== before.name) {
      this.#activities.endAll()
      this.#nextStartAt = null
      this.#waitingFor = null
    }
    this.#condition = state
    for (const effect of effects) this.#perform(effect)
    if (!isDeepStrictEqual(before, state)) this.#tell(before)
  }

  #perform(effect: ProcessEffect): void {
    const { timing } = this.#host
    if (effect === 'await-dependencies') this.#awaitDependencies()
    else if (effect === 'launch') void this.#launch()
    else if (effect === 'await-ready') void this.#awaitReady()
    else if (effect === 'await-stability') this.#after(effect, timing.stableMs, { type: 'stable' })
    else if (effect === 'watch-remains') this.#watchRemains(0)
    else if (effect === 'end') void this.#end()
    else if (effect === 'kill') void this.#kill()
    else if (effect === 'end-remains') this.run.endRemains(this.#settings)
    else {
      const wait = timing.backOffMs(this.#condition.crashes)
      this.#nextStartAt = new Date(Date.now() + wait)
      this.#after(effect, wait, { type: 'back-off-over' })
    }
  }

  #awaitDependencies(): void {
    const signal = this.#activities.begin('await-dependencies')
    const by = this.#condition.name === 'waiting' ? this.#condition.by : 'config'
    const onWait = (app: string | null) => {
      if (signal.aborted || app === this.#waitingFor) return
      this.#waitingFor = app
      this.#host.changed()
    }
    const note = (text: string) => this.output.note(text)
    this.#host.awaitDependencies(this.#settings, { by, onWait, note, signal }).then(
      () => signal.aborted || this.dispatch({ type: 'dependencies-ready' }),
      (error: unknown) => signal.aborted || this.dispatch({ type: 'dependency-failed', reason: messageOf(error) }),
    )
  }

  async #launch(): Promise<void> {
    const signal = this.#activities.begin('launch')
    try {
      await this.run.launch(
        this.#settings,
        signal,
        () => this.dispatch({ type: 'spawned' }),
        (exit) => void this.#exited(exit),
      )
    } catch (error) {
      if (signal.aborted) return
      const type = error instanceof NotRunnable || error instanceof Fault ? 'refused' : 'not-spawned'
      this.dispatch({ type, reason: messageOf(error) })
    }
  }

  async #awaitReady(): Promise<void> {
    const signal = this.#activities.begin('await-ready')
    const trouble = await readyInTime(this.#settings, this.run.port ?? 0, this.output, signal)
    if (!signal.aborted) this.dispatch(trouble === null ? { type: 'ready' } : { type: 'not-ready', reason: trouble })
  }

  async #exited(exit: ExitStatus): Promise<void> {
    this.#exit = { ...exit, at: new Date().toISOString(), lastLines: this.run.lastLines() }
    const { name } = this.#condition
    if (name !== 'starting' && name !== 'running') return
    const { startedAt } = this.run
    const meaning = await this.run.meaningOf(exit, name === 'running')
    if (this.run.startedAt === startedAt) this.dispatch(meaning)
  }

  #watchRemains(misses: number): void {
    const signal = this.#activities.begin('watch-remains')
    after(signal, REMAINS_LOOK_MS, async () => {
      const answer = await this.run.remainsAnswer()
      if (signal.aborted) return
      if (answer) return this.#watchRemains(0)
      if (misses + 1 < REMAINS_MISSES) return this.#watchRemains(misses + 1)
      this.dispatch({
        type: 'exited',
        reason: 'What it left in the background has ended.',
        detached: false,
        hopeless: false,
      })
    })
  }

  async #end(): Promise<void> {
    const signal = this.#after('end', this.#settings.stopTimeoutMs, { type: 'kill-due' })
    await this.#untilGone(signal, this.run.askToEnd(this.#settings.stopSignal, signal))
  }

  async #kill(): Promise<void> {
    this.#activities.end('end')
    const signal = this.#activities.begin('kill')
    this.output.note('it has not ended in time and is ended by force')
    await this.#untilGone(signal, this.run.kill(signal))
  }

  async #untilGone(signal: AbortSignal, end: Promise<void>): Promise<void> {
    try {
      await end
      if (!signal.aborted) this.dispatch({ type: 'gone' })
    } catch (error) {
      if (!signal.aborted) this.#host.log.error({ err: error, app: this.#settings.app }, 'a process cannot be ended')
    }
  }

  #after(effect: ProcessEffect, milliseconds: number, event: ProcessEvent): AbortSignal {
    const signal = this.#activities.begin(effect)
    after(signal, milliseconds, () => this.dispatch(event))
    return signal
  }

  #tell(before: ProcessCondition): void {
    const { app, idleStopMs } = this.#settings
    const now = this.#condition
    if (now.name !== before.name) {
      const { pid, port } = this.run
      writeDown({ app, before, now, pid, port, restartMs: this.restartMs }, this.#host.log, this.output)
      if (now.name === 'running') {
        this.idle.start(idleStopMs)
        void this.run.note()
      } else this.idle.stop()
      if (now.name === 'stopped') void this.#watch.stop()
      else this.#watch.start(this.#settings)
    }
    this.#host.changed()
    for (const listener of this.#listeners) listener()
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
