import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { readTraceparent } from '../../src/main/engine/observe/tracing/trace-context.js'
import { HTTP1, PROTOCOLS } from '../support/client.js'
import { startGateway, type TestConfig, type TestGateway } from '../support/gateway.js'
import { type Collector, startCollector } from '../support/otlp.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'
import { DOORS, endSession, startSocketUpstream } from '../support/websocket.js'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const DEAD = 'http://127.0.0.1:1'
const SERVER = 2
const CLIENT = 3

let upstream: TestUpstream
let collector: Collector
let gateway: TestGateway

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    response.statusCode = request.url?.startsWith('/bad') === true ? 503 : 200
    response.end('ok')
  })
  collector = await startCollector()
  gateway = await startGateway(config())
})

beforeEach(() => {
  collector.spans.length = 0
  collector.status = 200
})

afterAll(async () => {
  await gateway.stop()
  await collector.close()
  await upstream.close()
})

function config(tracing: object = {}): TestConfig {
  const backends = [{ url: DEAD }, { url: upstream.url }]
  return {
    tracing: { endpoint: collector.url, serviceName: 'test', headers: { 'X-Account': 'me' }, ...tracing },
    apps: [
      { name: 'app', port: upstream.port },
      { name: 'two', routes: [{ path: '/v1/*', stripPrefix: '/v1', upstream: { backends, balance: 'first' } }] },
    ],
  }
}

async function spansOf(traceId: string, count: number) {
  const found = () => collector.spans.filter((span) => span.traceId === traceId)
  await until(() => found().length >= count, `${count} spans of the trace`, 10_000)
  expect(collector.flaws).toEqual([])
  return found()
}

const traceparentOf = (target: string) => {
  const received = upstream.requests.find((one) => one.target === target)
  return received === undefined ? null : readTraceparent(received.values('traceparent'))
}

test.each(PROTOCOLS)(
  'a trace goes on with a span for the exchange and one for the attempt over $name',
  async (client) => {
    const traceId = TRACE.replace(/.$/, client.name === 'HTTP/2' ? '2' : '1')
    const path = `/on-${client.name.at(-1)}?b=1&token=S3CRET`
    const headers: [string, string][] = [
      ['traceparent', `00-${traceId}-${SPAN}-01`],
      ['tracestate', 'a=1'],
      ['tracestate', 'b=2'],
      ['user-agent', 'test/1'],
    ]
    await client.request(gateway, { path, headers })
    const { id } = await gateway.entry(path.replace('S3CRET', '***'))
    expect(await gateway.engine.call('exchange.get', { id })).toMatchObject({ traceId })
    const spans = await spansOf(traceId, 2)
    const server = spans.find(({ kind }) => kind === SERVER)
    const attempt = spans.find(({ kind }) => kind === CLIENT)
    expect(server).toMatchObject({ parentSpanId: SPAN, name: 'GET /', service: 'test', traceState: 'a=1,b=2' })
    expect(server?.attributes).toMatchObject({
      ...{ 'http.request.method': 'GET', 'http.route': '/', 'http.response.status_code': 200, 'url.scheme': 'https' },
      ...{ 'url.path': path.split('?')[0], 'url.query': 'b=1&token=***', 'server.address': 'app.localhost' },
      ...{ 'network.protocol.version': client.name === 'HTTP/2' ? '2' : '1.1', 'client.address': '127.0.0.1' },
      ...{ 'user_agent.original': 'test/1', 'portico.app': 'app' },
    })
    expect(attempt).toMatchObject({ parentSpanId: server?.spanId, name: 'GET', status: { code: 0 } })
    expect(attempt?.attributes).toMatchObject({ 'http.response.status_code': 200, 'server.port': upstream.port })
    expect(attempt?.attributes['url.full']).toBe(`http://localhost:${upstream.port}${path.replace('S3CRET', '***')}`)
    expect(traceparentOf(path)).toEqual({ traceId, parentId: attempt?.spanId, sampled: true })
    expect(upstream.requests.find(({ target }) => target === path)?.values('tracestate')).toEqual(['a=1,b=2'])
    expect(
      JSON.stringify(collector.spans, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain('S3CRET')
    expect(collector.headers.at(-1)?.['x-account']).toBe('me')
  },
)

test('each attempt is a span of its own, and one that failed says so', async () => {
  await HTTP1.request(gateway, { host: 'two.localhost', path: '/v1/again' })
  await until(() => traceparentOf('/again') !== null, 'the request')
  const { traceId, parentId } = traceparentOf('/again') as NonNullable<ReturnType<typeof traceparentOf>>
  const spans = await spansOf(traceId, 3)
  const [first, second] = spans.filter(({ kind }) => kind === CLIENT)
  expect(spans.find(({ kind }) => kind === SERVER)?.parentSpanId).toBeUndefined()
  expect(first).toMatchObject({ status: { code: 2 }, attributes: { 'server.port': 1, 'error.type': 'no_answer' } })
  expect(second).toMatchObject({ spanId: parentId, attributes: { 'http.request.resend_count': 1 } })
  expect(second?.attributes['url.full']).toBe(`${upstream.url}/again`)
})

test('what is not well-formed is replaced, with all that goes with it', async () => {
  const headers: [string, string][] = [
    ['traceparent', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['tracestate', 'a=1'],
  ]
  await HTTP1.request(gateway, { path: '/invalid', headers })
  await until(() => traceparentOf('/invalid') !== null, 'the request')
  expect(traceparentOf('/invalid')?.traceId).not.toBe('0'.repeat(32))
  expect(upstream.requests.find(({ target }) => target === '/invalid')?.values('tracestate')).toEqual([])
})

test('the parent decides whether it is sampled', async () => {
  await HTTP1.request(gateway, { path: '/not', headers: [['traceparent', `00-${'a'.repeat(32)}-${SPAN}-00`]] })
  await HTTP1.request(gateway, { path: '/bad', headers: [['traceparent', `00-${'b'.repeat(32)}-${SPAN}-01`]] })
  const spans = await spansOf('b'.repeat(32), 2)
  expect(spans.every(({ status, attributes }) => status.code === 2 && attributes['error.type'] === '503')).toBe(true)
  expect(collector.spans.filter(({ traceId }) => traceId === 'a'.repeat(32))).toEqual([])
  expect(traceparentOf('/not')).toMatchObject({ traceId: 'a'.repeat(32), sampled: false })
})

test.each(DOORS)(
  'a WebSocket handshake over $name carries its attempt, and is a span when it has closed',
  async (door) => {
    const sockets = await startSocketUpstream()
    await gateway.configure({ ...config(), apps: [{ name: 'app', port: sockets.port }] })
    try {
      const socket = await door.connect(gateway, '/socket')
      socket.close()
      const { traceparent } = sockets.handshakes[0]?.headers ?? {}
      const { traceId, parentId } = readTraceparent([String(traceparent)]) as NonNullable<
        ReturnType<typeof readTraceparent>
      >
      const spans = await spansOf(traceId, 2)
      expect(spans.find(({ kind }) => kind === CLIENT)?.spanId).toBe(parentId)
    } finally {
      await endSession(gateway)
      await gateway.configure(config())
      await sockets.close()
    }
  },
)

test('without a parent the ratio decides, and a reload changes it', async () => {
  await gateway.configure(config({ sampleRatio: 0 }))
  await HTTP1.request(gateway, { path: '/none' })
  expect(traceparentOf('/none')).toMatchObject({ sampled: false })
  await gateway.configure({ ...config(), tracing: undefined })
  await HTTP1.request(gateway, { path: '/off' })
  expect(traceparentOf('/off')).toBeNull()
  await gateway.configure(config())
  await HTTP1.request(gateway, { path: '/all' })
  expect(traceparentOf('/all')).toMatchObject({ sampled: true })
})

test('a collector that refuses is told of in the status, until it takes spans again', async () => {
  const told = () => gateway.engine.status().warnings.filter(({ path }) => path === 'tracing.endpoint')
  collector.status = 400
  await HTTP1.request(gateway, { path: '/lost' })
  await until(() => told().length === 1, 'the warning', 10_000)
  expect(told()[0]?.message).toMatch(/cannot be exported/)
  collector.status = 200
  await HTTP1.request(gateway, { path: '/found' })
  await until(() => told().length === 0, 'that it is over', 10_000)
})

test('what is left is exported at the stop', async () => {
  const own = await startGateway(config())
  const traceId = 'c'.repeat(32)
  await HTTP1.request(own, { path: '/last', headers: [['traceparent', `00-${traceId}-${SPAN}-01`]] })
  await own.stop()
  expect(collector.spans.filter((span) => span.traceId === traceId)).toHaveLength(2)
})
