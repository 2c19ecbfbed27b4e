import { constants } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../../shared/fault.js'
import type { LaunchPlan } from '../../engine/supervisor/launch/plan.js'
import type { ProcessSystem } from '../../platform/process-table/process-system.js'
import { descendants } from './descendants.js'

/** Ctrl-C and Ctrl-\: a terminal sends them to the command as well. */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT'] as const
/** These reach this process alone, and are handed on. */
const HANDED_ON = ['SIGTERM', 'SIGHUP'] as const
/** How long a command that was asked to end may take. */
const END_MS = 10_000
/** Without a terminal an interrupt may have been for this process alone: so long the command has to show otherwise. */
const SHARED_MS = 1_000
const LOOK_MS = 100

/** A command that has this process's terminal, and whose end this process waits for. */
export class Foreground {
  readonly pid: number
  /** the exit code that a shell would tell: 128 and the signal's number for one that was killed */
  readonly ended: Promise<number>
  /** aborts when the command has ended */
  readonly over: AbortSignal
  readonly #processes: Pick<ProcessSystem, 'list' | 'find'>
  readonly #handlers: [NodeJS.Signals, () => void][] = []
  #asked = 0
  /** all that runs for it, when it was asked to end */
  #asking: Promise<number[]> | null = null

  /** @throws Fault `not-found` when there is no such program */
  static async start(plan: LaunchPlan, processes: Pick<ProcessSystem, 'list' | 'find'>): Promise<Foreground> {
    const { execa } = await import('execa')
    const subprocess = execa(plan.program, plan.args, {
      cwd: plan.cwd,
      env: plan.env,
      extendEnv: false,
      stdio: 'inherit',
      reject: false,
      cleanup: false,
      windowsVerbatimArguments: plan.verbatim,
    })
    if (subprocess.pid === undefined) throw notStarted(plan.program, (await subprocess).code)
    const exited = subprocess.then(({ exitCode, signal }) => shellCode(exitCode, signal))
    return new Foreground(subprocess.pid, exited, processes)
  }

  private constructor(pid: number, exited: Promise<number>, processes: Pick<ProcessSystem, 'list' | 'find'>) {
    this.pid = pid
    this.#processes = processes
    const over = new AbortController()
    this.over = over.signal
    for (const signal of FROM_TERMINAL) this.#handle(signal, () => this.#interrupted(signal))
    for (const signal of HANDED_ON) this.#handle(signal, () => this.#handOn(signal))
    this.ended = exited.then(async (code) => {
      over.abort()
      await this.#endRest()
      for (const [signal, handler] of this.#handlers) process.off(signal, handler)
      return code
    })
  }

  #handle(signal: NodeJS.Signals, handler: () => void): void {
    this.#handlers.push([signal, handler])
    process.on(signal, handler)
  }

  #interrupted(signal: NodeJS.Signals): void {
    if (this.#asked++ > 0) return void this.#signalAll('SIGKILL')
    if (process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY) return
    void delay(SHARED_MS, null, { signal: this.over }).then(
      () => send(this.pid, signal),
      () => undefined,
    )
  }

  #handOn(signal: NodeJS.Signals): void {
    if (this.#asked++ > 0) return void this.#signalAll('SIGKILL')
    this.#asking = this.#signalAll(signal)
    void delay(END_MS, null, { signal: this.over }).then(
      () => this.#signalAll('SIGKILL'),
      () => undefined,
    )
  }

  /** Not only the command: a shell or a package manager does not always tell those that it has started. */
  async #signalAll(signal: NodeJS.Signals): Promise<number[]> {
    const pids = descendants(this.pid, await this.#processes.list().catch(() => []))
    for (const pid of pids) send(pid, signal)
    return pids
  }

  /** What the command leaves behind when it was asked to end gets the same time, and then none. */
  async #endRest(): Promise<void> {
    const asked = (await this.#asking) ?? []
    for (const deadline = Date.now() + END_MS; ; await delay(LOOK_MS)) {
      const left = asked.length < 2 ? [] : await this.#processes.find(asked).catch(() => [])
      if (left.length === 0) return
      if (Date.now() < deadline) continue
      for (const { pid } of left) send(pid, 'SIGKILL')
      return
    }
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // it has ended
  }
}

function shellCode(code: number | undefined, signal: string | undefined): number {
  if (signal !== undefined) return 128 + (constants.signals[signal as NodeJS.Signals] ?? 0)
  return code ?? 1
}

function notStarted(program: string, code: string | undefined): Fault {
  if (code === 'ENOENT') return new Fault('not-found', `The program "${program}" was not found.`, 'Check its name.')
  return new Fault('process-failed', `"${program}" could not be started: ${code ?? 'unknown reason'}.`)
}
