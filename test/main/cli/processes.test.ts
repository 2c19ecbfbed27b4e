import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type BackendStatus, type OutputLine, processStatusSchema } from '../../../src/shared/window-schemas.js'
import { Sandbox, type Server } from './portico.js'

const SERVER = `
  require('node:http').createServer((_, response) => response.end('hello')).listen(process.env.PORT, () => {
    console.log('\\x1b[32mready\\x1b[39m \\x1b]0;owned\\x07')
    console.error('careful')
  })
`
/** Counts, so that every line that is lost or told twice is seen. */
const COUNTER = `
  require('node:http').createServer((_, response) => response.end()).listen(process.env.PORT)
  let count = 0
  setInterval(() => console.log('count', ++count), 2)
`

const PATIENCE = { timeout: 15_000 }

let box: Sandbox
let server: Server

beforeEach(async () => {
  box = await Sandbox.make()
  await mkdir(path.join(box.base, 'web'))
  await writeFile(path.join(box.base, 'web', 'server.cjs'), SERVER)
  await writeFile(path.join(box.base, 'counter.cjs'), COUNTER)
  await writeFile(path.join(box.base, 'crash.cjs'), "console.error('no database'); process.exit(3)")
  server = await box.serve()
})

afterEach(async () => {
  // Its processes end with the gateway, which is not killed for that reason.
  server.child.kill('SIGTERM')
  await server.ended
  await box.close()
})

async function processes() {
  return processStatusSchema.array().parse(JSON.parse((await box.run('ps', '--json')).stdout))
}

/** Adds an app that is started with the gateway, and waits until it is in a state. */
async function add(name: string, state: string, ...words: string[]): Promise<void> {
  expect(await box.run('app', 'add', name, ...words)).toMatchObject({ code: 0, stderr: '' })
  await expect.poll(async () => (await processes()).find(({ app }) => app === name)?.state, PATIENCE).toBe(state)
}

describe('an app that is a command', () => {
  test('runs where it was added, and is stopped, started and restarted', async () => {
    await add('shop', 'running', '--command', 'node server.cjs', '--cwd', 'web')
    const url = `https://shop.localhost:${server.httpsPort}`
    expect((await box.run('app', 'list')).stdout).toBe(`shop  ${url} -> its process  ● running\n`)
    const [first] = await processes()

    expect(await box.run('app', 'stop', 'shop')).toEqual({ code: 0, stdout: 'shop ○ stopped\n', stderr: '' })
    expect(await processes()).toMatchObject([{ app: 'shop', state: 'stopped', pid: null }])
    const started = await box.run('app', 'start', 'shop')
    const [second] = await processes()
    expect(second?.pid).not.toBe(first?.pid)
    expect(second).toMatchObject({ state: 'running', port: first?.port, restarts: 0, detached: false })
    const line = `shop ● running: ${url} (port ${second?.port}, process ${second?.pid})\n`
    expect(started).toEqual({ code: 0, stdout: line, stderr: '' })

    expect((await box.run('app', 'restart', 'shop')).code).toBe(0)
    const [third] = await processes()
    expect(third?.pid).not.toBe(second?.pid)
    expect((await box.run('ps')).stdout).toMatch(new RegExp(`^shop +● running +${third?.pid} +${third?.port} `, 'm'))
  })

  test('is added by words after two dashes as well', async () => {
    await add('shop', 'running', '--', 'node', 'web/server.cjs')
    expect(await processes()).toMatchObject([{ command: 'node web/server.cjs' }])
  })

  test('that cannot run tells the reason and its last lines', async () => {
    await add('shop', 'backing-off', '--', 'node', 'crash.cjs')
    const { code, stdout, stderr } = await box.run('app', 'start', 'shop')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^The process of shop has crashed\. .*code 3.*\n/)
    expect(stderr).toContain('portico logs --app shop --output\n  no database\n')
    const table = async () => (await box.run('ps')).stdout
    await expect.poll(table, PATIENCE).toMatch(/^shop +↻ backing-off .*code 3.*; starts again (now|in \d+ s)$/m)
  })

  test('that is not there, or has no process, is refused', async () => {
    await box.run('app', 'add', 'plain', '--port', '1')
    for (const name of ['none', 'plain']) {
      const { code, stderr } = await box.run('app', 'start', name)
      expect(code).toBe(1)
      expect(stderr.trimEnd().split('\n')).toHaveLength(2)
    }
  })
})

describe('the output of a process', () => {
  test('is shown by the line, marked, and without what could harm a terminal', async () => {
    await add('shop', 'running', '--', 'node', 'web/server.cjs')
    const shown = async () => (await box.run('logs', '--app', 'shop', '--output')).stdout
    await expect.poll(shown, PATIENCE).toContain('careful')
    const lines = (await shown()).trimEnd().split('\n')
    const texts = lines.map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} /, ''))
    expect(texts).toContain('| ready')
    expect(texts).toContain('! careful')
    expect(texts[0]).toMatch(/^\* .*PID \d+/)
    const latest = await box.run('logs', '--app', 'shop', '--output', '--json', '-n', '1')
    expect(JSON.parse(latest.stdout)).toMatchObject({ seq: lines.length })
  })

  test('is followed over restarts without gap or duplicate, even by a reader that pauses', async () => {
    await add('shop', 'running', '--', 'node', 'counter.cjs')
    const follower = box.spawn('logs', '--app', 'shop', '--output', '--follow', '--json', '-n', '2')
    const seen: OutputLine[] = []
    const reader = createInterface(follower.stdout).on('line', (line) => seen.push(JSON.parse(line)))
    await expect.poll(() => seen.length, PATIENCE).toBeGreaterThan(100)
    await box.run('app', 'restart', 'shop')
    reader.pause()
    await delay(500)
    reader.resume()
    const restart = () => seen.findLastIndex(({ stream, text }) => stream === 'portico' && text.includes('started'))
    await expect.poll(restart, PATIENCE).toBeGreaterThan(0)
    const after = seen.length
    await expect.poll(() => seen.length, PATIENCE).toBeGreaterThan(after + 100)
    const [first] = seen
    expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => (first?.seq ?? 0) + index))
    follower.kill('SIGINT')
    expect((await once(follower, 'close'))[0]).toBe(0)
  })

  test('is asked for with the name of an app', async () => {
    expect(await box.run('logs', '--output')).toMatchObject({ code: 2, stdout: '' })
    expect(await box.run('logs', '--lines', '3')).toMatchObject({ code: 2, stdout: '' })
    expect(await box.run('logs', '--app', 'none', '--output')).toMatchObject({ code: 1, stdout: '' })
  })
})

describe('backends', () => {
  const backends = async (): Promise<BackendStatus[]> => JSON.parse((await box.run('backends', '--json')).stdout)

  test('are drained and get requests again, on one route or all', async () => {
    const [one, other] = ['http://127.0.0.1:4001', 'http://127.0.0.1:4002']
    await box.run('app', 'add', 'api', '--to', one, other)
    const drained = await box.run('backends', 'drain', 'api', `${one}/`)
    expect(drained).toEqual({ code: 0, stdout: `api /: ${one} gets no new requests (0 under way).\n`, stderr: '' })
    expect((await backends()).map(({ draining }) => draining)).toEqual([true, false])
    expect((await box.run('backends')).stdout).toMatch(/^api +\/ +http:\/\/127\.0\.0\.1:4001 +◇ draining/m)
    const resumed = await box.run('backends', 'resume', 'api', one, '--route', '/')
    expect(resumed.stdout).toBe(`api /: ${one} gets requests again.\n`)
    expect((await backends()).map(({ draining }) => draining)).toEqual([false, false])
    expect(await box.run('backends', 'drain', 'api', 'http://127.0.0.1:4003')).toMatchObject({ code: 1, stdout: '' })
    expect((await backends())[0]).toMatchObject({ app: 'api', route: '/', health: 'unknown', reason: null, weight: 1 })
  })
})
