import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TemporaryApps } from '../../../src/main/engine/temporary-apps.js'
import { currentPlatform } from '../../../src/main/platform/platform.js'
import { processSystem } from '../../../src/main/platform/process-table/process-system.js'
import type { App } from '../../../src/shared/config.js'

const PATIENCE = { timeout: 15_000 }

const processes = processSystem(currentPlatform())
const children: ChildProcess[] = []
const opened: TemporaryApps[] = []
let dir: string
let apps: App[]

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'portico-temporary-'))
  apps = []
})

afterEach(async () => {
  for (const temporary of opened.splice(0)) await temporary.close()
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(dir, { recursive: true, force: true })
})

async function open(find: typeof processes.find = (pids) => processes.find(pids)): Promise<TemporaryApps> {
  const temporary = await TemporaryApps.open({
    file: path.join(dir, 'temporary-apps.json'),
    log: pino({ level: 'silent' }),
    processes: { find },
    apps: () => apps,
    remove: async (name) => {
      apps = apps.filter((app) => app.name !== name)
    },
    lookMs: 20,
  })
  opened.push(temporary)
  return temporary
}

function put(app: App): () => Promise<void> {
  return async () => {
    apps = [...apps, app]
  }
}

/** A process that lives until it is killed. */
function living(): ChildProcess & { pid: number } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' })
  children.push(child)
  return child as ChildProcess & { pid: number }
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const SHOP: App = { name: 'shop', port: 4123 }

test('an app goes with its process, and others stay', async () => {
  const [one, other] = [living(), living()]
  const temporary = await open()
  apps = [{ name: 'docs', port: 3000 }]
  await temporary.add(SHOP, one.pid, put(SHOP))
  const api = { name: 'api', port: 4124 }
  await temporary.add(api, other.pid, put(api))
  expect(temporary.ownerOf('shop')).toBe(one.pid)
  expect(temporary.ownerOf('docs')).toBeNull()
  await kill(one)
  await expect.poll(() => apps.map(({ name }) => name), PATIENCE).toEqual(['docs', 'api'])
})

test('the next gateway removes what was left while none ran, and keeps what is still wanted', async () => {
  const [one, other] = [living(), living()]
  const first = await open()
  await first.add(SHOP, one.pid, put(SHOP))
  const api = { name: 'api', port: 4124 }
  await first.add(api, other.pid, put(api))
  await first.close()
  await kill(one)
  const second = await open()
  await second.look()
  expect(apps).toEqual([api])
  await kill(other)
  await expect.poll(() => apps, PATIENCE).toEqual([])
})

test('a process that got the pid of another is not taken for it', async () => {
  const child = living()
  const first = await open()
  await first.add(SHOP, child.pid, put(SHOP))
  await first.close()
  const later = await open(async (pids) =>
    (await processes.find(pids)).map((found) => ({ ...found, birth: 'another boot' })),
  )
  await later.look()
  expect(apps).toEqual([])
})

test('an app that somebody has changed, or added anew, is theirs and stays', async () => {
  const child = living()
  const temporary = await open()
  await temporary.add(SHOP, child.pid, put(SHOP))
  apps = [{ ...SHOP, enabled: false }]
  expect(temporary.ownerOf('shop')).toBe(child.pid)
  apps = [{ ...SHOP, policies: { faults: { error: { status: 503 } } } }]
  expect(temporary.ownerOf('shop')).toBe(child.pid)
  apps = [{ ...SHOP, hosts: ['shop.test'] }]
  expect(temporary.ownerOf('shop')).toBeNull()
  await kill(child)
  await temporary.look()
  expect(apps).toHaveLength(1)
})

test('a name that a living process has is refused; one whose process has ended is free at once', async () => {
  const [one, other] = [living(), living()]
  const temporary = await open()
  await temporary.add(SHOP, one.pid, put(SHOP))
  const again = { name: 'shop', port: 4999 }
  await expect(temporary.add(again, other.pid, put(again))).rejects.toMatchObject({ code: 'conflict' })
  expect(apps).toEqual([SHOP])
  await kill(one)
  await temporary.add(again, other.pid, put(again))
  expect(apps).toEqual([again])
})

test('an app that cannot be added is not remembered, and neither is one for a process that is not there', async () => {
  const child = living()
  const temporary = await open()
  const refuse = async () => {
    throw new Error('taken')
  }
  await expect(temporary.add(SHOP, child.pid, refuse)).rejects.toThrow('taken')
  apps = [SHOP]
  expect(temporary.ownerOf('shop')).toBeNull()
  apps = []
  await kill(child)
  await expect(temporary.add(SHOP, child.pid, put(SHOP))).rejects.toMatchObject({ code: 'bad-request' })
  expect(apps).toEqual([])
})

test('a file that is damaged keeps nobody from beginning anew', async () => {
  await writeFile(path.join(dir, 'temporary-apps.json'), '{"version":1,"apps":[{')
  const temporary = await open()
  await temporary.add(SHOP, living().pid, put(SHOP))
  expect(apps).toEqual([SHOP])
})
