import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { mayHaveMembers, POSIX_SHELL, POSIX_SPAWN, signalProcessGroup } from './posix-group.js'
import { type ProcStat, parseCommandLine, parseStat } from './proc-stat.js'
import type { ProcessInfo, ProcessSystem } from './process-system.js'

/** What holds for all processes from boot to shutdown. */
interface Machine {
  bootId: string
  pageBytes: number
}

/** How many files are read at once: all of them together could use up the file handles of a busy gateway. */
const LANES = 8

/** Of processes that ended while they were looked at, and of those of others where procfs hides them (`hidepid`). */
const GONE_OR_HIDDEN = ['ENOENT', 'ESRCH', 'EACCES', 'EPERM']

/** Reads /proc (proc(5)). */
export class ProcProcesses implements ProcessSystem {
  readonly spawnOptions = POSIX_SPAWN
  readonly shell = POSIX_SHELL
  readonly #root: string
  #machine: Promise<Machine> | null = null

  /** @param root where procfs is mounted */
  constructor(root = '/proc') {
    this.#root = root
  }

  async list(): Promise<ProcessInfo[]> {
    return this.find(await this.#pids())
  }

  async find(pids: readonly number[]): Promise<ProcessInfo[]> {
    this.#machine ??= machine(this.#root)
    const facts = await this.#machine
    const found = await inLanes(pids, async (pid) => {
      const stat = await this.#stat(pid)
      return stat === null ? null : this.#process(stat, facts)
    })
    return found.filter((process) => process !== null)
  }

  signalGroup(pid: number, signal: NodeJS.Signals): Promise<boolean> {
    return signalProcessGroup(pid, signal, (group) => this.groupMembers(group))
  }

  async groupMembers(pid: number): Promise<number[]> {
    if (!mayHaveMembers(pid)) return []
    const stats = await inLanes(await this.#pids(), (candidate) => this.#stat(candidate))
    return stats.flatMap((stat) => (stat?.group === pid ? [stat.pid] : []))
  }

  async #pids(): Promise<number[]> {
    return (await readdir(this.#root)).filter((name) => /^\d+$/.test(name)).map(Number)
  }

  /** null when it is not alive */
  async #stat(pid: number): Promise<ProcStat | null> {
    const stat = parseStat((await this.#read(pid, 'stat')) ?? '')
    return stat?.alive === true ? stat : null
  }

  async #process(stat: ProcStat, { bootId, pageBytes }: Machine): Promise<ProcessInfo> {
    const commandLine = parseCommandLine((await this.#read(stat.pid, 'cmdline')) ?? '')
    return {
      pid: stat.pid,
      ppid: stat.ppid,
      group: stat.group,
      birth: `${bootId} ${stat.startTicks}`,
      cpuMs: stat.cpuMs,
      rssBytes: stat.rssPages * pageBytes,
      command: commandLine === '' ? stat.name : commandLine,
    }
  }

  /** Any other failure, such as a lack of file handles, must not make a living process look dead. */
  async #read(pid: number, file: string): Promise<string | null> {
    try {
      return await readFile(path.join(this.#root, String(pid), file), 'utf8')
    } catch (error) {
      if (GONE_OR_HIDDEN.includes((error as NodeJS.ErrnoException).code ?? '')) return null
      throw error
    }
  }
}

async function machine(root: string): Promise<Machine> {
  const [bootId, pageBytes] = await Promise.all([
    // The time of boot would not do instead: it moves whenever the clock is set.
    readFile(path.join(root, 'sys/kernel/random/boot_id'), 'utf8').catch(() => 'unknown-boot'),
    pageSize(),
  ])
  return { bootId: bootId.trim(), pageBytes }
}

/** Up to 64 KiB on ARM. */
async function pageSize(): Promise<number> {
  const { execa } = await import('execa')
  const { stdout } = await execa('getconf', ['PAGESIZE'], { timeout: 3_000, reject: false })
  return Number(stdout) || 4096
}

async function inLanes<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const queue = items.entries()
  const lane = async () => {
    for (const [index, item] of queue) results[index] = await task(item)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return results
}
