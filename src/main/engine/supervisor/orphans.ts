import type { Logger } from 'pino'
import type { Ledger, LedgerEntry } from './ledger.js'
import { endGroups } from './process-groups.js'
import type { ProcessInfo, ProcessSystem } from './process-system.js'

/** What lost its gateway has nothing to finish for anybody. */
const GRACE_MS = 3_000

/** Ends what an earlier gateway has left, and strikes it out of the ledger. What goes wrong is told in the log. */
export async function recover(ledger: Ledger, system: ProcessSystem, log: Logger): Promise<void> {
  try {
    if (ledger.left.length > 0) await endOrphans(ledger.left, system, log)
    await ledger.forgetLeft()
  } catch (error) {
    log.error({ err: error }, 'the processes of an earlier run cannot be ended')
  }
}

/** Ends what a gateway that was killed has left behind, and nobody else's processes. */
async function endOrphans(left: readonly LedgerEntry[], system: ProcessSystem, log: Logger): Promise<void> {
  const noted = left.flatMap(({ leader, members }) => [leader, ...members].map(({ pid }) => pid))
  const alive = await system.find([...new Set(noted)])
  const leaders = orphanLeaders(left, alive)
  for (const { app, leader, group } of left) {
    if (leaders.includes(group ?? leader.pid)) log.warn({ app, pid: leader.pid }, 'ending a process of an earlier run')
    else log.info({ app, pid: leader.pid }, 'a process of an earlier run has ended')
  }
  await endGroups(system, leaders, { signal: 'SIGTERM', graceMs: GRACE_MS })
}

/**
 * The leaders of the groups that are surely those of the ledger: a process that was noted is alive in them, and it was
 * born when the one noted was.
 *
 * @param alive the processes that have the noted pids now
 */
export function orphanLeaders(left: readonly LedgerEntry[], alive: readonly ProcessInfo[]): number[] {
  const byPid = new Map(alive.map((info) => [info.pid, info]))
  const leaders = left.flatMap(({ leader, group, members }) => {
    const same = [leader, ...members]
      .filter(({ pid, birth }) => byPid.get(pid)?.birth === birth)
      .flatMap(({ pid }) => byPid.get(pid) ?? [])
    // Without groups there is only the tree of each, and the leader's may have been torn.
    if (group === null) return same.map(({ pid }) => pid)
    return same.some((info) => info.group === group) ? [group] : []
  })
  return [...new Set(leaders)]
}
