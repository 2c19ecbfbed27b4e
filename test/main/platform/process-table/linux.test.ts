import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { ProcProcesses } from '../../../../src/main/platform/process-table/linux.js'
import { until } from '../../../support/wait.js'

const onLinux = process.platform === 'linux'
const system = new ProcProcesses()
const started: ChildProcess[] = []

afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
})

test.runIf(onLinux)('birth stays the same for one process, for any observer, and differs between two', async () => {
  const child = await start('sleep', ['600'])
  const pids = [process.pid, child.pid as number]
  const births = async (by: ProcProcesses) => new Map((await by.find(pids)).map(({ pid, birth }) => [pid, birth]))
  const before = await births(system)
  expect(new Set(before.values()).size).toBe(2)
  // Whatever else a process does, such as using its processor, is not its birth.
  await until(() => process.cpuUsage().user > 0, 'time passes')
  expect(await births(new ProcProcesses())).toEqual(before)
})

test.runIf(onLinux).each([
  ['spaces and parentheses', ['a (b) c', ') S 1 1'], 'sleep-like a (b) c ) S 1 1'],
  ['line ends', ['one\ntwo', '\n'], 'sleep-like one\ntwo \n'],
  ['other scripts', ['café 東京'], 'sleep-like café 東京'],
])('command lines with %s are told whole', async (_what, words, command) => {
  const child = await start('/bin/sh', ['-c', 'read -r line', ...words], 'sleep-like')
  const [found] = await system.find([child.pid as number])
  expect(found?.command).toBe(command.replace('sleep-like', 'sleep-like -c read -r line'))
  expect(found?.group).toBe((await system.find([process.pid]))[0]?.group) // not detached: ours
})

test.runIf(onLinux)('the name of a program, whatever it is, does not hide its parent', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'portico-name-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const program = path.join(folder, 'x) S 1\n(y')
  await writeFile(program, '#!/bin/sh\nread -r line\n', { mode: 0o755 })
  const child = await start(program, [])
  const [found] = await system.find([child.pid as number])
  expect(found).toMatchObject({ pid: child.pid, ppid: process.pid })
})

test('memory is told in bytes, and a kernel thread by its name', async () => {
  const root = await fakeProc({
    2: { stat: stat(2, 'kthreadd', 0, 0), cmdline: '' },
    812: { stat: stat(812, 'node', 812, 1_000), cmdline: 'node\0server.js\0' },
  })
  const found = await new ProcProcesses(root).list()
  expect(found).toContainEqual(expect.objectContaining({ pid: 2, command: 'kthreadd', rssBytes: 0 }))
  const [node] = found.filter(({ pid }) => pid === 812)
  expect(node).toMatchObject({ command: 'node server.js', birth: 'a-boot 4271985', cpuMs: 30 })
  expect([4, 16, 64].map((kib) => kib * 1024 * 1_000)).toContain(node?.rssBytes)
})

test('a process that has ended is passed over; one that cannot be read for another reason is not', async () => {
  const root = await fakeProc({ 812: { stat: stat(812, 'node', 812, 1), cmdline: 'node\0' }, 813: {} })
  const fake = new ProcProcesses(root)
  expect((await fake.find([811, 812, 813])).map(({ pid }) => pid)).toEqual([812])
  await mkdir(path.join(root, '813', 'stat')) // EISDIR stands for EMFILE and the like
  await expect(fake.find([812, 813])).rejects.toThrow('EISDIR')
})

async function start(program: string, words: string[], argv0?: string): Promise<ChildProcess> {
  const child = spawn(program, words, {
    stdio: ['pipe', 'ignore', 'inherit'],
    ...(argv0 === undefined ? {} : { argv0 }),
  })
  started.push(child)
  await once(child, 'spawn')
  return child
}

function stat(pid: number, name: string, group: number, rssPages: number): string {
  return `${pid} (${name}) S 1 ${group} 0 0 -1 0 0 0 0 0 2 1 0 0 20 0 1 0 4271985 0 ${rssPages} 0 0\n`
}

async function fakeProc(processes: Record<number, Record<string, string>>): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'portico-proc-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const files = Object.entries(processes).map(([pid, content]) => [pid, content] as const)
  for (const [folder, content] of [...files, ['sys/kernel/random', { boot_id: 'a-boot\n' }] as const]) {
    await mkdir(path.join(root, folder), { recursive: true })
    for (const [file, text] of Object.entries(content)) await writeFile(path.join(root, folder, file), text)
  }
  return root
}
