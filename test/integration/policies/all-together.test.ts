import { generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import path from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import type { Client } from '@grpc/grpc-js'
import bcrypt from 'bcryptjs'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ClientResponse, HTTP1, PROTOCOLS } from '../../support/client.js'
import { freePort } from '../../support/free-port.js'
import { type Front, startFront } from '../../support/front.js'
import { startGateway, type TestGateway } from '../../support/gateway.js'
import { bytes, callUnary, type GrpcBackend, grpcClient, metadata, startGrpcBackend } from '../../support/grpc.js'
import { refused } from '../../support/handshake.js'
import { signInOverHttp, startProvider, type TestProvider } from '../../support/oidc.js'
import { type Collector, startCollector } from '../../support/otlp.js'
import { pairs, startUpstream, type TestUpstream } from '../../support/upstream.js'
import { until } from '../../support/wait.js'
import { DOORS, endSession, message, type SocketUpstream, startSocketUpstream } from '../../support/websocket.js'

/** What a page says before the gateway has put anything into it. */
const PAGE = `<html><head><title>Shop</title></head><body>${'<p>words</p>'.repeat(200)}</body></html>`
const ORIGIN = 'https://pages.localhost'

interface Seen {
  method: string
  target: string
  fields: [string, string][]
}

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
let web: SocketUpstream
let calls: GrpcBackend
let backend: Front
let mirror: Front
let pagesAtMirror: TestUpstream
let callsAtMirror: GrpcBackend
let auth: TestUpstream
let published: TestUpstream
let provider: TestProvider
let collector: Collector
let gateway: TestGateway
let client: Client
let metricsPort: number
/** all that shows who asks */
let credentials: [string, string][]
/** what reached the backend over HTTP/1.1, WebSocket handshakes included */
const seen: Seen[] = []
const copiedCalls: { fields: [string, string][]; message: string }[] = []

/** All policies that let a request pass, on one route; `respond` answers by itself, and has a route of its own. */
const policies = (changes: object = {}) => ({
  securityHeaders: { preset: 'production-like' },
  access: { allow: ['127.0.0.1'] },
  cors: { origins: [ORIGIN], credentials: true, exposeHeaders: ['X-Rewritten'] },
  compression: { encodings: ['br'], types: ['text/*', 'application/*'] },
  rateLimit: { rate: '1000/m', by: { header: 'X-Client' } },
  limits: { methods: ['GET', 'POST'], bodyBytes: 10_000, concurrency: 50, queue: 10 },
  basicAuth: { users: { ann: HASH }, userHeader: 'X-Basic' },
  jwt: { jwks: published.url, cookie: 'token', headers: { 'X-Jwt': 'sub' } },
  oidc: {
    ...{ issuer: provider.issuer, clientId: 'shop', clientSecret: 'a secret of the shop' },
    headers: { 'X-Oidc': 'sub' },
  },
  forwardAuth: { url: auth.url, copyHeaders: ['X-Forward'] },
  faults: { delay: { time: '2ms' }, bandwidth: 50_000_000 },
  rewrite: {
    path: [{ match: '^/shown/', to: '/real/' }],
    query: { set: { added: '1' }, remove: ['dropped'] },
    request: { set: { 'X-Client-Ip': '{client_ip}', 'X-Id': '{request_id}' } },
    response: { set: { 'X-Rewritten': '{method} {path}' }, remove: ['X-Secret'] },
    inject: { head: '<meta name="injected">' },
  },
  cache: {},
  mirror: { url: `http://127.0.0.1:${mirror.port}` },
  ...changes,
})
const HASH = bcrypt.hashSync('secret', 4)

const serve = async (changes: object = {}) => {
  await gateway.configure({
    logging: { access: { file: 'access.log' }, requestId: 'any' },
    metrics: { port: metricsPort },
    tracing: { endpoint: collector.url },
    apps: [
      {
        name: 'app',
        routes: [
          {
            path: '/',
            upstream: { backends: [{ url: `http://127.0.0.1:${backend.port}` }] },
            policies: policies(changes),
          },
          {
            path: '/fixed',
            upstream: { backends: [{ url: `http://127.0.0.1:${backend.port}` }] },
            policies: policies({ respond: { body: '<html><head></head>fixed</html>' } }),
          },
        ],
      },
    ],
  } as never)
  expect(gateway.engine.status().configError).toBe(null)
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  seen.push({ method: request.method ?? '', target: request.url ?? '', fields: pairs(request.rawHeaders) })
  response.setHeader('Server', 'shop/1.0')
  response.setHeader('X-Secret', 'of the backend')
  response.setHeader('ETag', '"v1"')
  response.setHeader('Cache-Control', 'public, max-age=60')
  if (request.headers['if-none-match']?.includes('"v1"') === true) {
    response.writeHead(304).end()
    return
  }
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  response.end(PAGE)
}

beforeAll(async () => {
  web = await startSocketUpstream((socket) => socket.on('message', (data) => socket.send(`echo ${data}`)))
  const server = web.server.options.server as Server
  server.on('request', answer)
  server.on('upgrade', (request: IncomingMessage) =>
    seen.push({ method: 'upgrade', target: request.url ?? '', fields: pairs(request.rawHeaders) }),
  )
  calls = await startGrpcBackend({
    unary: (call, done) => {
      call.sendMetadata(metadata({ 'x-of-backend': 'yes' }))
      const fields = Buffer.from(JSON.stringify(call.metadata.getMap()))
      done(null, Buffer.concat([call.request, fields]), metadata({ 'x-trailer': 'last' }))
    },
  })
  backend = await startFront(calls.port, web.port)
  pagesAtMirror = await startUpstream()
  callsAtMirror = await startGrpcBackend({
    unary: ({ metadata: fields, request }, done) => {
      copiedCalls.push({ fields: Object.entries(fields.getMap()) as [string, string][], message: String(request) })
      done(null, request)
    },
  })
  mirror = await startFront(callsAtMirror.port, pagesAtMirror.port)
  auth = await startUpstream((_request, response, received) => {
    const cookies = received.values('cookie').join()
    if (cookies.includes('session=good')) response.writeHead(204, { 'X-Forward': 'good' }).end()
    else if (cookies.includes('session=over')) response.writeHead(302, { Location: 'https://id.localhost/' }).end()
    else response.writeHead(403).end()
  })
  published = await startUpstream((_request, response) =>
    response.end(JSON.stringify({ keys: [keys.publicKey.export({ format: 'jwk' })] })),
  )
  collector = await startCollector()
  metricsPort = await freePort()
  gateway = await startGateway({ apps: [{ name: 'app', demo: true }] })
  const origin = `https://app.localhost:${gateway.httpsPort}`
  provider = await startProvider([origin])
  const { oidc } = policies()
  await gateway.configure({ apps: [{ name: 'app', demo: true, policies: { oidc } }] } as never)
  const session = await signInOverHttp(gateway, origin, 'ann')
  const token = await new SignJWT({ sub: 'jane' })
    .setProtectedHeader({ alg: 'ES256' })
    .setExpirationTime('5m')
    .sign(keys.privateKey)
  credentials = [
    ['authorization', `Basic ${Buffer.from('ann:secret').toString('base64')}`],
    ['cookie', `${session}; token=${token}; session=good; own=1`],
  ]
  await serve()
  await until(async () => (await metric('portico_build_info')) !== null, 'the metrics')
  client = grpcClient(gateway)
})

afterAll(async () => {
  client.close()
  await endSession(gateway)
  await gateway.stop()
  await provider.close()
  calls.stop()
  callsAtMirror.stop()
  for (const one of [backend, web, mirror, pagesAtMirror, auth, published, collector]) await one.close()
})

/** What came with a request, and what shows that each policy had its part in it. */
function theBackendSaw(target: string, id: string, { fields }: Pick<Seen, 'fields'>) {
  const values = (name: string) => fields.filter(([field]) => field.toLowerCase() === name).map(([, value]) => value)
  expect({
    ...{ target, id: values('x-request-id'), rewritten: [values('x-client-ip'), values('x-id')] },
    ...{ who: ['x-basic', 'x-jwt', 'x-oidc', 'x-forward'].map((name) => values(name)[0]) },
    ...{ secret: values('authorization'), trace: values('traceparent').length },
    cookies: values('cookie').join().includes('__Host-portico'),
  }).toEqual({
    ...{ target, id: [id], rewritten: [['127.0.0.1'], [id]], who: ['ann', 'jane', 'ann', 'good'] },
    ...{ secret: [], trace: 1, cookies: false },
  })
}

/** The fields of an answer that policies give to all of them, pages and refusals alike. */
function theClientGot(fields: (name: string) => string | undefined, id: string) {
  expect({
    security: [fields('x-content-type-options'), fields('x-frame-options'), fields('server')],
    cors: [fields('access-control-allow-origin'), fields('access-control-allow-credentials')],
    limit: [fields('x-ratelimit-limit'), fields('ratelimit') !== undefined, fields('ratelimit-policy') !== undefined],
    id: fields('x-request-id'),
  }).toEqual({
    security: ['nosniff', 'DENY', undefined],
    cors: [ORIGIN, 'true'],
    limit: ['1000', true, true],
    id,
  })
}

const lineOf = async (id: string) => {
  const file = path.join(gateway.dataDir, 'access.log')
  let line: Record<string, unknown> | undefined
  await until(async () => {
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((text) => text !== '')
    line = lines.map((text) => JSON.parse(text)).find(({ requestId }) => requestId === id)
    return line !== undefined
  }, `a line of the log for ${id}`)
  return line as { policies: { policy: string; outcome: string }[]; traceId: string; [key: string]: unknown }
}

const outcomesOf = (line: { policies: { policy: string; outcome: string }[] }) =>
  line.policies.map(({ policy, outcome }) => `${policy} ${outcome}`)

const copyAtMirror = async (id: string) => {
  const found = () => pagesAtMirror.requests.find((one) => one.values('x-request-id').includes(id))
  await until(() => found() !== undefined, `the copy of ${id} at the mirror`)
  return found() as NonNullable<ReturnType<typeof found>>
}

/** of exchanges that have ended */
const traces: string[] = []

const metric = async (series: string) => {
  const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`).catch(() => null)
  const lines = (await answer?.text())?.split('\n')
  return lines === undefined
    ? null
    : Number(
        lines
          .find((line) => line.startsWith(`${series} `))
          ?.split(' ')
          .at(-1) ?? 0,
      )
}

const one = (response: ClientResponse) => (name: string) => response.values(name).join(', ') || undefined

describe.each(PROTOCOLS)('all policies on one route over $name', (protocol) => {
  const ask = (id: string, more: [string, string][] = []) =>
    protocol.request(gateway, {
      path: `/shown/${protocol.name}?a=1&dropped=2`,
      headers: [...credentials, ['origin', ORIGIN], ['accept-encoding', 'br, gzip'], ['x-request-id', id], ...more],
    })
  const name = protocol.name.replace('/', '-')

  test('a page goes to the backend, into the cache, and to the client, as each of them has it', async () => {
    const hits = (await metric('portico_policy_outcomes_total{app="app",policy="cache",outcome="hit"}')) ?? 0
    const first = await ask(`${name}-first`)
    const page = PAGE.replace('</head>', '<meta name="injected"></head>')
    expect([first.status, brotliDecompressSync(first.body).toString()]).toEqual([200, page])
    expect([first.values('etag'), first.values('content-length'), first.values('age')]).toEqual([['W/"v1"'], [], []])
    expect(first.values('vary').join(', ').split(', ').sort()).toEqual(['Accept-Encoding', 'Origin'])
    expect(first.values('x-rewritten')).toEqual([`GET /shown/${protocol.name}`])
    expect(first.values('x-secret')).toEqual([])
    expect(first.values('cache-status')).toEqual(['Portico; fwd=uri-miss; stored'])
    theClientGot(one(first), `${name}-first`)
    const arrived = seen.at(-1) as Seen
    expect(arrived.target).toBe(`/real/${protocol.name}?a=1&added=1`)
    theBackendSaw(arrived.target, `${name}-first`, arrived)
    theBackendSaw(arrived.target, `${name}-first`, await copyAtMirror(`${name}-first`))

    const count = seen.length
    const second = await ask(`${name}-second`)
    expect([second.status, brotliDecompressSync(second.body).toString()]).toEqual([200, page])
    expect([second.values('age'), second.values('etag')]).toEqual([[expect.stringMatching(/^\d+$/)], ['W/"v1"']])
    expect(second.values('cache-status')).toEqual([expect.stringMatching(/^Portico; hit; ttl=\d+$/)])
    theClientGot(one(second), `${name}-second`)
    const plain = await ask(`${name}-plain`, [['accept-encoding', 'br;q=0, identity']])
    expect(seen).toHaveLength(count)
    expect(plain.status).toBe(200)

    const line = await lineOf(`${name}-second`)
    expect(line).toMatchObject({ app: 'app', route: '/', status: 200, attempts: 0, bytesOut: second.body.length })
    expect(outcomesOf(line)).toEqual([
      ...['faults throttled', 'faults delayed', 'cache hit', 'rewrite injected', 'compression br'],
    ])
    traces.push(line.traceId)
    await until(
      async () => Number(await metric('portico_policy_outcomes_total{app="app",policy="cache",outcome="hit"}')) > hits,
      'the hit among the metrics',
    )
  })

  test('a client that has the page as it got it is told so', async () => {
    await ask(`${name}-before`)
    const again = await ask(`${name}-again`, [['if-none-match', 'W/"v1"']])
    expect([again.status, again.body.length, again.values('etag')]).toEqual([304, 0, ['W/"v1"']])
    expect(again.values('vary').join(', ').split(', ').sort()).toEqual(['Accept-Encoding', 'Origin'])
    expect(again.values('content-encoding')).toEqual([])
    theClientGot(one(again), `${name}-again`)
  })

  test('a fixed answer is changed as those of backends', async () => {
    const fixed = await protocol.request(gateway, {
      path: '/fixed',
      headers: [...credentials, ['origin', ORIGIN], ['x-request-id', `${name}-fixed`]],
    })
    expect([fixed.status, fixed.text]).toEqual([200, '<html><head><meta name="injected"></head>fixed</html>'])
    theClientGot(one(fixed), `${name}-fixed`)
  })

  test('what a page of another origin may do is answered before anybody is asked who they are', async () => {
    const preflight = await protocol.request(gateway, {
      method: 'OPTIONS',
      headers: [
        ['origin', ORIGIN],
        ['access-control-request-method', 'POST'],
      ],
    })
    expect([preflight.status, preflight.values('access-control-allow-origin')]).toEqual([204, [ORIGIN]])
    expect(preflight.values('x-content-type-options')).toEqual(['nosniff'])
  })
})

describe.each(DOORS)('all policies on one route over a WebSocket, $name', (door) => {
  test('the handshake is seen by all that it concerns, and messages pass', async () => {
    const id = `socket-${door.name.replace('/', '-')}`
    const headers = Object.fromEntries([...credentials, ['origin', ORIGIN], ['x-request-id', id]])
    const upgraded: Record<string, string | string[] | undefined>[] = []
    const socket = await door.connect(gateway, '/shown/socket?dropped=1', {
      headers,
      finishRequest: (request) => {
        request.once('upgrade', (response) => upgraded.push(response.headers))
        request.end()
      },
    })
    socket.send('hello')
    expect(String((await message(socket)).data)).toBe('echo hello')
    const arrived = seen.at(-1) as Seen
    expect([arrived.method, arrived.target]).toEqual(['upgrade', '/real/socket?added=1'])
    theBackendSaw(arrived.target, id, arrived)
    expect(upgraded[0]).toMatchObject({
      'x-ratelimit-limit': '1000',
      'x-rewritten': 'GET /shown/socket',
      'x-request-id': id,
    })
    socket.close()
    const line = await lineOf(id)
    expect(line).toMatchObject({ status: door.acceptedStatus, route: '/', attempts: 1, error: null })
    expect(outcomesOf(line)).toEqual(['faults delayed'])
    traces.push(line.traceId)
  })
})

describe('all policies on one route with gRPC', () => {
  test('a call goes through, its trailers last, and nothing of its messages is changed', async () => {
    const id = 'call-with-grpc'
    const fields = { ...Object.fromEntries(credentials), origin: ORIGIN, 'x-request-id': id, 'accept-encoding': 'br' }
    const outcome = await callUnary(client, Buffer.from('hello'.repeat(1_000)), { fields })
    expect(outcome).toMatchObject({ code: 0, details: 'OK' })
    const text = String(outcome.message)
    expect(text.slice(0, 5_000)).toBe('hello'.repeat(1_000))
    theBackendSaw('', id, { fields: Object.entries(JSON.parse(text.slice(5_000))) as [string, string][] })
    const head = (name: string) => outcome.headers?.get(name)[0] as string | undefined
    theClientGot(head, id)
    expect([head('x-of-backend'), head('x-rewritten'), head('content-encoding')]).toEqual([
      ...['yes', 'POST /test.Echo/Unary', undefined],
    ])
    expect(outcome.trailers.get('x-trailer')).toEqual(['last'])
    await until(() => copiedCalls.length === 1, 'the copy of the call')
    theBackendSaw('', id, copiedCalls[0] as (typeof copiedCalls)[number])
    expect(copiedCalls[0]?.message).toBe('hello'.repeat(1_000))
    const line = await lineOf(id)
    expect(line).toMatchObject({ status: 200, protocol: 'h2', route: '/', error: null })
    expect(outcomesOf(line)).toEqual(['faults throttled', 'faults delayed', 'cache bypass', 'mirror copied'])
    traces.push(line.traceId)
  })
})

describe('all policies on one route with gRPC calls that stay open', () => {
  const opened = () => {
    const fields = metadata(Object.fromEntries(credentials))
    const call = client.makeBidiStreamRequest('/test.Echo/Chat', bytes, bytes, fields, {})
    const chunks: string[] = []
    call.on('data', (chunk: Buffer) => chunks.push(String(chunk)))
    call.on('error', () => {})
    return { call, chunks, code: new Promise<number>((resolve) => call.on('status', ({ code }) => resolve(code))) }
  }

  test('each message is answered while the call stays open', async () => {
    const { call, chunks, code } = opened()
    for (const word of ['one', 'two', 'three']) {
      call.write(Buffer.from(word))
      await until(() => chunks.includes(word), `the echo of ${word}`)
    }
    call.end()
    expect([await code, chunks]).toEqual([0, ['one', 'two', 'three']])
  })

  test('more than a client may send ends the call with the status that says so', async () => {
    const { call, chunks, code } = opened()
    call.write(Buffer.alloc(4_000))
    await until(() => chunks.length === 1, 'the first echo')
    call.write(Buffer.alloc(7_000))
    expect(await code).toBe(8)
  })
})

test('each of them is told as a span', async () => {
  const missing = () => traces.filter((id) => !collector.spans.some(({ traceId }) => traceId === id))
  await until(
    () => missing().length === 0,
    () => `spans of ${missing()}`,
    10_000,
  )
  expect(traces).toHaveLength(5)
})

const without = (name: string): [string, string][] =>
  credentials.map(([field, value]) => [field, value.replace(name, 'none=')] as [string, string])

describe.each([
  ['access', { access: { deny: ['127.0.0.1'] } }, () => credentials, 403, 7],
  ['rateLimit', { rateLimit: { rate: '1/h', by: 'all', burst: 1 } }, () => credentials, 429, 8],
  ['limits', { limits: { methods: ['PUT'] } }, () => credentials, 405, 12],
  ['basicAuth', {}, () => without('Basic '), 401, 16],
  ['jwt', {}, () => without('token='), 401, 16],
  ['oidc', {}, () => without('__Host-portico'), 401, 16],
  ['forwardAuth', {}, () => without('session=good'), 403, 7],
  ['faults', { faults: { error: { status: 503 } } }, () => credentials, 503, 14],
] as const)('when %s refuses', (policy, changes, fields, status, code) => {
  test('requests, handshakes and calls are told so in their own form, with what the other policies say', async () => {
    await serve(changes)
    if (policy === 'rateLimit') await HTTP1.request(gateway, { headers: fields() })
    const count = seen.length
    const headers = [...fields(), ['origin', ORIGIN]] as [string, string][]
    for (const protocol of PROTOCOLS) {
      const answer = await protocol.request(gateway, { headers })
      expect([protocol.name, answer.status]).toEqual([protocol.name, status])
      expect(answer.values('x-content-type-options')).toEqual(['nosniff'])
      // Whoever may not come by address is not told who else may.
      if (policy !== 'access') expect(answer.values('access-control-allow-origin')).toEqual([ORIGIN])
      expect(answer.values('retry-after')).toHaveLength(policy === 'rateLimit' ? 1 : 0)
      expect(answer.values('allow')).toEqual(policy === 'limits' ? ['PUT'] : [])
    }
    for (const door of DOORS) {
      const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
      const answer = await refused(door.name, gateway, '/socket', lines)
      expect([door.name, answer.status]).toEqual([door.name, status])
      expect(answer.field('x-content-type-options')).toBe('nosniff')
    }
    const outcome = await callUnary(client, Buffer.from('x'), { fields: Object.fromEntries(headers) })
    expect([outcome.code, outcome.message]).toEqual([code, null])
    expect(outcome.trailers.get('x-content-type-options')).toEqual(['nosniff'])
    expect(outcome.trailers.get('retry-after')).toHaveLength(policy === 'rateLimit' ? 1 : 0)
    expect(seen).toHaveLength(count)
  })
})

test('a call is not sent to where a person signs in', async () => {
  await serve()
  const fields = credentials.map(([name, value]) => [name, value.replace('session=good', 'session=over')])
  const outcome = await callUnary(client, Buffer.from('x'), { fields: Object.fromEntries(fields) })
  expect([outcome.code, outcome.details]).toEqual([16, expect.stringContaining('302')])
})

test('a connection that is broken on purpose breaks requests, handshakes and calls', async () => {
  await serve({ faults: { abort: {} } })
  for (const protocol of PROTOCOLS) await expect(protocol.request(gateway, { headers: credentials })).rejects.toThrow()
  for (const door of DOORS)
    await expect(door.connect(gateway, '/', { headers: Object.fromEntries(credentials) })).rejects.toThrow()
  const outcome = await callUnary(client, Buffer.from('x'), { fields: Object.fromEntries(credentials) })
  expect(outcome.code).not.toBe(0)
  await serve()
  expect((await HTTP1.request(gateway, { headers: credentials })).status).toBe(200)
})
