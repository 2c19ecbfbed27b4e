import { isDeepStrictEqual } from 'node:util'
import { Fault } from '../../../shared/fault.js'
import type { ProcessStatus } from '../../../shared/window-schemas.js'
import { Activities, after } from './activities.js'
import { type ExitStatus, NotRunnable } from './app-child.js'
import { AppRun } from './app-run.js'
import { IdleTimer } from './idle-timer.js'
import { OutputLog } from './output/output-log.js'
import { type ProcessCondition, type ProcessEffect, type ProcessEvent, UNSTARTED } from './process-condition.js'
import type { ProcessHost } from './process-host.js'
import { processStatus, type Usage } from './process-status.js'
import { waitReady } from './readiness.js'
import type { ProcessSettings } from './settings.js'
import { transition } from './transition.js'
import { watchFiles } from './watch-files.js'

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
  #watch: ReturnType<typeof watchFiles> | null = null

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
    this.#unwatch()
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
    this.#unwatch()
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
    this.#host.awaitDependencies(this.#settings, by, onWait, signal).then(
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
    const { startTimeoutMs } = this.#settings
    const patience = new AbortController()
    const giveUp = () => patience.abort()
    signal.addEventListener('abort', giveUp, { once: true })
    const timer = setTimeout(giveUp, startTimeoutMs).unref()
    try {
      const { settings, output } = this
      await waitReady({ settings, port: this.run.port ?? 0, output, signal: patience.signal })
      if (!signal.aborted) this.dispatch({ type: 'ready' })
    } catch (error) {
      const reason = `It was not ready within ${startTimeoutMs / 1_000} s: ${messageOf(error)}.`
      if (!signal.aborted) this.dispatch({ type: 'not-ready', reason })
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
    }
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
    const { app, watch, idleStopMs } = this.#settings
    const now = this.#condition
    if (now.name !== before.name) {
      const reason = 'reason' in now ? now.reason : undefined
      const level = now.name === 'failed' ? 'error' : now.name === 'backing-off' ? 'warn' : 'info'
      this.#host.log[level]({ app, from: before.name, pid: this.run.pid, port: this.run.port, reason }, now.name)
      this.#note(now)
      if (now.name === 'running') this.idle.start(idleStopMs)
      else this.idle.stop()
      if (now.name === 'running') void this.run.note()
      if (now.name === 'stopped') this.#unwatch()
      else if (watch.length > 0) this.#watchFiles()
    }
    this.#host.changed()
    for (const listener of this.#listeners) listener()
  }

  /** What a reader of the output should know. */
  #note(now: ProcessCondition): void {
    if (now.name === 'running') this.output.note('ready')
    else if (now.name === 'stopped') this.output.note('stopped')
    else if (now.name === 'failed') this.output.note(now.reason)
    else if (now.name === 'backing-off') {
      this.output.note(`${now.reason} It is started again in ${Math.round((this.restartMs ?? 0) / 1_000)} s.`)
    }
  }

  #watchFiles(): void {
    this.#watch ??= watchFiles(
      this.#settings.watch,
      this.#settings.cwd,
      (files) => {
        this.output.note(`changed: ${files.slice(0, 5).join(', ')}${files.length > 5 ? ', …' : ''}`)
        this.dispatch({ type: 'changed' })
      },
      (trouble) => this.output.note(trouble),
    )
  }

  #unwatch(): void {
    void this.#watch?.close()
    this.#watch = null
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
