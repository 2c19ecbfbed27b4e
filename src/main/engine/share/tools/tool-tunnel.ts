import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { ShareTool } from '../../../../shared/share-schemas.js'
import { NotRunnable } from '../../supervisor/app-child.js'
import { backOffMs, STABLE_MS } from '../../supervisor/restart-policy.js'
import { Attempts } from './attempts.js'
import type { Failure, Tool } from './tool.js'
import { ToolOutput } from './tool-output.js'
import type { ToolRun, ToolRunner } from './tool-runner.js'
import { toolOf } from './tools.js'

export type ToolTunnelEvent =
  /** visitors find it there; told again when the address is another one after a restart */
  | { type: 'open'; url: string }
  /** `retryMs` until it is started again; null while the tool tries by itself */
  | { type: 'waiting'; reason: string; hint?: string; retryMs: number | null }
  /** for good: the last event. Not told after `close` */
  | { type: 'ended'; reason: string; hint?: string }

export interface ToolTunnelOptions {
  tool: ShareTool
  /** absolute, as `findTools` has found it */
  program: string
  /** of 127.0.0.1, where plain HTTP is answered */
  port: number
  runner: ToolRunner
  onEvent: (event: ToolTunnelEvent) => void
  log: Logger
  timing?: ToolTiming
}

/** Milliseconds. */
export interface ToolTiming {
  /** @param failures in a row */
  backOffMs(failures: number): number
  /** one that was open for so long has not failed at its start */
  stableMs: number
  /** after which a tool that has told nothing is said to be slow */
  patienceMs: number
  /** for the tool to end by itself */
  graceMs: number
}

const STANDARD_TIMING: ToolTiming = {
  backOffMs: (failures) => backOffMs(failures, Math.random()),
  stableMs: STABLE_MS,
  patienceMs: 30_000,
  graceMs: 5_000,
}

/**
 * One app shown by a tool: starts its program at once, keeps it running, and tells what becomes of it. A tool that ends
 * is started again, ever more seldom; `ended` comes when that makes no sense, as without an account.
 */
export class ToolTunnel {
  readonly #options: ToolTunnelOptions
  readonly #tool: Tool
  readonly #timing: ToolTiming
  readonly #attempts: Attempts
  readonly #closing = new AbortController()
  readonly #running: Promise<void>
  #run: ToolRun | null = null
  /** for the tool to end by itself */
  #graceMs: number
  #openSince: number | null = null
  /** the event before, as JSON: a tool says the same again and again */
  #told = ''

  constructor(options: ToolTunnelOptions) {
    this.#options = options
    this.#tool = toolOf(options.tool)
    this.#timing = options.timing ?? STANDARD_TIMING
    this.#attempts = new Attempts(this.#tool.ways, this.#timing)
    this.#graceMs = this.#timing.graceMs
    this.#running = this.#keepRunning()
  }

  /**
   * Ends the tool with all that it has started; resolves when nothing is left of it. May be called again, to have less of it.
   *
   * @param graceMs for the tool to end by itself, in milliseconds; 0 ends it by force at once
   */
  async close(graceMs: number = this.#graceMs): Promise<void> {
    this.#closing.abort()
    this.#graceMs = Math.min(this.#graceMs, graceMs)
    await this.#end()
    await this.#running
  }

  async #keepRunning(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const failure = await this.#runOnce()
      if (this.#closing.signal.aborted) return
      const openMs = this.#openSince === null ? 0 : performance.now() - this.#openSince
      const next = this.#attempts.after(failure, openMs)
      const { message: reason, hint } = next
      const why = { reason, ...(hint === undefined ? {} : { hint }) }
      if (next.retryMs === null) return this.#tell({ type: 'ended', ...why })
      if (next.retryMs > 0) this.#tell({ type: 'waiting', ...why, retryMs: next.retryMs })
      await delay(next.retryMs, undefined, { signal: this.#closing.signal }).catch(() => {})
    }
  }

  /** Resolves when nothing is left of this run. */
  async #runOnce(): Promise<Failure> {
    const { program, port, runner, log } = this.#options
    const { way } = this.#attempts
    const output = new ToolOutput(this.#tool.reader(way))
    this.#openSince = null
    const slow = setTimeout(() => this.#tellSlow(), this.#timing.patienceMs).unref()
    try {
      const run = await runner.start(this.#tool.tool, this.#tool.plan(program, port, way), (line) =>
        this.#hear(output, line),
      )
      this.#run = run
      if (this.#closing.signal.aborted || output.failure !== null) void this.#end()
      const exit = await run.exited
      await this.#end()
      return output.meaningOf(exit, this.#tool.title)
    } catch (thrown) {
      log.warn({ err: thrown, tool: this.#tool.tool }, 'a tool to share an app by could not be started')
      const message = thrown instanceof Error ? thrown.message : String(thrown)
      return { message, again: thrown instanceof NotRunnable ? 'no' : 'later' }
    } finally {
      clearTimeout(slow)
      this.#run = null
    }
  }

  #hear(output: ToolOutput, line: string): void {
    const sign = output.hear(line)
    if (sign === null || this.#closing.signal.aborted) return
    if (sign.type === 'failed') void this.#end()
    else if (sign.type === 'open') {
      this.#openSince ??= performance.now()
      this.#tell({ type: 'open', url: sign.url })
    } else if (sign.type === 'lost') {
      const { message: reason, hint } = sign
      this.#tell({ type: 'waiting', reason, ...(hint === undefined ? {} : { hint }), retryMs: null })
    }
  }

  /** Never rejects. */
  async #end(): Promise<void> {
    try {
      await this.#run?.end(this.#graceMs)
    } catch (error) {
      this.#options.log.error({ err: error, tool: this.#tool.tool }, 'a tool to share an app by cannot be ended')
    }
  }

  #tellSlow(): void {
    if (this.#told !== '' || this.#closing.signal.aborted) return
    this.#tell({ type: 'waiting', reason: `${this.#tool.title} has not told an address yet.`, retryMs: null })
  }

  #tell(event: ToolTunnelEvent): void {
    const told = JSON.stringify(event)
    if (told === this.#told || this.#closing.signal.aborted) return
    this.#told = told
    this.#options.onEvent(event)
  }
}
