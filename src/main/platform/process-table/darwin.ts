import { mayHaveMembers, POSIX_SHELL, POSIX_SPAWN, signalProcessGroup } from './posix-group.js'
import type { ProcessInfo, ProcessSystem } from './process-system.js'
import { PS_COLUMNS, parsePs } from './ps-output.js'

/** Start times are printed in local time: a laptop that travels must not change the birth of its processes. */
const ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC' }

/** Asks ps(1). */
export class PsProcesses implements ProcessSystem {
  readonly spawnOptions = POSIX_SPAWN
  readonly shell = POSIX_SHELL

  async list(): Promise<ProcessInfo[]> {
    return ps('-ax')
  }

  async find(pids: readonly number[]): Promise<ProcessInfo[]> {
    return pids.length === 0 ? [] : ps('-p', pids.join(','))
  }

  signalGroup(pid: number, signal: NodeJS.Signals): Promise<boolean> {
    return signalProcessGroup(pid, signal, (group) => this.groupMembers(group))
  }

  async groupMembers(pid: number): Promise<number[]> {
    if (!mayHaveMembers(pid)) return []
    return (await this.list()).filter(({ group }) => group === pid).map((member) => member.pid)
  }
}

/** It also fails, with status 1, when none of the processes is there. */
async function ps(...selection: string[]): Promise<ProcessInfo[]> {
  const { execa } = await import('execa')
  const result = await execa('ps', ['-ww', ...selection, '-o', PS_COLUMNS], {
    timeout: 5_000,
    reject: false,
    env: ENVIRONMENT,
  })
  if (result.exitCode === 0 || result.exitCode === 1) return parsePs(result.stdout)
  throw result
}
