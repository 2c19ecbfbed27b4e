/** What /proc/PID/stat tells. */
export interface ProcStat {
  pid: number
  name: string
  ppid: number
  group: number
  /** false for a zombie */
  alive: boolean
  cpuMs: number
  /** time from boot to start, in clock ticks */
  startTicks: string
  rssPages: number
}

/** USER_HZ is 100 on every architecture that Node runs on. */
const MS_PER_TICK = 10

/** Reads /proc/PID/stat (proc_pid_stat(5)); null when it is cut short. */
export function parseStat(text: string): ProcStat | null {
  // The name may itself have spaces, parentheses and line ends; nothing behind it has a parenthesis.
  const nameAt = text.indexOf('(')
  const nameEnd = text.lastIndexOf(')')
  const fields = text
    .slice(nameEnd + 1)
    .trim()
    .split(' ')
  const field = (number: number): string => fields[number - 3] ?? '' // numbered as in the manual page
  if (nameAt === -1 || nameEnd < nameAt || field(24) === '') return null
  return {
    pid: Number(text.slice(0, nameAt)),
    name: text.slice(nameAt + 1, nameEnd),
    ppid: Number(field(4)),
    group: Number(field(5)),
    alive: isAlive(field(3), Number(field(20))),
    cpuMs: (Number(field(14)) + Number(field(15))) * MS_PER_TICK,
    startTicks: field(22),
    rssPages: Number(field(24)),
  }
}

/** /proc/PID/cmdline: the arguments, each ended by a NUL. Empty for a kernel thread. */
export function parseCommandLine(text: string): string {
  return text.replace(/\0+$/, '').replaceAll('\0', ' ')
}

/** A process whose first thread has ended also looks like a zombie, but has other threads. */
function isAlive(state: string, threads: number): boolean {
  if (state === 'Z') return threads > 1
  return state !== 'X' && state !== 'x'
}
