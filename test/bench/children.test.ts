import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Children } from '../../bench/children.ts'
import { readStat, readTree } from '../../bench/proc.ts'

let children: Children
let dir: string

beforeEach(async () => {
  children = new Children()
  dir = await mkdtemp(join(tmpdir(), 'portico-bench-test-'))
})

afterEach(async () => {
  await children.endAll()
  await rm(dir, { recursive: true })
})

test('ends a server together with a descendant that ignores SIGTERM', async () => {
  const script = 'trap "" TERM; sleep 300 & wait'
  const child = await children.serve('sh', ['-c', `sh -c '${script}' & echo up; wait`], join(dir, 'log'), {})
  await until(async () => (await readTree(child.pid ?? 0)).length === 3)
  const tree = await readTree(child.pid ?? 0)
  await children.end(child)
  await until(async () => (await Promise.all(tree.map(({ pid }) => isAlive(pid)))).every((alive) => !alive))
  expect(await readFile(join(dir, 'log'), 'utf8')).toBe('up\n')
})

test('a command that fails or takes too long rejects with what it printed', async () => {
  await expect(children.run('sh', ['-c', 'echo why >&2; exit 3'], { timeoutMs: 5000 })).rejects.toThrow(
    'sh ended with 3: why',
  )
  await expect(children.run('sleep', ['300'], { timeoutMs: 50 })).rejects.toThrow('sleep ended with SIGKILL')
  await expect(children.run('no-such-program', [], { timeoutMs: 5000 })).rejects.toThrow('ENOENT')
})

test('after endAll nothing runs and nothing can be started', async () => {
  const running = children.run('sleep', ['300'], { timeoutMs: 60_000 })
  const ended = expect(running).rejects.toThrow('SIGTERM')
  await children.endAll()
  await ended
  await expect(children.run('true', [], { timeoutMs: 1000 })).rejects.toThrow('ending')
  expect(children.ending).toBe(true)
})

/** A zombie has ended: its parent has only not asked for its status yet. */
async function isAlive(pid: number): Promise<boolean> {
  if ((await readStat(pid)) === null) return false
  return !/^State:\s+Z/m.test(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'State: Z'))
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the condition did not come true in 5 s')
    await delay(10)
  }
}
