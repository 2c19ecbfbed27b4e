import { readFile } from 'node:fs/promises'
import { cpus, loadavg, release, totalmem } from 'node:os'
import type { Lab } from './lab.ts'

/** Where the numbers come from; without it they say nothing. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  readonly kernel: string
  readonly node: string
  /** wrk, h2load and OpenSSL with their versions */
  readonly tools: readonly string[]
  /** one-minute load average before the first measurement */
  readonly loadBefore: number
}

export async function describeMachine(lab: Lab): Promise<Machine> {
  const processors = cpus()
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown CPU',
    cores: processors.length,
    memoryBytes: totalmem(),
    system: prettyName(await readFile('/etc/os-release', 'utf8')),
    kernel: release(),
    node: process.version,
    tools: [
      // wrk prints its usage and ends with 1 after its version.
      `wrk ${/wrk (\S+)/.exec(await lab.children.run('sh', ['-c', 'wrk -v; true'], { timeoutMs: 5_000 }))?.[1] ?? '?'}`,
      (await lab.children.run('h2load', ['--version'], { timeoutMs: 5_000 })).trim(),
      (await lab.children.run('openssl', ['version'], { timeoutMs: 5_000 })).trim().replace(/ \(Library.*/, ''),
    ],
    loadBefore: loadavg()[0] ?? 0,
  }
}

function prettyName(osRelease: string): string {
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(osRelease)?.[1] ?? 'unknown system'
}
