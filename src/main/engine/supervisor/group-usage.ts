import type { Usage } from './process-status.js'
import type { ProcessInfo } from './process-system.js'

/** What the processes of an app had used when they were looked at. */
export interface UsageSample {
  /** ms, of a clock that does not jump */
  at: number
  cpuMs: ReadonlyMap<number, number>
  rssBytes: number
}

/** Adds up what belongs to the groups of these leaders, or, where there are no groups, to their trees. */
export function sampleGroup(all: readonly ProcessInfo[], leaders: readonly number[], at: number): UsageSample {
  const members = all.some(({ group }) => group !== null)
    ? all.filter(({ group }) => group !== null && leaders.includes(group))
    : trees(all, leaders)
  return {
    at,
    cpuMs: new Map(members.map(({ pid, cpuMs }) => [pid, cpuMs])),
    rssBytes: members.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
  }
}

/** Percent of one core between two samples; what ended meanwhile counts for nothing. */
export function usageBetween(before: UsageSample | null, now: UsageSample): Usage {
  if (before === null || now.at <= before.at) return { cpu: null, memory: now.rssBytes }
  let cpuMs = 0
  for (const [pid, used] of now.cpuMs) cpuMs += Math.max(0, used - (before.cpuMs.get(pid) ?? 0))
  return { cpu: Math.round((1_000 * cpuMs) / (now.at - before.at)) / 10, memory: now.rssBytes }
}

function trees(all: readonly ProcessInfo[], leaders: readonly number[]): ProcessInfo[] {
  const members = new Set<number>(leaders)
  for (let size = 0; size !== members.size; ) {
    size = members.size
    for (const { pid, ppid } of all) if (members.has(ppid)) members.add(pid)
  }
  return all.filter(({ pid }) => members.has(pid))
}
