import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { PsProcesses } from '../../../../src/main/platform/process-table/darwin.js'
import { ProcProcesses } from '../../../../src/main/platform/process-table/linux.js'
import type { ProcessSystem } from '../../../../src/main/platform/process-table/process-system.js'
import { until, within } from '../../../support/wait.js'

const onLinux = process.platform === 'linux'
const hasPs = () => {
  try {
    execFileSync('ps', ['-p', '1'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const systems: [name: string, system: ProcessSystem, possible: boolean][] = [
  ['procfs', new ProcProcesses(), onLinux],
  ['ps', new PsProcesses(), hasPs()],
]

const started: ChildProcess[] = []

afterEach(async () => {
  for (const child of started.splice(0)) {
    try {
      process.kill(-(child.pid as number), 'SIGKILL')
    } catch {
      // its group has ended
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
})

for (const [name, system, possible] of systems) {
  test.runIf(possible)(`${name}: a group is a shell and all it started, and ends as one`, async () => {
    const { child, lines } = startShell(
      system,
      'sleep 600 & echo $!; sh -c "sleep 601 & echo \\$!; wait" & echo $!; wait',
    )
    const [first, second, third] = await lines(3)
    const leader = child.pid as number
    expect((await system.groupMembers(leader)).sort(ascending)).toEqual([leader, first, second, third].sort(ascending))
    expect(await system.signalGroup(leader, 'SIGTERM')).toBe(true)
    await once(child, 'exit')
    await until(async () => (await system.groupMembers(leader)).length === 0, 'the group is empty')
    expect(await system.find([leader, first, second, third] as number[])).toEqual([])
  })

  test.runIf(possible)(`${name}: a group outlives its leader`, async () => {
    const { child, lines } = startShell(system, 'sleep 600 & echo $!; read -r line')
    const [sleeper] = await lines(1)
    child.stdin?.end()
    await once(child, 'exit')
    const leader = child.pid as number
    expect(await system.groupMembers(leader)).toEqual([sleeper])
    expect(await system.find([leader])).toEqual([])
    expect(await system.signalGroup(leader, 'SIGKILL')).toBe(true)
    await until(async () => (await system.groupMembers(leader)).length === 0, 'the orphan is gone')
  })

  test.runIf(possible)(`${name}: zombies count as gone`, async () => {
    // The shell becomes a program that never collects the child it has got from it. The child ends only then: a shell
    // would collect it.
    const { child, lines } = startShell(system, 'exec 3<&0; (read -r line <&3) & echo $!; exec sleep 600')
    const [zombie] = (await lines(1)) as [number]
    const leader = child.pid as number
    const told = (field: string, pid: number) => execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)]).toString()
    await until(() => told('args', leader).startsWith('sleep'), 'the shell to become a program')
    child.stdin?.end()
    await until(() => told('state', zombie).startsWith('Z'), 'a zombie')
    expect(await system.groupMembers(leader)).toEqual([leader])
    expect(await system.find([zombie])).toEqual([])
    expect((await system.list()).filter(({ pid }) => pid === zombie)).toEqual([])
  })

  test.runIf(possible)(`${name}: tells parent, group, memory and processor time`, async () => {
    const { child, lines } = startShell(
      system,
      'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo 1; read -r line',
    )
    await lines(1)
    const pid = child.pid as number
    const [found] = await system.find([pid])
    expect(found).toMatchObject({ pid, ppid: process.pid, group: pid })
    expect(found?.command).toContain('/bin/sh -c i=0')
    expect(found?.cpuMs).toBeGreaterThanOrEqual(name === 'procfs' ? 10 : 0)
    expect(found?.cpuMs).toBeLessThan(60_000)
    const rssNow = process.memoryUsage.rss()
    const [self] = await system.find([process.pid])
    expect(self?.rssBytes).toBeGreaterThan(rssNow / 3)
    expect(self?.rssBytes).toBeLessThan(rssNow * 3)
  })

  test.runIf(possible)(`${name}: nobody hears what is sent to a group that is gone, or to no group`, async () => {
    const { child } = startShell(system, 'exit 0')
    await once(child, 'exit')
    expect(await system.signalGroup(child.pid as number, 'SIGTERM')).toBe(false)
    expect(await system.groupMembers(child.pid as number)).toEqual([])
    for (const pid of [0, 1, -1, 1.5, 2 ** 32 + 1, Number.NaN]) {
      expect(await system.signalGroup(pid, 'SIGCONT')).toBe(false)
      expect(await system.groupMembers(pid)).toEqual([])
    }
  })

  test.runIf(possible)(`${name}: the list has every process once, and finding some is the same`, async () => {
    const { child } = startShell(system, 'read -r line')
    const wanted = [process.pid, child.pid as number]
    const listed = (await system.list()).filter(({ pid }) => wanted.includes(pid))
    expect(listed.map(({ pid }) => pid).sort(ascending)).toEqual(wanted.sort(ascending))
    expect((await system.find([...wanted, 2 ** 31 - 1])).map(({ pid }) => pid).sort(ascending)).toEqual(wanted)
    expect(await system.find([])).toEqual([])
  })
}

test.runIf(hasPs())('ps: birth does not depend on where the computer is', async () => {
  onTestFinished(() => void vi.unstubAllEnvs())
  const system = new PsProcesses()
  const births: number[] = []
  for (const zone of ['Asia/Tokyo', 'America/New_York']) {
    vi.stubEnv('TZ', zone)
    births.push(Date.parse(`${(await system.find([process.pid]))[0]?.birth} UTC`))
  }
  // ps of Linux works the time out anew at each call, to within a second.
  expect(Math.abs(births[0]! - births[1]!)).toBeLessThanOrEqual(1_000)
  expect(Date.now() - births[0]!).toBeLessThan(3_600_000)
})

function startShell(system: ProcessSystem, command: string) {
  const [program, ...words] = system.shell as [string, ...string[]]
  const child = spawn(program, [...words, command], { ...system.spawnOptions, stdio: ['pipe', 'pipe', 'inherit'] })
  started.push(child)
  return { child, lines: (count: number) => within(numbers(child, count), 'the shell tells who it started') }
}

async function numbers(child: ChildProcess, count: number): Promise<number[]> {
  const found: number[] = []
  for await (const line of createInterface(child.stdout!)) {
    found.push(Number(line))
    if (found.length === count) break
  }
  return found
}

function ascending(a: number | undefined, b: number | undefined): number {
  return (a ?? 0) - (b ?? 0)
}
