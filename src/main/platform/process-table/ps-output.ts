import type { ProcessInfo } from './process-system.js'

/** The columns that `parsePs` reads, for `ps -o`; those that have spaces come last or have a known number of words. */
export const PS_COLUMNS = 'pid=,ppid=,pgid=,state=,lstart=,time=,rss=,command='

/** `Sat Nov 21 08:54:51 2026`, as LC_ALL=C has it */
const START = String.raw`\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+`

const ROW = new RegExp(String.raw`^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(${START})\s+([\d:.-]+)\s+(\d+)\s+(.*)$`)

/** Living processes of `ps -o` with these columns. A line that is no row is passed over. */
export function parsePs(output: string): ProcessInfo[] {
  return output.split('\n').flatMap((line) => {
    const [, pid, ppid, group, state = '', start = '', time = '', kib, command = ''] = ROW.exec(line) ?? []
    if (pid === undefined || state.startsWith('Z')) return []
    return [
      {
        pid: Number(pid),
        ppid: Number(ppid),
        group: Number(group),
        birth: start.replace(/\s+/g, ' '),
        cpuMs: milliseconds(time),
        rssBytes: Number(kib) * 1024,
        command: command.trimEnd(),
      },
    ]
  })
}

/** `123:45.67` of the BSDs counts minutes and seconds; POSIX also has hours, and days before a hyphen. */
function milliseconds(time: string): number {
  const [clock = '', days = '0'] = time.split('-').reverse()
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return Math.round((Number(days) * 86_400 + seconds) * 1_000)
}
