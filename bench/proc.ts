import { readdir, readFile } from 'node:fs/promises'

/** CPU time and memory of process trees, from Linux's /proc (proc(5)). */

export interface ProcessStat {
  readonly pid: number
  readonly parent: number
  /** user and system time so far */
  readonly cpuMicros: number
  /** clock ticks after boot; with the pid it names one process for good */
  readonly startTime: number
}

/** USER_HZ is 100 on every Linux architecture that Node runs on. */
const MICROS_PER_TICK = 10_000

/** CPU time that the process and all its descendants have used, in microseconds. */
export async function treeCpuMicros(root: number): Promise<number> {
  return (await readTree(root)).reduce((sum, stat) => sum + stat.cpuMicros, 0)
}

/** Resident memory (VmRSS) of the process and its descendants in bytes; pages they share count once for each. */
export async function treeRssBytes(root: number): Promise<number> {
  const sizes = await Promise.all((await readTree(root)).map(({ pid }) => readRss(pid)))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** The process and its descendants as they are now; empty when it has ended. */
export async function readTree(root: number): Promise<ProcessStat[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const stats = await Promise.all(pids.map((pid) => readStat(Number(pid))))
  return treeOf(
    root,
    stats.filter((stat) => stat !== null),
  )
}

/** Picks `root` and what descends from it. */
export function treeOf(root: number, stats: readonly ProcessStat[]): ProcessStat[] {
  const found = stats.filter(({ pid }) => pid === root)
  for (const member of found) found.push(...stats.filter(({ parent, pid }) => parent === member.pid && pid !== root))
  return found
}

/** Null when the process has ended. */
export async function readStat(pid: number): Promise<ProcessStat | null> {
  const text = await readProc(`/proc/${pid}/stat`)
  return text === null ? null : parseStat(text)
}

/** Parses /proc/PID/stat. The name in the second field may itself hold spaces and parentheses. */
export function parseStat(text: string): ProcessStat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const field = (number: number) => Number(fields[number - 3])
  return {
    pid: Number.parseInt(text, 10),
    parent: field(4),
    cpuMicros: (field(14) + field(15)) * MICROS_PER_TICK,
    startTime: field(22),
  }
}

/** VmRSS of /proc/PID/status in bytes; 0 for a process without memory of its own (a zombie). */
export function parseRss(text: string): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(text)
  return match === null ? 0 : Number(match[1]) * 1024
}

async function readRss(pid: number): Promise<number> {
  const text = await readProc(`/proc/${pid}/status`)
  return text === null ? 0 : parseRss(text)
}

/** A process may end between being listed and being read: ENOENT before, ESRCH after its file was opened. */
async function readProc(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return null
    throw error
  }
}
