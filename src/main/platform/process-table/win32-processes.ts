import type { ProcessInfo } from './process-system.js'

/** One object of the answer to `win32ProcessScript`. */
interface Win32Process {
  ProcessId: number
  ParentProcessId: number
  /** ISO 8601, UTC, seven decimals; null where Windows does not tell, as of the idle process */
  Birth: string | null
  /** in units of 100 ns */
  KernelModeTime: number
  UserModeTime: number
  WorkingSetSize: number
  Name: string
  /** null where this user may not know */
  CommandLine: string | null
}

const TIME_UNITS_PER_MS = 10_000

/**
 * PowerShell that prints processes as JSON for `parseWin32Processes`. Dates are made text by the script: left to
 * ConvertTo-Json, each version of PowerShell writes them in another way.
 *
 * @param filter in WQL; all processes without it
 */
export function win32ProcessScript(filter?: string): string {
  const birth = "@{n='Birth';e={if($_.CreationDate){$_.CreationDate.ToUniversalTime().ToString('o')}}}"
  return (
    '[Console]::OutputEncoding=[Text.Encoding]::UTF8;' +
    `Get-CimInstance Win32_Process${filter === undefined ? '' : ` -Filter '${filter}'`} | ` +
    `Select-Object ProcessId,ParentProcessId,${birth},KernelModeTime,UserModeTime,WorkingSetSize,Name,CommandLine | ` +
    'ConvertTo-Json -Compress'
  )
}

/** Its answer: an object for one process, an array for several, nothing for none. */
export function parseWin32Processes(output: string): ProcessInfo[] {
  const text = output.trim() // also of a byte order mark, which PowerShell 5 may put before UTF-8
  if (text === '') return []
  const value = JSON.parse(text) as Win32Process | Win32Process[]
  return (Array.isArray(value) ? value : [value]).map((row) => ({
    pid: row.ProcessId,
    ppid: row.ParentProcessId,
    group: null,
    birth: row.Birth ?? '',
    cpuMs: Math.round((row.KernelModeTime + row.UserModeTime) / TIME_UNITS_PER_MS),
    rssBytes: row.WorkingSetSize,
    command: row.CommandLine?.trim() || row.Name,
  }))
}

/**
 * The pids of a process and its descendants. Windows keeps naming a parent that has ended, and soon gives its number to
 * another process: a child is one that was born after the process that now has its parent's number. The root may have
 * ended; what was started by a descendant that has ended is lost to the tree.
 */
export function processTree(root: number, processes: readonly ProcessInfo[]): number[] {
  const births = new Map(processes.map(({ pid, birth }) => [pid, birth]))
  const tree = new Set(births.has(root) ? [root] : [])
  const parents = [root]
  for (const parent of parents) {
    const parentBirth = births.get(parent) ?? ''
    for (const { pid, ppid, birth } of processes) {
      // Unknown births are those of Windows' own processes.
      if (ppid !== parent || tree.has(pid) || birth === '' || birth < parentBirth) continue
      tree.add(pid)
      parents.push(pid)
    }
  }
  return [...tree]
}
