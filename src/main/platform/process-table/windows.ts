import type { ProcessInfo, ProcessSystem } from './process-system.js'
import { parseWin32Processes, processTree, win32ProcessScript } from './win32-processes.js'

/** Runs a program of Windows. Rejects when it cannot be had, whatever its exit code. */
type Run = (program: string, words: string[]) => Promise<{ exitCode: number; stdout: string; stderr: string }>

/** taskkill found no such process */
const NOT_FOUND = 128

/**
 * Asks CIM, through PowerShell, and ends with taskkill. A process tree is what is left of who started whom: without
 * native code there are no job objects.
 */
export class WindowsProcesses implements ProcessSystem {
  /** Detached, a console program would get a window of its own. */
  readonly spawnOptions = { detached: false, windowsHide: true } as const
  readonly shell = ['cmd.exe', '/d', '/s', '/c'] as const
  readonly #run: Run

  constructor(run: Run = runProgram) {
    this.#run = run
  }

  list(): Promise<ProcessInfo[]> {
    return this.#processes()
  }

  async find(pids: readonly number[]): Promise<ProcessInfo[]> {
    return pids.length === 0 ? [] : this.#processes(pids.map((pid) => `ProcessId=${pid}`).join(' or '))
  }

  /**
   * SIGKILL ends the tree. Any other signal asks its windows to close, for which taskkill is the means; a console
   * program without a window, as most dev servers are, cannot be asked so and goes on until it is killed.
   */
  async signalGroup(pid: number, signal: NodeJS.Signals): Promise<boolean> {
    if (!isProcess(pid)) return false
    if (await this.#taskkill([pid], signal)) return true
    // taskkill knows no tree whose root has ended. Where PowerShell may not run, neither do we.
    const orphans = await this.groupMembers(pid).catch(() => [])
    if (orphans.length === 0) return false
    await this.#taskkill(orphans, signal)
    return true
  }

  async groupMembers(pid: number): Promise<number[]> {
    return isProcess(pid) ? processTree(pid, await this.list()) : []
  }

  /** False when they are not there. That some cannot be asked, or may not be ended, is no error. */
  async #taskkill(pids: number[], signal: NodeJS.Signals): Promise<boolean> {
    const force = signal === 'SIGKILL' ? ['/F'] : []
    const words = pids.flatMap((pid) => ['/PID', String(pid)])
    return (await this.#run('taskkill', [...words, '/T', ...force])).exitCode !== NOT_FOUND
  }

  async #processes(filter?: string): Promise<ProcessInfo[]> {
    const words = ['-NoProfile', '-NonInteractive', '-Command', win32ProcessScript(filter)]
    const { exitCode, stdout, stderr } = await this.#run('powershell.exe', words)
    if (exitCode !== 0) throw new Error(`PowerShell could not list the processes: ${stderr.trim()}`)
    return parseWin32Processes(stdout)
  }
}

/** 0 is the idle process, 4 the system itself: children of theirs are nobody's to end. */
function isProcess(pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 4
}

async function runProgram(program: string, words: string[]) {
  const { execa } = await import('execa')
  const result = await execa(program, words, { timeout: 10_000, windowsHide: true, reject: false })
  const { exitCode, stdout, stderr } = result
  if (exitCode === undefined) throw result
  return { exitCode, stdout, stderr }
}
