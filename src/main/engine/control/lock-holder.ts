import { readFile } from 'node:fs/promises'
import { uptime } from 'node:os'
import { z } from 'zod'

/** What a lock file says about the process that wrote it. */
export const lockRecordSchema = z.object({
  pid: z.int().min(1),
  /** identifies the process beyond its number, which is used again; null where the system does not tell */
  started: z.string().nullable(),
  /** milliseconds since the epoch when the file was written */
  at: z.number(),
  released: z.boolean(),
})

export type LockRecord = z.output<typeof lockRecordSchema>

/** What can be seen of the process that a record names. */
export interface HolderSight {
  started: string | null
  alive: boolean
  /** something takes connections at the control endpoint */
  answering: boolean
  /** milliseconds since the epoch */
  bootedAt: number
  now: number
}

/** A process that has the lock and does not answer yet is believed to be starting for this long. */
const STARTING_MS = 60_000

/**
 * Whether the process that wrote the record holds the lock still. With its start time known that is certain; otherwise
 * a living process of that number counts when it answers, or may be starting since the machine was booted.
 */
export function holdsLock(record: LockRecord, sight: HolderSight): boolean {
  if (record.released) return false
  if (sight.answering) return true
  if (record.started !== null) return sight.started === record.started
  return sight.alive && record.at > sight.bootedAt && sight.now - record.at < STARTING_MS
}

/** Looks at the process of a record; `answering` is asked of the control endpoint. */
export async function seeHolder(record: LockRecord, answering: () => Promise<boolean>): Promise<HolderSight> {
  return {
    started: await processStart(record.pid),
    alive: isAlive(record.pid),
    answering: await answering(),
    bootedAt: Date.now() - uptime() * 1000,
    now: Date.now(),
  }
}

/**
 * Identifies a running process by boot and start time (Linux, proc(5): field 22 of stat). Null when there is no such
 * process, it is dead and only waits for its parent, or the system has no /proc.
 */
export async function processStart(pid: number): Promise<string | null> {
  const [stat, boot] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
  ])
  return startOfStat(stat, boot.trim())
}

/** The identity out of the text of /proc/<pid>/stat, whose second field may hold spaces and brackets. */
export function startOfStat(stat: string, bootId: string): string | null {
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields[18]
  if (ticks === undefined || state === 'Z' || state === 'X') return null
  return `${bootId}:${ticks}`
}

/** Whether there is a process with this pid, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
