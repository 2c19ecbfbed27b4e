import { setTimeout as delay } from 'node:timers/promises'
import type { ProcessSystem } from './process-system.js'

const FIRST_LOOK_MS = 10
const LAST_LOOK_MS = 250

/** Signals the groups of these leaders. */
export async function signalGroups(
  system: ProcessSystem,
  leaders: readonly number[],
  signal: NodeJS.Signals,
): Promise<void> {
  await Promise.all(leaders.map((leader) => system.signalGroup(leader, signal)))
}

/** Resolves when nobody is left in the groups of these leaders; the signal ends the wait. */
export async function untilGone(
  system: ProcessSystem,
  leaders: readonly number[],
  signal?: AbortSignal,
): Promise<void> {
  for (let pause = FIRST_LOOK_MS; !(await areGone(system, leaders)); pause = Math.min(pause * 2, LAST_LOOK_MS)) {
    await delay(pause, undefined, { ...(signal === undefined ? {} : { signal }) })
  }
}

/** Ends the groups of these leaders by force. A group may grow while it is being ended, so it is done until nobody is left. */
export async function killGroups(
  system: ProcessSystem,
  leaders: readonly number[],
  signal?: AbortSignal,
): Promise<void> {
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 2, LAST_LOOK_MS)) {
    await signalGroups(system, leaders, 'SIGKILL')
    if (await areGone(system, leaders)) return
    await delay(pause, undefined, { ...(signal === undefined ? {} : { signal }) })
  }
}

/**
 * Asks the groups of these leaders to end, and ends them by force when they have not after a while.
 *
 * @param graceMs how long they are given
 */
export async function endGroups(
  system: ProcessSystem,
  leaders: readonly number[],
  { signal, graceMs }: { signal: NodeJS.Signals; graceMs: number },
): Promise<void> {
  if (await areGone(system, leaders)) return
  await signalGroups(system, leaders, signal)
  const grace = new AbortController()
  const timer = setTimeout(() => grace.abort(), graceMs).unref()
  try {
    await untilGone(system, leaders, grace.signal)
  } catch (error) {
    if (!grace.signal.aborted) throw error
    await killGroups(system, leaders)
  } finally {
    clearTimeout(timer)
  }
}

/** Kills the groups of these leaders in this very moment: for when the gateway's own process ends. */
export function killNow(system: Pick<ProcessSystem, 'spawnOptions'>, leaders: readonly number[]): void {
  for (const leader of leaders) {
    try {
      process.kill(system.spawnOptions.detached ? -leader : leader, 'SIGKILL')
    } catch {
      // It has ended already.
    }
  }
}

async function areGone(system: ProcessSystem, leaders: readonly number[]): Promise<boolean> {
  try {
    const members = await Promise.all(leaders.map((leader) => system.groupMembers(leader)))
    return members.every((pids) => pids.length === 0)
  } catch {
    return false // as for want of file handles: it is asked again
  }
}
