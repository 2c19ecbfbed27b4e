import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ExchangeDetail } from '../../src/shared/window-schemas.js'
import { exchangeDetailSchema } from '../../src/shared/window-schemas.js'
import { HTTP1, PROTOCOLS } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { connectH2, requestH2 } from '../support/h2-client.js'
import { RawClient } from '../support/raw-client.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'
import { type SocketUpstream, startSocketUpstream } from '../support/websocket.js'

let gateway: TestGateway
let upstream: TestUpstream
let sockets: SocketUpstream
let deadUrl: string

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    if (request.url === '/break') return request.socket.destroy()
    if (request.url?.startsWith('/trailers')) {
      response.writeHead(200, { Trailer: 'X-Sum' })
      response.write('ok')
      response.addTrailers({ 'X-Sum': 'abc' })
      return response.end()
    }
    response.setHeader('X-Answer', 'yes')
    response.setHeader('Set-Cookie', ['a=1', 'b=2'])
    response.end('ok')
  })
  sockets = await startSocketUpstream()
  deadUrl = await closedUrl()
  const route = (path: string, ...urls: string[]) => ({ path, upstream: { backends: urls.map((url) => ({ url })) } })
  gateway = await startGateway({
    apps: [
      { name: 'app', routes: [route('/', upstream.url), route('/api/*', upstream.url)] },
      {
        name: 'over',
        routes: [{ path: '/', upstream: { balance: 'first', backends: [{ url: deadUrl }, { url: upstream.url }] } }],
      },
      { name: 'dead', routes: [route('/', deadUrl)] },
      { name: 'sick', port: upstream.port, policies: { faults: { delay: { time: '1ms' }, error: { status: 503 } } } },
      { name: 'ws', routes: [route('/', sockets.url)] },
    ],
  })
})

afterAll(async () => {
  await gateway.stop()
  await Promise.all([upstream.close(), sockets.close()])
})

async function detailOf(path: string): Promise<ExchangeDetail> {
  const { id } = await gateway.entry(path)
  const detail = await gateway.engine.call('exchange.get', { id })
  expect(exchangeDetailSchema.parse(detail)).toEqual(detail)
  return detail as ExchangeDetail
}

const values = (pairs: [string, string][] | null, name: string) =>
  (pairs ?? []).filter(([field]) => field.toLowerCase() === name).map(([, value]) => value)

describe.each(PROTOCOLS)('over $name', (client) => {
  const mark = client.name === 'HTTP/2' ? 'h2' : 'h1'

  test('an exchange can be seen in full: route, both header sets, TLS, backend', async () => {
    const path = `/api/full-${mark}?token=secret`
    await client.request(gateway, {
      path,
      headers: [
        ['authorization', 'Bearer 1'],
        ['x-twice', 'a'],
        ['x-twice', 'b'],
      ],
    })
    const detail = await detailOf(`/api/full-${mark}?token=***`)
    expect(detail.route).toBe('/api/*')
    expect(values(detail.requestHeaders, 'authorization')).toEqual(['Bearer 1'])
    expect(values(detail.requestHeaders, 'x-twice').join()).toBe('a,b')
    expect(values(detail.responseHeaders, 'x-answer')).toEqual(['yes'])
    expect(values(detail.responseHeaders, 'set-cookie')).toEqual(['a=1', 'b=2'])
    expect(detail.tls).toEqual({
      protocol: 'TLSv1.3',
      cipher: expect.stringMatching(/^TLS_/),
      alpn: mark === 'h2' ? 'h2' : expect.toSatisfy((alpn) => alpn === null || alpn === 'http/1.1'),
      serverName: 'app.localhost',
    })
    expect(detail.attempts).toEqual([answeredBy(upstream.url)])
  })

  test('a backend that could not be dialled is told with its error before the one that answered', async () => {
    await client.request(gateway, { host: 'over.localhost', path: `/over-${mark}` })
    expect((await detailOf(`/over-${mark}`)).attempts).toEqual([
      failedAt(deadUrl, 'Nothing listens'),
      answeredBy(upstream.url),
    ])
  })

  test('when nobody answered, the page’s headers and the failed attempt are told', async () => {
    await client.request(gateway, { host: 'dead.localhost', path: `/dead-${mark}` })
    const detail = await detailOf(`/dead-${mark}`)
    expect(detail.attempts).toEqual([failedAt(deadUrl, 'Nothing listens')])
    expect(values(detail.responseHeaders, 'content-length')).toHaveLength(1)
  })

  test('what policies did is told in the log and in full; where they did nothing the log has no word of it', async () => {
    await client.request(gateway, { host: 'sick.localhost', path: `/sick-${mark}` })
    const notes = [
      { policy: 'faults', outcome: 'delayed' },
      { policy: 'faults', outcome: 'error' },
    ]
    expect(await gateway.entry(`/sick-${mark}`)).toMatchObject({ status: 503, notes })
    expect(await detailOf(`/sick-${mark}`)).toMatchObject({ notes, requestId: expect.any(String), traceId: null })
    await client.request(gateway, { path: `/well-${mark}` })
    expect(await gateway.entry(`/well-${mark}`)).not.toHaveProperty('notes')
  })

  test('trailers that went to the client are told', async () => {
    const { trailers } = await client.request(gateway, { path: `/trailers-${mark}` })
    const { responseTrailers, requestTrailers } = await detailOf(`/trailers-${mark}`)
    expect(responseTrailers.map(([name, value]) => [name.toLowerCase(), value])).toEqual([['x-sum', 'abc']])
    expect([trailers.length, requestTrailers]).toEqual([1, []])
  })

  test('a refusal has neither route nor attempts', async () => {
    await client.request(gateway, { host: 'nobody.localhost', path: `/refused-${mark}`, anyName: true })
    expect(await detailOf(`/refused-${mark}`)).toMatchObject({ route: null, attempts: [] })
  })
})

test('a backend that broke off is an attempt with an error', async () => {
  await HTTP1.request(gateway, { method: 'POST', path: '/break' })
  expect((await detailOf('/break')).attempts).toEqual([failedAt(upstream.url, 'closed the connection')])
})

test('trailers of a request are told', async () => {
  const client = await RawClient.connect(gateway)
  client.send(
    `POST /sums HTTP/1.1\r\nHost: app.localhost:${gateway.httpsPort}\r\nConnection: close\r\n` +
      'Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n',
  )
  await client.receive(/200 OK/)
  client.socket.destroy()
  expect((await detailOf('/sums')).requestTrailers).toEqual([['X-Sum', '1']])
})

test('a client that went away before an answer leaves no response headers', async () => {
  const abort = new AbortController()
  const hanging = await startUpstream(() => abort.abort())
  await gateway.engine.call('app.add', { app: { name: 'hang', port: hanging.port } })
  await HTTP1.request(gateway, { host: 'hang.localhost', path: '/gone', signal: abort.signal }).catch(() => {})
  expect(await detailOf('/gone')).toMatchObject({ responseHeaders: null, attempts: [{ error: expect.any(String) }] })
  await hanging.close()
})

test('an opened WebSocket tells the fields of its handshake', async () => {
  const client = await RawClient.connect(gateway, { sni: 'ws.localhost' })
  client.send(
    `GET /socket HTTP/1.1\r\nHost: ws.localhost:${gateway.httpsPort}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  await client.receive(/101 Switching Protocols/)
  client.socket.destroy()
  const detail = await detailOf('/socket')
  expect(values(detail.requestHeaders, 'sec-websocket-version')).toEqual(['13'])
  expect(values(detail.responseHeaders, 'sec-websocket-accept')).toHaveLength(1)
  expect(detail.attempts).toEqual([answeredBy(sockets.url, 101)])
})

test('the latest thousand can be seen in full, older ones and unknown ids not', async () => {
  await HTTP1.request(gateway, { path: '/oldest' })
  const { id } = await gateway.entry('/oldest')
  const session = await connectH2(gateway)
  for (let batch = 0; batch < 10; batch++)
    await Promise.all(Array.from({ length: 100 }, () => requestH2(session, gateway, { path: `/batch-${batch}` })))
  session.destroy()
  await until(
    () => gateway.entries().filter(({ path }) => path.startsWith('/batch-')).length === 1_000,
    '1,000 entries',
  )
  const get = (wanted: string) => gateway.engine.call('exchange.get', { id: wanted })
  expect(await get(id)).toBe(null)
  const kept = gateway.entries().filter(({ path }) => path === '/batch-0')
  for (const entry of [kept[0], gateway.entries().at(-1)]) expect((await get(entry?.id ?? ''))?.id).toBe(entry?.id)
  expect(await get('no-such')).toBe(null)
})

test('after exchanges.clear nothing of what was is told, and what comes is', async () => {
  await HTTP1.request(gateway, { path: '/before' })
  const { id } = await gateway.entry('/before')
  expect(await gateway.engine.call('exchanges.clear', {})).toEqual({})
  expect(await gateway.engine.call('exchanges.list', {})).toEqual([])
  expect(await gateway.engine.call('exchange.get', { id })).toBe(null)
  await HTTP1.request(gateway, { path: '/after' })
  expect((await detailOf('/after')).route).toBe('/')
  expect((await gateway.engine.call('exchanges.list', {})).map(({ path }) => path)).toEqual(['/after'])
})

async function closedUrl(): Promise<string> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}

const TIMES = { startedMs: expect.any(Number), ms: expect.any(Number) }

function answeredBy(backend: string, status = 200) {
  return { backend, error: null, status, ...TIMES }
}

function failedAt(backend: string, error: string) {
  return { backend, error: expect.stringContaining(error), status: null, ...TIMES }
}
