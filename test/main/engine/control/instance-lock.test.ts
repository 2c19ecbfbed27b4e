import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findHolder, InstanceLock } from '../../../../src/main/engine/control/instance-lock.js'
import {
  type HolderSight,
  holdsLock,
  type LockRecord,
  processStart,
  startOfStat,
} from '../../../../src/main/engine/control/lock-holder.js'
import { currentPlatform } from '../../../../src/main/platform/platform.js'

const platform = currentPlatform()
let dataDir = ''
const children: ChildProcess[] = []

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'portico-lock-'))
})

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
  await rm(dataDir, { recursive: true, force: true })
})

async function liveProcess(): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'])
  children.push(child)
  await once(child.stdout, 'data')
  return child as ChildProcess & { pid: number }
}

async function writeLock(number: number, record: Partial<LockRecord> & { pid: number }): Promise<void> {
  const lock = await InstanceLock.acquire({ dataDir, platform })
  await lock.release()
  const full = { started: await processStart(record.pid), at: Date.now(), released: false, ...record }
  await writeFile(path.join(dataDir, 'lock', String(number)), JSON.stringify(full))
}

describe('the instance lock', () => {
  test('is held by one at a time, and by the next after its release', async () => {
    const lock = await InstanceLock.acquire({ dataDir, platform })
    expect(await findHolder({ dataDir, platform })).toBe(process.pid)
    await expect(InstanceLock.acquire({ dataDir, platform })).rejects.toMatchObject({
      code: 'already-running',
      message: expect.stringContaining(`process ${process.pid}`),
    })
    await lock.release()
    expect(await findHolder({ dataDir, platform })).toBeNull()
    await (await InstanceLock.acquire({ dataDir, platform })).release()
  })

  test('of a living process is respected, and taken over when it was killed', async () => {
    const owner = await liveProcess()
    await writeLock(2, { pid: owner.pid })
    await expect(InstanceLock.acquire({ dataDir, platform })).rejects.toMatchObject({ code: 'already-running' })
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    await (await InstanceLock.acquire({ dataDir, platform })).release()
  })

  test('of a dead process whose number another has now is taken over', async () => {
    const stranger = await liveProcess()
    await writeLock(2, { pid: stranger.pid, started: 'some-boot:123' })
    expect(await findHolder({ dataDir, platform })).toBeNull()
    await (await InstanceLock.acquire({ dataDir, platform })).release()
  })

  test('goes to exactly one of many that try at once, also over a dead one', async () => {
    for (let round = 0; round < 10; round++) {
      const tries = await Promise.allSettled(
        Array.from({ length: 8 }, () => InstanceLock.acquire({ dataDir, platform })),
      )
      const winners = tries.filter((attempt) => attempt.status === 'fulfilled')
      expect(winners).toHaveLength(1)
      for (const attempt of tries.filter(({ status }) => status === 'rejected')) {
        expect(attempt).toMatchObject({ reason: { code: 'already-running' } })
      }
      await winners[0]!.value.release()
    }
    expect(await readdir(path.join(dataDir, 'lock'))).toEqual(['10'])
  })

  test('that was cut off while it was written is nobody’s', async () => {
    await (await InstanceLock.acquire({ dataDir, platform })).release()
    await writeFile(path.join(dataDir, 'lock', '2'), '{"pi')
    const lock = await InstanceLock.acquire({ dataDir, platform })
    expect(JSON.parse(await readFile(path.join(dataDir, 'lock', '3'), 'utf8'))).toMatchObject({ pid: process.pid })
    await lock.release()
  })
})

describe('whether a process holds the lock', () => {
  const record = { pid: 9, started: null, at: 1_000_000, released: false }
  const sight: HolderSight = { started: null, alive: true, answering: false, bootedAt: 0, now: 1_010_000 }

  test.each<[string, Partial<LockRecord>, Partial<HolderSight>, boolean]>([
    ['same start time', { started: 'b:1' }, { started: 'b:1' }, true],
    ['another start time', { started: 'b:1' }, { started: 'b:2' }, false],
    ['no such process', { started: 'b:1' }, { started: null, alive: false }, false],
    ['out of sight but answering', { started: 'b:1' }, { started: null, alive: false, answering: true }, true],
    ['released while alive', { started: 'b:1', released: true }, { started: 'b:1', answering: true }, false],
    ['start time unknown, starting', {}, {}, true],
    ['start time unknown, answering', {}, { answering: true, now: 9e12 }, true],
    ['start time unknown, never answered', {}, { now: 1_100_000 }, false],
    ['start time unknown, from before the boot', {}, { bootedAt: 1_005_000 }, false],
    ['start time unknown, dead', {}, { alive: false }, false],
  ])('%s', (_, recorded, seen, held) => {
    expect(holdsLock({ ...record, ...recorded }, { ...sight, ...seen })).toBe(held)
  })

  test('a start time is read past a program name with brackets and spaces, and is none for a zombie', () => {
    const rest = Array.from({ length: 30 }, (_, index) => String(index + 4)).join(' ')
    expect(startOfStat(`12 (a) b (c)) S ${rest}`, 'boot')).toBe('boot:22')
    expect(startOfStat(`12 (node) Z ${rest}`, 'boot')).toBeNull()
    expect(startOfStat('', 'boot')).toBeNull()
  })
})
