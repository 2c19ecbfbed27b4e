import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Ledger, type LedgerEntry } from '../../../../src/main/engine/supervisor/ledger.js'

let dir: string
let file: string

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'portico-ledger-'))
  file = path.join(dir, 'processes.json')
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const open = () => Ledger.open(file, pino({ level: 'silent' }))
const entry = (app: string, pid: number): LedgerEntry => ({
  ...{ app, port: 3000, leader: { pid, birth: 'b' }, group: pid, members: [] },
})

async function apps(): Promise<string[]> {
  const { entries } = JSON.parse(await readFile(file, 'utf8')) as { entries: LedgerEntry[] }
  return entries.map(({ app }) => app)
}

test('what is noted is found by the next one, and is for its owner’s eyes alone', async () => {
  const ledger = await open()
  await ledger.set('shop', [entry('shop', 10), entry('shop', 11)])
  expect((await open()).left).toEqual([entry('shop', 10), entry('shop', 11)])
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await ledger.set('shop', [])
  expect((await open()).left).toEqual([])
})

test('what an earlier one left stays noted until it has ended', async () => {
  await (await open()).set('shop', [entry('shop', 10)])
  const next = await open()
  await next.set('api', [entry('api', 20)])
  expect(await apps()).toEqual(['shop', 'api'])
  await next.forgetLeft()
  expect(await apps()).toEqual(['api'])
})

test('many changes at once end in the last of each', async () => {
  const ledger = await open()
  const changes = Array.from({ length: 50 }, (_, pid) => ledger.set(`app-${pid % 5}`, [entry(`app-${pid % 5}`, pid)]))
  await Promise.all(changes)
  expect((await open()).left.map(({ leader }) => leader.pid).sort()).toEqual([45, 46, 47, 48, 49])
})

test('one that is damaged is no reason not to start', async () => {
  await writeFile(file, '{"version": 1, "entr')
  expect((await open()).left).toEqual([])
})
