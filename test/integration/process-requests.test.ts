import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { currentPlatform } from '../../src/main/platform/platform.js'
import type { ConfigFile } from '../../src/shared/config.js'
import { HTTP1, HTTP2, PROTOCOLS } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { connectH2, requestH2 } from '../support/h2-client.js'
import { RawClient } from '../support/raw-client.js'
import { until, within } from '../support/wait.js'
import { DOORS, endSession, message, overHttp1, HTTP1 as SOCKET1 } from '../support/websocket.js'

type Process = NonNullable<NonNullable<ConfigFile['apps']>[number]['process']>

const script = (file: string, ...args: string[]) => [
  process.execPath,
  path.join(import.meta.dirname, '../support/processes', file),
  ...args,
]

let gateway: TestGateway

afterEach(async () => {
  await endSession(gateway)
  await gateway.stop()
})

/** One app whose process is started by its first request. */
async function start(command: string[], settings: Partial<Process> = {}, config: Partial<ConfigFile> = {}) {
  gateway = await startGateway(
    { apps: [{ name: 'app', process: { command, start: 'request', ...settings } }], ...config },
    { host: hostFacts(currentPlatform()) },
  )
}

const status = async () => (await gateway.engine.call('processes.list', {}))[0]
const starts = async () => {
  const lines = await gateway.engine.call('output.list', { app: 'app' })
  return lines.filter(({ text }) => text.startsWith('listening on')).length
}
const BROWSER: [string, string][] = [
  ['Accept', 'text/html,application/xhtml+xml,*/*;q=0.8'],
  ['Sec-Fetch-Mode', 'navigate'],
]

describe.each(PROTOCOLS)('over $name', ({ request }) => {
  test('the first request starts the process and is answered by it', async () => {
    await start(script('server.mjs', '--after=200'))
    expect((await status())?.state).toBe('stopped')
    const answer = await request(gateway, { method: 'POST', body: 'x'.repeat(100_000), path: '/first' })
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text).url).toBe('/first')
    expect((await status())?.state).toBe('running')
  })

  test('a browser sees a page that loads itself again, and then the app', async () => {
    await start(script('server.mjs', '--after=2500'))
    const begun = performance.now()
    const page = await request(gateway, { headers: BROWSER, path: '/page' })
    expect(performance.now() - begun).toBeGreaterThanOrEqual(1_450)
    expect(page.status).toBe(503)
    expect([page.values('refresh'), page.values('retry-after'), page.values('cache-control')]).toEqual([
      ['1'],
      ['1'],
      ['no-store'],
    ])
    expect(page.values('content-security-policy')[0]).toContain("default-src 'none'")
    expect(page.text).toContain('<h1>app is starting')
    expect(page.text).toContain('server.mjs')
    expect(page.text).toMatch(/<dt>Started<\/dt><dd>\d+ seconds? ago<\/dd>/)
    expect(page.text).not.toContain('http-equiv')
    await until(async () => (await request(gateway, { headers: BROWSER })).status === 200, 'the app answers', 8_000)
    expect(await starts()).toBe(1)
    expect(await gateway.entry('/page')).toMatchObject({ status: 503, attempts: 0, error: 'app is starting' })
  })

  test.each<[string, [string, string][]]>([
    ['no page is asked for', [['Accept', 'application/json']]],
    [
      'a script of a page asks',
      [
        ['Accept', 'text/html'],
        ['Sec-Fetch-Mode', 'cors'],
      ],
    ],
  ])('when %s the request is held for longer than a browser’s', async (_when, headers) => {
    await start(script('server.mjs', '--after=2200'))
    expect((await request(gateway, { headers })).status).toBe(200)
  })

  test('a process that fails is told of with its exit and its last lines, and how to start it again', async () => {
    await start(script('server.mjs', '--print=no <database> found', '--exit=3'))
    const text = await request(gateway)
    expect(text.status).toBe(502)
    expect(text.text).toContain('Exit: code 3')
    expect(text.text).toContain('| no <database> found')
    expect(text.text).toContain('portico app start app')
    const page = await request(gateway, { headers: BROWSER })
    expect(page.text).toContain('<dt>Exit</dt><dd>code 3</dd>')
    expect(page.text).toContain('no &#60;database&#62; found')
    const json = await request(gateway, { headers: [['Accept', 'application/json']] })
    expect(JSON.parse(json.text).error).toMatchObject({
      code: 'process-failed',
      exit: { code: 3, signal: null },
      output: expect.arrayContaining(['no <database> found']),
    })
  })

  test('who comes from elsewhere sees neither the command nor the output', async () => {
    await start(script('server.mjs', '--after=2000', '--print=secret', '--exit-after=1', '--exit=3'))
    const elsewhere: [string, string] = ['X-Forwarded-For', '203.0.113.9']
    const page = await request(gateway, { headers: [...BROWSER, elsewhere] })
    expect(page.text).toContain('app is starting')
    expect(page.text).not.toContain('server.mjs')
    await gateway.configure({
      apps: [
        { name: 'app', process: { command: script('server.mjs', '--print=secret', '--exit=3'), start: 'request' } },
      ],
    })
    const failed = await request(gateway, { headers: [elsewhere] })
    expect(failed.status).toBe(502)
    expect(failed.text).toContain('Exit: code 3')
    expect(failed.text).not.toContain('secret')
  })

  test('a process that only a person starts is not started', async () => {
    await start(script('server.mjs'), { start: 'manual' })
    const answer = await request(gateway)
    expect(answer.status).toBe(503)
    expect(answer.text).toContain('portico app start app')
    expect((await status())?.state).toBe('stopped')
  })

  test('a client that goes away while it waits is let go at once, and the process goes on starting', async () => {
    await start(script('server.mjs', '--after=1500'))
    const abort = new AbortController()
    for (const body of [undefined, 'x'.repeat(60_000)]) {
      const path = body === undefined ? '/get' : '/put'
      const method = body === undefined ? 'GET' : 'PUT'
      const gone = request(gateway, { path, method, signal: abort.signal, ...(body === undefined ? {} : { body }) })
      gone.catch(() => {})
    }
    await until(async () => (await status())?.state === 'starting', 'the process starts')
    abort.abort()
    for (const one of ['/get', '/put'])
      expect(await gateway.entry(one)).toMatchObject({ status: 0, attempts: 0, error: 'client went away' })
    expect((await status())?.state).toBe('starting')
    await until(async () => (await status())?.state === 'running', 'the process is ready')
  })

  test('a request that the process did not survive is not repeated more than once', async () => {
    await start(script('server.mjs'))
    await request(gateway)
    const answer = await request(gateway, { path: '/crash' })
    expect(answer.status).toBe(502)
    expect(await starts()).toBe(2)
  })

  test('a request under way when the process crashes is answered by its next run, with its body', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'portico-crash-'))
    await start(script('crash-once.mjs'), { env: { MARKER: path.join(folder, 'crashed') } })
    const [before] = (await request(gateway)).text.split(' ')
    const answer = await request(gateway, { method: 'PUT', path: '/once', body: 'the body' })
    const [after, body] = [
      answer.text.slice(0, answer.text.indexOf(' ')),
      answer.text.slice(answer.text.indexOf(' ') + 1),
    ]
    expect([answer.status, body]).toEqual([200, 'the body'])
    expect(after).not.toBe(before)
    await rm(folder, { recursive: true })
  })

  test('a POST that the process did not survive is not repeated', async () => {
    await start(script('server.mjs'))
    await request(gateway)
    expect((await request(gateway, { method: 'POST', path: '/crash', body: 'x' })).status).toBe(502)
    expect((await gateway.entry('/crash')).attempts).toBe(1)
    expect((await request(gateway)).status).toBe(200)
    expect(await starts()).toBe(2)
  })
})

test('a hundred first requests start one process and are all answered', async () => {
  await start(script('server.mjs', '--after=300'))
  const session = await connectH2(gateway)
  const answers = await Promise.all([
    ...Array.from({ length: 50 }, () => HTTP1.request(gateway)),
    ...Array.from({ length: 50 }, () => requestH2(session, gateway)),
  ])
  session.destroy()
  expect(new Set(answers.map(({ status: code }) => code))).toEqual(new Set([200]))
  expect(new Set(answers.map(({ text }) => JSON.parse(text).pid)).size).toBe(1)
  expect(await starts()).toBe(1)
})

test('no more wait than the config allows, and places become free', async () => {
  await start(script('server.mjs', '--after=800'), {}, { limits: { queue: 2 } })
  const held = [HTTP1.request(gateway, { path: '/1' }), HTTP2.request(gateway, { path: '/2' })]
  await until(async () => (await status())?.state === 'starting', 'the process starts')
  await until(() => gateway.engine.call('stats', {}).then(({ inFlight }) => inFlight === 2), 'both are held')
  const third = await HTTP1.request(gateway)
  expect([third.status, third.values('retry-after')]).toEqual([503, ['1']])
  expect((await Promise.all(held)).map(({ status: code }) => code)).toEqual([200, 200])
  expect((await HTTP1.request(gateway)).status).toBe(200)
})

test('requests on connections of a process that was killed are answered by its next run', async () => {
  await start(script('server.mjs'))
  const before = JSON.parse((await HTTP1.request(gateway)).text).pid
  process.kill(before, 'SIGKILL')
  const safe = [HTTP1.request(gateway, { path: '/get' }), HTTP2.request(gateway, { method: 'PUT', body: 'kept' })]
  await until(async () => (await status())?.state === 'backing-off', 'the crash is known')
  const post = HTTP2.request(gateway, { method: 'POST', body: 'never sent before' })
  const answers = await Promise.all([...safe, post])
  expect(answers.map(({ status: code }) => code)).toEqual([200, 200, 200])
  expect(answers.map(({ text }) => JSON.parse(text).pid === before)).toEqual([false, false, false])
})

test('an app is idle only when its last request has ended', async () => {
  await start(script('socket-server.mjs'), { idleStop: '1s' })
  const socket = await SOCKET1.connect(gateway)
  const { promise: longer, resolve } = Promise.withResolvers<void>()
  setTimeout(resolve, 2_000)
  await longer
  expect((await status())?.state).toBe('running')
  socket.close()
  await until(async () => (await status())?.state === 'stopped', 'it is stopped when the tunnel has ended', 8_000)
})

describe.each(DOORS)('a WebSocket over $name', (door) => {
  test('waits until the process is ready', async () => {
    await start(script('socket-server.mjs', '--after=500'))
    const socket = await door.connect(gateway)
    socket.send('hello')
    expect((await message(socket)).data.toString()).toBe('hello')
    socket.terminate()
  })
})

test('a WebSocket client that ends its half while it waits is let go at once', async () => {
  await start(script('socket-server.mjs', '--after=3000'))
  const client = await RawClient.connect(gateway)
  client.send(
    `GET /gone HTTP/1.1\r\nHost: app.localhost:${gateway.httpsPort}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  await until(async () => (await status())?.state === 'starting', 'the process starts')
  client.socket.end()
  expect(await within(gateway.entry('/gone'), 'its entry', 2_000)).toMatchObject({ status: 0 })
  expect((await status())?.state).toBe('starting')
})

test('a WebSocket is refused with the reason when its app is not started by requests', async () => {
  await start(script('socket-server.mjs'), { start: 'manual' })
  const refused = new Promise<number>((resolve) => {
    overHttp1(gateway)
      .on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      .on('error', () => {})
  })
  expect(await within(refused, 'a refusal')).toBe(503)
})
