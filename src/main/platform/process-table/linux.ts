import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { setImmediate as otherWork } from 'node:timers/promises'
import { mayHaveMembers, POSIX_SHELL, POSIX_SPAWN, signalProcessGroup } from './posix-group.js'
import { type ProcStat, parseCommandLine, parseStat } from './proc-stat.js'
import type { ProcessInfo, ProcessSystem } from './process-system.js'

/** What holds for all processes from boot to shutdown. */
interface Machine {
  bootId: string
  pageBytes: number
}

/**
 * How many `stat` files are read before other work has its turn: about half a millisecond. The kernel answers from
 * memory; through the thread pool the same costs ten times the processor time.
 */
const SLICE = 32

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
    const facts = await this.#facts()
    const found: ProcessInfo[] = []
    for (const stat of await this.#stats(pids)) found.push(await this.#process(stat, facts))
    return found
  }

  signalGroup(pid: number, signal: NodeJS.Signals): Promise<boolean> {
    return signalProcessGroup(pid, signal, (group) => this.groupMembers(group))
  }

  async groupMembers(pid: number): Promise<number[]> {
    if (!mayHaveMembers(pid)) return []
    const stats = await this.#stats(await this.#pids())
    return stats.filter(({ group }) => group === pid).map((member) => member.pid)
  }

  #facts(): Promise<Machine> {
    this.#machine ??= machine(this.#root).catch((error) => {
      this.#machine = null
      throw error
    })
    return this.#machine
  }

  async #pids(): Promise<number[]> {
    return (await readdir(this.#root)).filter((name) => /^\d+$/.test(name)).map(Number)
  }

  /** Of those that are alive. */
  async #stats(pids: readonly number[]): Promise<ProcStat[]> {
    const stats: ProcStat[] = []
    for (const [index, pid] of pids.entries()) {
      if (index % SLICE === SLICE - 1) await otherWork()
      const stat = parseStat(this.#statFile(pid) ?? '')
      if (stat?.alive === true) stats.push(stat)
    }
    return stats
  }

  async #process(stat: ProcStat, { bootId, pageBytes }: Machine): Promise<ProcessInfo> {
    const commandLine = parseCommandLine(await this.#commandLineFile(stat.pid))
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

  #statFile(pid: number): string | null {
    try {
      return readFileSync(path.join(this.#root, String(pid), 'stat'), 'utf8')
    } catch (error) {
      return nothingIfGone(error)
    }
  }

  /** In the thread pool: it is read from the memory of the process, and so can hang where that does. */
  async #commandLineFile(pid: number): Promise<string> {
    return (await readFile(path.join(this.#root, String(pid), 'cmdline'), 'utf8').catch(nothingIfGone)) ?? ''
  }
}

/** Any other failure, such as a lack of file handles, must not make a living process look dead. */
function nothingIfGone(error: unknown): null {
  if (GONE_OR_HIDDEN.includes((error as NodeJS.ErrnoException).code ?? '')) return null
  throw error
}

async function machine(root: string): Promise<Machine> {
  const [bootId, pageBytes] = await Promise.all([
    // The time of boot would not do instead: it moves whenever the clock is set.
    readFile(path.join(root, 'sys/kernel/random/boot_id'), 'utf8').catch(
      (error) => nothingIfGone(error) ?? 'unknown-boot',
    ),
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
