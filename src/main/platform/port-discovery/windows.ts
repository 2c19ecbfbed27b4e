import {
  type NetstatRow,
  parseNetstat,
  parseTasklist,
  parseWin32Processes,
  type Win32Process,
} from './netstat-output.js'
import type { ListeningSocket, PortScanner } from './port-discovery.js'
import { folderOfCommandLine } from './windows-folder.js'

/** Runs a program of Windows and resolves to its output. Rejects when it cannot be had or fails. */
type Run = (program: string, words: string[]) => Promise<string>

/** The process that http.sys listens under: whoever reserved the URL hides behind it. */
const SYSTEM = { pid: 4, command: 'the Windows HTTP service (http.sys)', commandLine: null }

/** Asks netstat who listens; what is behind a process number is asked for once, of CIM or, where that fails, tasklist. */
export class NetstatScanner implements PortScanner {
  readonly #run: Run
  /** by pid; null for those of which nothing was told */
  #processes = new Map<number, Win32Process | null>()

  constructor(run: Run = runProgram) {
    this.#run = run
  }

  async scan(): Promise<ListeningSocket[]> {
    const tables = await Promise.all(['TCP', 'TCPv6'].map((family) => this.#run('netstat', ['-ano', '-p', family])))
    const rows = tables.flatMap(parseNetstat)
    const processes = await this.#processesOf(rows)
    this.#processes = processes
    return rows.map(({ address, port, pid }) => {
      const found = processes.get(pid) ?? null
      return {
        address,
        port,
        process: found === null ? null : { ...found, folder: folderOfCommandLine(found.commandLine) },
      }
    })
  }

  async #processesOf(rows: NetstatRow[]): Promise<Map<number, Win32Process | null>> {
    const pids = [...new Set(rows.map(({ pid }) => pid))]
    const processes = new Map(pids.map((pid) => [pid, this.#processes.get(pid) ?? null]))
    const unknown = pids.filter((pid) => !this.#processes.has(pid))
    if (unknown.length === 0) return processes
    for (const process of await this.#ask(unknown)) processes.set(process.pid, process)
    if (processes.has(SYSTEM.pid)) processes.set(SYSTEM.pid, SYSTEM)
    return processes
  }

  /** The working directory of another process is not to be had without a debugger's rights; the command line is. */
  async #ask(pids: number[]): Promise<Win32Process[]> {
    const filter = pids.map((pid) => `ProcessId=${pid}`).join(' or ')
    const script =
      '[Console]::OutputEncoding=[Text.Encoding]::UTF8;' +
      `Get-CimInstance Win32_Process -Filter '${filter}' | Select-Object ProcessId,Name,CommandLine | ConvertTo-Json -Compress`
    try {
      return parseWin32Processes(
        await this.#run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script]),
      )
    } catch {
      const tasks = parseTasklist(await this.#run('tasklist', ['/fo', 'csv', '/nh']))
      return tasks.filter(({ pid }) => pids.includes(pid))
    }
  }
}

async function runProgram(program: string, words: string[]): Promise<string> {
  const { execa } = await import('execa')
  const { stdout } = await execa(program, words, { timeout: 5_000, windowsHide: true })
  return stdout
}
