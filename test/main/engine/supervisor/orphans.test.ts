import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { LedgerEntry } from '../../../../src/main/engine/supervisor/ledger.js'
import { orphanLeaders } from '../../../../src/main/engine/supervisor/orphans.js'
import type { ProcessInfo } from '../../../../src/main/engine/supervisor/process-system.js'
import { alive, isAlive, type Supervised, serverApp, supervise } from '../../../support/processes/supervise.js'
import { until } from '../../../support/wait.js'

let dir: string
const open: Supervised[] = []

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'portico-orphans-'))
})

afterEach(async () => {
  for (const supervised of open.splice(0)) await supervised.close(0)
})

afterAll(() => rm(dir, { recursive: true, force: true }))

test('what an earlier gateway left behind is ended before anything is started, and its ports are free', async () => {
  // It is not really gone, and would otherwise start the app again on the port that the next one wants.
  const former = await supervise({ backOffMs: () => 60_000 }, dir)
  open.push(former)
  former.apply(serverApp('shop', ['--child']))
  former.supervisor.begin()
  const { pid, port } = await former.reaches('shop', 'running')
  await until(async () => (await former.ledger()).entries.length === 1, 'a note in the ledger')
  const members = await former.members('shop')
  expect((await stat(former.ledgerFile)).mode & 0o777).toBe(0o600)

  // As after kill -9: the former one knows nothing of the next.
  const next = await supervise({}, dir)
  open.push(next)
  next.apply(serverApp('shop', [], { port }))
  next.supervisor.begin()
  await next.reaches('shop', 'running')
  expect(await isAlive(pid)).toBe(false)
  expect(await alive(members)).toEqual([])
})

test('the process of a stranger that has got the pid since is left alone', async () => {
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { detached: true, stdio: 'ignore' })
  await once(stranger, 'spawn')
  const pid = stranger.pid ?? 0
  const file = path.join(dir, 'processes.json')
  const entry = { app: 'shop', port: 1, leader: { pid, birth: 'another' }, group: pid, members: [] }
  await writeFile(file, JSON.stringify({ version: 1, entries: [entry] }))
  const supervised = await supervise({}, dir)
  open.push(supervised)
  await until(async () => (await supervised.ledger()).entries.length === 0, 'the entry is struck out')
  expect(await isAlive(pid)).toBe(true)
  stranger.kill('SIGKILL')
})

test('a ledger that is damaged keeps nobody from starting', async () => {
  const file = path.join(dir, 'processes.json')
  await writeFile(file, '{"version": 1, "entr')
  const supervised = await supervise({}, dir)
  open.push(supervised)
  supervised.apply(serverApp('shop'))
  supervised.supervisor.begin()
  await supervised.reaches('shop', 'running')
  await until(async () => (await supervised.ledger().catch(() => null))?.entries.length === 1, 'a good ledger')
})

test('a ledger that cannot be written keeps nobody from starting', async () => {
  const locked = path.join(dir, 'locked')
  await writeFile(locked, '')
  await chmod(locked, 0o400)
  const supervised = await supervise({}, locked)
  open.push(supervised)
  supervised.apply({ ...serverApp('shop', [], { cwd: dir }) })
  supervised.supervisor.begin()
  await supervised.reaches('shop', 'running')
})

const info = (pid: number, birth: string, group: number | null): ProcessInfo => ({
  ...{ pid, birth, group, ppid: 1, cpuMs: 0, rssBytes: 0, command: 'node' },
})
const entry = (parts: Partial<LedgerEntry>): LedgerEntry => ({
  ...{ app: 'shop', port: 3000, leader: { pid: 100, birth: 'a' }, group: 100, members: [] },
  ...parts,
})

test.each<[string, LedgerEntry, ProcessInfo[], number[]]>([
  ['the leader is the one noted', entry({}), [info(100, 'a', 100)], [100]],
  ['the pid is somebody else’s', entry({}), [info(100, 'b', 100)], []],
  ['nobody is there', entry({}), [], []],
  ['a member proves the group', entry({ members: [{ pid: 101, birth: 'c' }] }), [info(101, 'c', 100)], [100]],
  ['a member that changed its group does not', entry({ members: [{ pid: 101, birth: 'c' }] }), [info(101, 'c', 7)], []],
  ['a member’s pid is somebody else’s', entry({ members: [{ pid: 101, birth: 'c' }] }), [info(101, 'd', 100)], []],
  [
    'without groups each that is alive counts',
    entry({ group: null, members: [{ pid: 101, birth: 'c' }] }),
    [info(100, 'b', null), info(101, 'c', null)],
    [101],
  ],
])('whose group it is: %s', (_name, noted, present, leaders) => {
  expect(orphanLeaders([noted], present)).toEqual(leaders)
})
