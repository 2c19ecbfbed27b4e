import { type ChildProcess, type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { pathOf } from './tools.js'
import { until } from './wait.js'

export type Side = 'near' | 'far'

/** Nothing outlives the test for longer, in seconds, whatever becomes of the test. */
const LONGEST_S = 120
const DEVICE = 'wire'

/** What keeps tests from having two machines; null when nothing does. A container may not be allowed to, even in CI. */
export function machinesMissing(what: string): string | null {
  const programs = ['unshare', 'nsenter', 'ip', 'nft'].filter((program) => pathOf(program) === null)
  if (programs.length > 0 && process.env.CI === 'true') throw new Error(`${what} cannot be tested without ${programs}`)
  const why = programs.length > 0 ? `without ${programs}` : refusalOfKernel()
  if (why !== null) console.warn(`SKIPPED ${what}: ${why}`)
  return why
}

function refusalOfKernel(): string | null {
  if (process.getuid?.() !== 0) return 'only root can make network namespaces'
  const attempt = 'ip link set lo up && ip link add v0 type veth peer name v1 && nft add table inet loss'
  try {
    execFileSync('unshare', ['-n', 'sh', '-c', attempt], { stdio: ['ignore', 'ignore', 'pipe'] })
    return null
  } catch (error) {
    return (error as Error).message.split('\n').slice(0, 3).join(' ')
  }
}

/** Two network namespaces with one cable between them. They end with the processes that hold them. */
export class TwoMachines {
  readonly addresses: Record<Side, string> = { near: '10.213.7.1', far: '10.213.7.2' }
  readonly #holders: Record<Side, ChildProcess>
  readonly #children: ChildProcess[] = []

  static async make(): Promise<TwoMachines> {
    const holders = { near: holder(), far: holder() }
    const machines = new TwoMachines(holders)
    await Promise.all(Object.values(holders).map((child) => once(child, 'spawn')))
    for (const side of ['near', 'far'] as const) {
      await until(() => isApart(holders[side].pid as number), 'a network namespace of its own')
      machines.do(side, 'ip link set lo up')
    }
    machines.plug()
    return machines
  }

  private constructor(holders: Record<Side, ChildProcess>) {
    this.#holders = holders
  }

  /** A shell command on one of both, to its end. */
  do(side: Side, command: string): string {
    const [program, ...args] = this.#inside(side, ['sh', '-c', command])
    return execFileSync(program as string, args, { encoding: 'utf8', timeout: 10_000 })
  }

  /** A cable that is as fast as the machine. */
  plug(): void {
    this.do('near', `ip link add ${DEVICE} type veth peer name ${DEVICE} netns ${this.#holders.far.pid}`)
    for (const side of ['near', 'far'] as const) {
      this.do(side, `ip addr add ${this.addresses[side]}/24 dev ${DEVICE} && ip link set ${DEVICE} up`)
    }
  }

  /** Takes the cable away, with both its ends and their addresses. */
  unplug(): void {
    this.do('near', `ip link del ${DEVICE}`)
  }

  /** Its near end is switched off, and on again: the far one has no carrier meanwhile. */
  switch(state: 'up' | 'down'): void {
    this.do('near', `ip link set ${DEVICE} ${state}`)
  }

  /** Of what comes to one of both, so many packets in a hundred get lost. */
  lose(side: Side, percent: number): void {
    const chain = 'nft add table inet loss && nft add chain inet loss packets "{ type filter hook input priority 0; }"'
    this.do(
      side,
      `${chain} && nft add rule inet loss packets iifname ${DEVICE} numgen random mod 100 \\< ${percent} drop`,
    )
  }

  spawn(
    side: Side,
    command: readonly string[],
    env: Record<string, string> = {},
  ): ChildProcessByStdio<null, Readable, Readable> {
    const [program, ...args] = this.#inside(side, command)
    const options = { env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env } }
    const child = spawn(program as string, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#children.push(child)
    return child
  }

  async close(): Promise<void> {
    for (const child of [...this.#children, ...Object.values(this.#holders)]) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }

  /** The process that is asked for itself: nsenter(1) does not fork for a network. */
  #inside(side: Side, command: readonly string[]): string[] {
    return ['nsenter', '-t', String(this.#holders[side].pid), '-n', ...command]
  }
}

function holder(): ChildProcess {
  return spawn('unshare', ['-n', 'sleep', String(LONGEST_S)], { stdio: 'ignore' })
}

function isApart(pid: number): boolean {
  const network = (of: string) => execFileSync('readlink', [`/proc/${of}/ns/net`], { encoding: 'utf8' })
  return network(String(pid)) !== network('self')
}
