import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exchangeEntrySchema } from '../../src/shared/contract.js'
import { HTTP1, HTTP2, PROTOCOLS } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { connectH2 } from '../support/h2-client.js'
import { RawClient } from '../support/raw-client.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'

let gateway: TestGateway
let upstream: TestUpstream

beforeAll(async () => {
  upstream = await startUpstream((request, response, { body }) => {
    if (request.url === '/hang' || request.url?.startsWith('/hang-')) return
    if (request.url?.startsWith('/drip')) {
      response.write('begin')
      return
    }
    response.end(`${body.length} bytes`)
  })
  gateway = await startGateway({ apps: [{ name: 'app', port: upstream.port }] })
})

afterAll(async () => {
  await gateway.stop()
  await upstream.close()
})

describe.each(PROTOCOLS)('over $name', (client) => {
  const mark = client.name === 'HTTP/2' ? 'h2' : 'h1'

  test('an exchange has one entry with every field filled', async () => {
    const path = `/all-${mark}?a=1`
    await client.request(gateway, { method: 'POST', path, body: 'hello' })
    const entry = await gateway.entry(path)
    expect(exchangeEntrySchema.parse(entry)).toEqual(entry)
    expect(entry).toMatchObject({
      app: 'app',
      host: 'app.localhost',
      method: 'POST',
      status: 200,
      bytesIn: 5,
      bytesOut: 7,
      client: '127.0.0.1',
      protocol: client.name === 'HTTP/2' ? 'h2' : 'http/1.1',
      backend: `http://localhost:${upstream.port}`,
      error: null,
    })
    expect(new Date(entry.time).getTime()).toBeGreaterThan(Date.now() - 10_000)
    expect(entry.connectMs).not.toBe(null)
    expect(entry.firstByteMs as number).toBeGreaterThanOrEqual(entry.connectMs as number)
    expect(entry.totalMs).toBeGreaterThanOrEqual(entry.firstByteMs as number)
    expect(gateway.entries().filter((one) => one.path === path)).toHaveLength(1)
  })

  test('secrets in the query are masked, and nothing else', async () => {
    const path = `/masked-${mark}`
    await client.request(gateway, { path: `${path}?token=abc&q=1&api_key=def&access_token=ghi&password=x%26y&state=z` })
    await gateway.entry(`${path}?token=***&q=1&api_key=***&access_token=***&password=***&state=z`)
    expect(upstream.last().target).toContain('token=abc')
  })

  test('a refusal has its entry, without a backend', async () => {
    await client.request(gateway, { host: 'unknown.localhost', path: `/unknown-${mark}`, anyName: true })
    expect(await gateway.entry(`/unknown-${mark}`)).toMatchObject({
      app: null,
      host: 'unknown.localhost',
      status: 404,
      backend: null,
      connectMs: null,
      firstByteMs: null,
    })
  })

  test('a client that goes before any answer has its entry: status 0 and the reason', async () => {
    const path = `/hang-${mark}`
    const abort = new AbortController()
    const gone = client.request(gateway, { path, signal: abort.signal }).catch(() => {})
    await until(() => upstream.requests.some(({ target }) => target === path), 'the request at the upstream')
    abort.abort()
    await gone
    expect(await gateway.entry(path)).toMatchObject({ status: 0, error: 'client went away' })
    expect(gateway.entries().filter((one) => one.path === path)).toHaveLength(1)
  })

  test('a client that goes in the middle of an answer has its entry: the status it was sent and the reason', async () => {
    const path = `/drip-${mark}`
    const abort = new AbortController()
    const gone = client.request(gateway, { path, signal: abort.signal }).catch(() => {})
    await until(() => upstream.requests.some(({ target }) => target === path), 'the request at the upstream')
    // The answer's head and first bytes are on their way; the entry tells whether they had come.
    abort.abort()
    await gone
    const entry = await gateway.entry(path)
    expect([0, 200]).toContain(entry.status)
    expect(entry.error).toBe('client went away')
  })
})

test('control characters of a request never reach the log unescaped', async () => {
  await HTTP2.request(gateway, { path: '/esc%1b%5b31m' })
  expect((await gateway.entry('/esc%1b%5b31m')).path).not.toMatch(/[\x00-\x1f]/)
})

test('bytes that never became a request have an entry, too', async () => {
  const before = gateway.entries().length
  const client = await RawClient.connect(gateway)
  client.send('nonsense\r\n\r\n')
  await client.closed()
  await until(() => gateway.entries().length > before, 'an entry')
  expect(gateway.entries().at(-1)).toMatchObject({ status: 400, host: 'app.localhost', backend: null })
})

test('the entries of one app can be asked for, the latest of them, oldest first', async () => {
  for (let index = 0; index < 5; index++) await HTTP1.request(gateway, { path: `/list-${index}` })
  await gateway.entry('/list-4')
  const entries = await gateway.engine.call('exchanges.list', { app: 'app', limit: 2 })
  expect(entries.map(({ path }) => path)).toEqual(['/list-3', '/list-4'])
})

test('streams of a session that ends all have their entries', async () => {
  const session = await connectH2(gateway)
  const streams = Array.from({ length: 10 }, () => session.request({ ':path': '/hang', ':authority': 'app.localhost' }))
  for (const stream of streams) stream.on('error', () => {})
  await until(() => upstream.requests.filter(({ target }) => target === '/hang').length >= 10, 'all at the upstream')
  session.destroy()
  await until(() => gateway.entries().filter(({ path }) => path === '/hang').length === 10, 'ten entries')
})
