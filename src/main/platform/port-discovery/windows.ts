import {
  type NetstatRow,
  parseNetstat,
  parseTasklist,
  parseWin32Processes,
  type Win32Process,
} from './netstat-output.js'
import type { ListeningSocket, PortScanner } from './port-discovery.js'
import { folderOfCommandLine } from './windows-folder.js'

/** The process that http.sys listens under: whoever reserved the URL hides behind it. */
const SYSTEM_PID = 4

/** Asks netstat who listens; what is behind a process number is asked for once, of CIM or, where that fails, tasklist. */
export class NetstatScanner implements PortScanner {
  #processes = new Map<number, Win32Process>()

  async scan(): Promise<ListeningSocket[]> {
    const rows = parseNetstat(await output('netstat', '-ano', '-p', 'TCP')).concat(
      parseNetstat(await output('netstat', '-ano', '-p', 'TCPv6')),
    )
    const processes = await this.#processesOf(rows)
    this.#processes = processes
    return rows.map(({ address, port, pid }) => {
      const found = processes.get(pid)
      const process = found === undefined ? null : { ...found, folder: folderOfCommandLine(found.commandLine) }
      return { address, port, process }
    })
  }

  async #processesOf(rows: NetstatRow[]): Promise<Map<number, Win32Process>> {
    const pids = new Set(rows.map(({ pid }) => pid))
    const processes = new Map([...this.#processes].filter(([pid]) => pids.has(pid)))
    const unknown = [...pids].filter((pid) => !processes.has(pid))
    if (unknown.length === 0) return processes
    for (const process of await win32Processes(unknown)) processes.set(process.pid, process)
    if (pids.has(SYSTEM_PID))
      processes.set(SYSTEM_PID, { pid: SYSTEM_PID, command: 'the Windows HTTP service (http.sys)', commandLine: null })
    return processes
  }
}

/** The working directory of another process is not to be had without a debugger's rights; the command line is. */
async function win32Processes(pids: number[]): Promise<Win32Process[]> {
  const filter = pids.map((pid) => `ProcessId=${pid}`).join(' or ')
  const script =
    '[Console]::OutputEncoding=[Text.Encoding]::UTF8;' +
    `Get-CimInstance Win32_Process -Filter '${filter}' | Select-Object ProcessId,Name,CommandLine | ConvertTo-Json -Compress`
  try {
    return parseWin32Processes(await output('powershell.exe', '-NoProfile', '-NonInteractive', '-Command', script))
  } catch {
    return parseTasklist(await output('tasklist', '/fo', 'csv', '/nh')).filter(({ pid }) => pids.includes(pid))
  }
}

async function output(program: string, ...words: string[]): Promise<string> {
  const { execa } = await import('execa')
  const { stdout } = await execa(program, words, { timeout: 5_000, windowsHide: true })
  return stdout
}
