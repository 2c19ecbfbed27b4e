import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type ProcessStat, readStat, readTree } from './proc.ts'

/** Every process that the benchmark starts. Nothing outlives it: `endAll` is the last step of every run. */
export class Children {
  readonly #running = new Set<ChildProcess>()
  #ending = false

  /** Starts a server; what it prints goes to `logFile`. Rejects when the program cannot be started. */
  async serve(
    command: string,
    args: readonly string[],
    logFile: string,
    env: NodeJS.ProcessEnv,
  ): Promise<ChildProcess> {
    this.#refuseWhenEnding()
    const log = openSync(logFile, 'a')
    try {
      const child = this.#own(spawn(command, args, { stdio: ['ignore', log, log], env: { ...process.env, ...env } }))
      await once(child, 'spawn')
      return child
    } finally {
      closeSync(log)
    }
  }

  /** Runs a command to its end. Rejects when it cannot start, fails, or takes longer than `timeoutMs`. */
  async run(
    command: string,
    args: readonly string[],
    options: { timeoutMs: number; env?: NodeJS.ProcessEnv; cwd?: string },
  ): Promise<string> {
    this.#refuseWhenEnding()
    const { timeoutMs, env, cwd } = options
    const child = this.#own(
      spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, cwd }),
    )
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk
      })
    }
    const deadline = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    try {
      const [code, signal] = await once(child, 'close')
      if (code === 0) return output
      throw new Error(`${command} ended with ${signal ?? code}: ${lastLines(output)}`)
    } finally {
      clearTimeout(deadline)
    }
  }

  /** Ends a server and whatever it had started: SIGTERM to it, SIGKILL to those left after `graceMs`. */
  async end(child: ChildProcess, graceMs = 12_000): Promise<void> {
    if (child.pid === undefined) return
    const tree = await readTree(child.pid)
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      await Promise.race([once(child, 'exit'), delay(graceMs, undefined, { ref: false })])
    }
    for (const member of tree) await killSame(member)
    this.#running.delete(child)
  }

  /** True once `endAll` was called: what fails from then on fails because of it. */
  get ending(): boolean {
    return this.#ending
  }

  async endAll(): Promise<void> {
    this.#ending = true
    await Promise.all([...this.#running].map((child) => this.end(child)))
  }

  #refuseWhenEnding(): void {
    if (this.#ending) throw new Error('the benchmark is ending and starts nothing more')
  }

  #own(child: ChildProcess): ChildProcess {
    this.#running.add(child)
    child.once('exit', () => this.#running.delete(child))
    return child
  }
}

/** Kills only the very process that was seen: its pid may have been given to a stranger since. */
async function killSame(member: ProcessStat): Promise<void> {
  const now = await readStat(member.pid)
  if (now === null || now.startTime !== member.startTime) return
  try {
    process.kill(member.pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' | ')
}
