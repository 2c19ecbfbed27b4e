import type { Platform } from '../platform.js'
import { PsProcesses } from './darwin.js'
import { ProcProcesses } from './linux.js'
import { WindowsProcesses } from './windows.js'

/** One process as the system tells of it. */
export interface ProcessInfo {
  pid: number
  ppid: number
  /** process group (POSIX); null where there are none */
  group: number | null
  /** start time: with the pid it names one run of a program, which no later process with that pid has */
  birth: string
  /** user and system time used so far, milliseconds */
  cpuMs: number
  /** resident memory, bytes */
  rssBytes: number
  /** the command line, or the name where that is not to be had */
  command: string
}

/** One system's way to look at processes and to end them with all that they started. Zombies count as gone. */
export interface ProcessSystem {
  /** Every process that this user may see. Rejects when the system's own tools cannot be had. */
  list(): Promise<ProcessInfo[]>
  /** Those of the given ones that are alive, in no particular order. */
  find(pids: readonly number[]): Promise<ProcessInfo[]>
  /** for `spawn`, so that the child and its descendants can be ended together */
  readonly spawnOptions: { detached: boolean; windowsHide: boolean }
  /**
   * Signals all of a child's group or tree; on POSIX before it returns its promise.
   *
   * @returns false when nobody is there. True says that somebody is, which may be a zombie that was not collected yet,
   *   and not that they obey: `groupMembers` tells who is left.
   */
  signalGroup(pid: number, signal: NodeJS.Signals): Promise<boolean>
  /** Who is alive in the group or tree of a leader, itself included; it may have died before them. */
  groupMembers(pid: number): Promise<number[]>
  /** the program that runs a command line, and its arguments before that */
  readonly shell: readonly string[]
}

/** The processes of a system: by procfs, ps(1), or CIM and taskkill. */
export function processSystem(platform: Platform): ProcessSystem {
  if (platform === 'linux') return new ProcProcesses()
  if (platform === 'win32') return new WindowsProcesses()
  return new PsProcesses() // its words are those of every BSD
}
