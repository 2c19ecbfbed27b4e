import { setTimeout as delay } from 'node:timers/promises'
import { portAnswers } from './port-answers.js'
import type { PortHolder } from './port-taken.js'
import type { ProcessSystem } from './process-system.js'

/** What a process that has ended left behind to work for it. */
export interface Remains {
  /** null when it cannot be found out */
  pid: number | null
  /** of the groups that it consists of */
  leaders: readonly number[]
}

interface Surroundings {
  system: ProcessSystem
  holderOf(port: number): Promise<PortHolder | null>
}

/** A server that goes into the background may open its port a moment after its parent has ended, in a session of its own. */
const APPEARS_MS = 2_000
const LOOK_MS = 100

/**
 * Looks for a daemon: one that answers on the port, or, as long as the process was not ready, one that may come to it.
 * Nobody answered there before the process was started, so who does now belongs to it.
 *
 * @param leader of the group of the process that ended
 * @returns null when nothing was left that works
 */
export async function findRemains(
  { system, holderOf }: Surroundings,
  { leader, port, wasReady }: { leader: number; port: number; wasReady: boolean },
): Promise<Remains | null> {
  const end = performance.now() + APPEARS_MS
  let answers = await portAnswers(port)
  while (!answers && performance.now() < end) {
    if (wasReady && (await system.groupMembers(leader)).length === 0) break
    await delay(LOOK_MS)
    answers = await portAnswers(port)
  }
  const members = await system.groupMembers(leader)
  if (!answers) return wasReady || members.length === 0 ? null : { pid: members[0] ?? null, leaders: [leader] }
  const holder = (await holderOf(port))?.pid ?? null
  if (holder === null || members.includes(holder)) {
    return members.length === 0 ? null : { pid: holder ?? members[0] ?? null, leaders: [leader] }
  }
  const group = await groupOf(system, holder)
  return group === null ? null : { pid: holder, leaders: [leader, group] }
}

/** By which the holder of a port can be ended; null when that would be the gateway's own, or it has ended. */
async function groupOf(system: ProcessSystem, pid: number): Promise<number | null> {
  const infos = await system.find([pid, process.pid])
  const holder = infos.find((info) => info.pid === pid)
  const own = infos.find((info) => info.pid === process.pid)
  if (holder === undefined || pid === process.pid) return null
  if (holder.group === null) return pid
  return holder.group === own?.group ? null : holder.group
}
