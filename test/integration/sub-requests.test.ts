import { once } from 'node:events'
import http2, { type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { currentPlatform } from '../../src/main/platform/platform.js'
import { HTTP1 } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { callUnary, grpcClient, startGrpcBackend } from '../support/grpc.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'

/** Requests of the gateway's own, by way of a policy that makes one for each of the client's. */

const SERVER = [process.execPath, path.join(import.meta.dirname, '../support/processes/server.mjs')]

let gateway: TestGateway
const upstreams: TestUpstream[] = []

afterEach(async () => {
  await gateway.stop()
  for (const upstream of upstreams.splice(0)) await upstream.close()
})

async function upstream(...args: Parameters<typeof startUpstream>): Promise<TestUpstream> {
  const started = await startUpstream(...args)
  upstreams.push(started)
  return started
}

/** @param asked the app that is asked @param forwardAuth how */
async function start(asked: object | null, forwardAuth: object = {}) {
  const { port } = await upstream()
  const app = { name: 'app', port, policies: { forwardAuth: { app: 'asked', timeout: '8s', ...forwardAuth } } }
  const apps = asked === null ? [app] : [app, { name: 'asked', ...asked }]
  gateway = await startGateway({ apps } as never, { host: hostFacts(currentPlatform()) })
}

const request = (at = '/') => HTTP1.request(gateway, { path: at })

test('the process of an app is started for it', async () => {
  await start({ process: { command: [...SERVER, '--after=200'], start: 'request' } })
  expect((await request()).status).toBe(200)
  const [status] = await gateway.engine.call('processes.list', {})
  expect(status).toMatchObject({ app: 'asked', state: 'running' })
})

test('a process that does not become ready in time is waited for no longer', async () => {
  await start({ process: { command: [...SERVER, '--after=20000'], start: 'request' } }, { timeout: '500ms' })
  expect((await request()).status).toBe(504)
})

test('a process that cannot be started, an app that is off and one that serves files are told apart', async () => {
  await start({ process: { command: ['/nowhere/at-all'], start: 'request' } })
  const failed = await request()
  expect([failed.status >= 502, failed.text]).toEqual([true, expect.stringContaining('asked')])
  await gateway.stop()
  await start({ port: 1, enabled: false })
  expect(await request()).toMatchObject({ status: 503, text: expect.stringContaining('is disabled') })
  await gateway.stop()
  await start({ demo: true })
  expect(await request()).toMatchObject({ status: 503, text: expect.stringContaining('has no backend there') })
})

test('the route of an app takes its prefix off', async () => {
  const asked = await upstream()
  const routes = [
    { path: '/v1/*', stripPrefix: '/v1', addPrefix: '/api', upstream: { backends: [{ url: asked.url }] } },
  ]
  await start({ routes }, { path: '/v1/check?a=b' })
  expect((await request()).status).toBe(200)
  expect([asked.last().target, asked.last().values('host')]).toEqual(['/api/check?a=b', ['asked.localhost']])
})

test('an app without such a route is named', async () => {
  await start({ routes: [{ path: '/v1/*', upstream: { backends: [{ url: 'http://127.0.0.1:1' }] } }] }, { path: '/v2' })
  expect(await request()).toMatchObject({ status: 503, text: expect.stringContaining('has no route for GET /v2') })
})

test('a backend that is known to be down is not asked', async () => {
  const asked = await upstream((_request, response) => response.writeHead(500).end())
  const health = { path: '/health', interval: '100ms', unhealthyAfter: 1 }
  await start({ routes: [{ path: '/', upstream: { backends: [{ url: asked.url }], health } }] })
  await until(async () => (await request()).status === 503, 'the backend is found unhealthy', 10_000)
  const before = asked.requests.filter(({ target }) => target === '/').length
  expect((await request()).status).toBe(503)
  expect(asked.requests.filter(({ target }) => target === '/').length).toBe(before)
})

test('an answer that never ends is cut off by the time, whatever its length', async () => {
  const asked = await upstream((_request, response) => {
    const timer = setInterval(() => response.write(Buffer.alloc(64 * 1024)), 1)
    response.on('close', () => clearInterval(timer))
  })
  await start({ port: asked.port }, { timeout: '400ms' })
  expect((await request()).status).toBe(504)
  await until(() => asked.connections.size === 0, 'its connection is closed')
})

test('connections are kept from one request to the next', async () => {
  const asked = await upstream()
  await start({ port: asked.port })
  for (let i = 0; i < 3; i++) await request()
  expect(new Set(asked.requests.map(({ connection }) => connection)).size).toBe(1)
})

/** An h2c server: HTTP/2 and nothing else. @returns its port */
async function http2Server(respond: (stream: ServerHttp2Stream, authority: string) => void): Promise<number> {
  const server = http2.createServer()
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => sessions.add(session))
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    respond(stream, String(headers[':authority']))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

test('an app that the config has HTTP/2 for is asked over HTTP/2', async () => {
  const authorities: string[] = []
  const turns: ((stream: ServerHttp2Stream) => void)[] = [
    (stream) => stream.respond({ ':status': 204, 'set-cookie': 'asked=1' }, { endStream: true }),
    (stream) => {
      stream.respond({ ':status': 403, 'content-type': 'text/plain' })
      stream.end('not you')
    },
    (stream) => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR),
    () => {},
  ]
  const port = await http2Server((stream, authority) => {
    authorities.push(authority)
    turns.shift()?.(stream)
  })
  const upstreamOf = { backends: [{ url: `http://127.0.0.1:${port}` }], protocol: 'h2' }
  await start({ routes: [{ path: '/', upstream: upstreamOf }] }, { timeout: '300ms' })
  const passed = await request()
  expect([passed.status, passed.values('set-cookie')]).toEqual([200, ['asked=1']])
  const refused = await request()
  expect([refused.status, refused.text]).toEqual([403, 'not you'])
  expect((await request()).status).toBe(502)
  expect((await request()).status).toBe(504)
  expect(authorities).toEqual(Array(4).fill('asked.localhost'))
})

test('a backend that does not speak HTTP/2 although the config says so is told', async () => {
  const asked = await upstream()
  await start({ routes: [{ path: '/', upstream: { backends: [{ url: asked.url }], protocol: 'h2' } }] })
  expect(await request()).toMatchObject({ status: 502, text: expect.stringContaining('does not speak HTTP/2') })
})

test('calls of gRPC are copied to a mirror that speaks it', async () => {
  const copies: string[] = []
  const real = await startGrpcBackend()
  const mirror = await startGrpcBackend({
    unary: (call, done) => {
      copies.push(String(call.request))
      done({ code: 13 })
    },
  })
  gateway = await startGateway({
    apps: [
      { name: 'app', port: real.port, policies: { mirror: { app: 'copy' } } },
      { name: 'copy', port: mirror.port },
    ],
  } as never)
  const client = grpcClient(gateway)
  onTestFinished(() => {
    client.close()
    real.stop()
    mirror.stop()
  })
  expect(await callUnary(client, Buffer.from('hello'))).toMatchObject({ code: 0, message: Buffer.from('hello') })
  await until(() => copies.length === 1, 'the copy of the call')
  expect(copies).toEqual(['hello'])
})
