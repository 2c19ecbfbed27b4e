import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { IDLE_MS, MAX_SESSIONS, PanelSessions } from '../../../../../src/main/engine/control/panel/panel-sessions.js'

let dir: string
let file: string
let ended: string[]
const clock = { now: 0 }

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'portico-sessions-'))
  file = path.join(dir, 'panel-sessions.json')
  ended = []
  clock.now = Date.UTC(2026, 0, 2)
})

afterEach(() => rm(dir, { recursive: true, force: true }))

const open = () =>
  PanelSessions.open({
    ...{ file, log: pino({ level: 'silent' }), now: () => clock.now },
    onEnded: (id) => ended.push(id),
  })

test('a session is known by its secret and by nothing that is written down', async () => {
  const sessions = await open()
  const secret = await sessions.create('127.0.0.1', 'Browser/1')
  const [listed] = sessions.list()
  expect(sessions.find([secret])).toBe(listed?.id)
  expect(listed).toMatchObject({ client: '127.0.0.1', userAgent: 'Browser/1', createdAt: '2026-01-02T00:00:00.000Z' })
  const text = await readFile(file, 'utf8')
  expect(text).not.toContain(secret)
  const { id, hash } = JSON.parse(text).sessions[0]
  expect(sessions.find([id, hash, `${secret}x`, ''])).toBeNull()
})

test('the file is for this user alone', async () => {
  await (await open()).create('127.0.0.1', '')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('a restart keeps everybody logged in', async () => {
  const secret = await (await open()).create('127.0.0.1', 'Browser/1')
  const again = await open()
  expect(again.find([secret])).toBe(again.list()[0]?.id)
})

test.each(['', '{', '[]', '{"version":1,"sessions":[{"id":"x"}]}', '{"version":2,"sessions":[]}'])(
  'a file that is broken (%j) logs everybody out and is made anew',
  async (text) => {
    await writeFile(file, text)
    const sessions = await open()
    expect(sessions.list()).toEqual([])
    const secret = await sessions.create('127.0.0.1', '')
    expect((await open()).find([secret])).not.toBeNull()
  },
)

test('a session ends after 30 days without use, and use puts that off', async () => {
  const sessions = await open()
  const [idle, used] = [await sessions.create('a', ''), await sessions.create('b', '')]
  clock.now += IDLE_MS - 1
  expect(sessions.find([used])).not.toBeNull()
  clock.now += 1
  expect(sessions.find([idle])).toBeNull()
  expect(sessions.find([used])).not.toBeNull()
  expect(ended).toHaveLength(1)
  expect(sessions.list().map(({ client }) => client)).toEqual(['b'])
  await sessions.flush()
})

test('use is written down, so that a restart does not end a session that is in use', async () => {
  const sessions = await open()
  const secret = await sessions.create('a', '')
  clock.now += IDLE_MS - 1
  sessions.find([secret])
  await sessions.flush()
  clock.now += 1_000
  expect((await open()).find([secret])).not.toBeNull()
})

test('the fifty-first browser logs out the one that was used longest ago', async () => {
  const sessions = await open()
  const secrets: string[] = []
  for (let i = 0; i < MAX_SESSIONS; i++) {
    clock.now += 1
    secrets.push(await sessions.create(`client ${i}`, ''))
  }
  clock.now += 1
  sessions.find([secrets[0] as string])
  await sessions.create('one more', '')
  expect(sessions.list()).toHaveLength(MAX_SESSIONS)
  expect(sessions.find([secrets[0] as string])).not.toBeNull()
  expect(sessions.find([secrets[1] as string])).toBeNull()
})

test('a revoked session is told to whoever serves it, and stays revoked', async () => {
  const sessions = await open()
  const secret = await sessions.create('a', '')
  const id = sessions.find([secret]) as string
  expect(await sessions.revoke(id)).toBe(true)
  expect(ended).toEqual([id])
  expect(sessions.find([secret])).toBeNull()
  expect(sessions.touch(id)).toBe(false)
  expect(await sessions.revoke(id)).toBe(false)
  expect((await open()).find([secret])).toBeNull()
})

test('what a browser says of itself is cut and cleaned', async () => {
  const sessions = await open()
  await sessions.create('a', `\u001b[31m${'x'.repeat(5_000)}`)
  expect(sessions.list()[0]?.userAgent).toMatch(/^\[31mx{196}$/)
})
