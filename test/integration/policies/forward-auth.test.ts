import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROTOCOLS } from '../../support/client.js'
import { startGateway, type TestGateway } from '../../support/gateway.js'
import { refused } from '../../support/handshake.js'
import { startUpstream, type TestUpstream } from '../../support/upstream.js'
import { until } from '../../support/wait.js'
import { DOORS, endSession } from '../../support/websocket.js'

let upstream: TestUpstream
let auth: TestUpstream
let gateway: TestGateway

beforeAll(async () => {
  upstream = await startUpstream()
  auth = await startUpstream((_request, response, received) => {
    const uri = received.values('x-forwarded-uri')[0] ?? ''
    if (uri.startsWith('/silent')) return
    if (uri.startsWith('/broken')) return void response.destroy()
    if (uri.startsWith('/long')) return void response.writeHead(403).end(Buffer.alloc(1024 * 1024 + 1))
    response.setHeader('Set-Cookie', ['auth=1; Path=/', 'seen=2'])
    response.setHeader('X-User', 'ann')
    if (received.values('cookie').join().includes('session=good')) return void response.end('welcome')
    response.writeHead(302, { Location: 'https://login.localhost/?to=x', 'Content-Type': 'text/plain' })
    response.end('sign in')
  })
  const to = (more: object) => ({ upstream: { backends: [{ url: upstream.url }] }, ...more })
  gateway = await startGateway({
    apps: [
      { name: 'auth', port: auth.port, policies: { basicAuth: { users: { a: `$2b$05$${'a'.repeat(53)}` } } } },
      {
        name: 'app',
        routes: [
          to({
            path: '/',
            policies: {
              forwardAuth: { app: 'auth', path: '/verify?v=1', copyHeaders: ['X-User', 'X-Role'], timeout: '300ms' },
            },
          }),
          to({ path: '/url/*', policies: { forwardAuth: { url: `${auth.url}/check` } } }),
          to({ path: '/dead/*', policies: { forwardAuth: { url: 'http://127.0.0.1:1/' } } }),
          to({ path: '/missing/*', policies: { forwardAuth: { app: 'nobody' } } }),
        ],
      },
    ],
  } as never)
})

afterAll(async () => {
  await endSession(gateway)
  await gateway.stop()
  await auth.close()
  await upstream.close()
})

const GOOD: [string, string] = ['Cookie', 'session=good']

describe.each(PROTOCOLS)('over $name', (client) => {
  test('2xx lets the request pass with the fields that the service gives, and its cookies are set', async () => {
    const headers: [string, string][] = [GOOD, ['X-User', 'root'], ['x_user', 'root'], ['X-Role', 'admin']]
    const answer = await client.request(gateway, { method: 'POST', path: '/a/b?c=%20d', headers, body: 'body' })
    expect([answer.status, answer.text]).toEqual([200, 'ok'])
    expect(answer.values('set-cookie')).toEqual(['auth=1; Path=/', 'seen=2'])
    const sent = upstream.last()
    expect(sent.fields.filter(([name]) => /^x.(user|role)$/i.test(name))).toEqual([['X-User', 'ann']])
    expect([sent.method, sent.target, sent.body.toString()]).toEqual(['POST', '/a/b?c=%20d', 'body'])
  })

  test('the service is told what the request is, and gets no body', async () => {
    const headers: [string, string][] = [
      GOOD,
      ['X-Forwarded-Uri', '/public'],
      ['X_Forwarded_Method', 'GET'],
      ['If-None-Match', '"x"'],
      ['X-Own', '1'],
    ]
    await client.request(gateway, { method: 'PUT', path: '/secret?q=1', headers, body: 'long' })
    const asked = auth.last()
    expect([asked.method, asked.target, asked.body.length]).toEqual(['GET', '/verify?v=1', 0])
    const told = (name: string) => asked.values(name)
    expect(told('x-forwarded-uri')).toEqual(['/secret?q=1'])
    expect(told('x-forwarded-method')).toEqual(['PUT'])
    expect(told('x_forwarded_method')).toEqual([])
    expect(told('x-forwarded-proto')).toEqual(['https'])
    expect(told('x-forwarded-host')).toEqual([`app.localhost:${gateway.httpsPort}`])
    expect(told('x-forwarded-for')).toEqual(['127.0.0.1'])
    expect([told('x-own'), told('host'), told('if-none-match'), told('content-length')]).toEqual([
      ['1'],
      ['auth.localhost'],
      [],
      [],
    ])
  })

  test('anything else is the answer, and the backend hears nothing', async () => {
    const before = upstream.requests.length
    const answer = await client.request(gateway, { path: '/x' })
    expect([answer.status, answer.text]).toEqual([302, 'sign in'])
    expect(answer.values('location')).toEqual(['https://login.localhost/?to=x'])
    expect(answer.values('set-cookie')).toEqual(['auth=1; Path=/', 'seen=2'])
    expect(answer.values('content-length')).toEqual(['7'])
    expect(upstream.requests.length).toBe(before)
  })

  test.each([
    ['/silent', 504],
    ['/broken', 502],
    ['/long', 502],
    ['/dead/x', 502],
    ['/missing/x', 503],
  ])('%s is answered by %i', async (path, status) => {
    expect((await client.request(gateway, { path, headers: [GOOD] })).status).toBe(status)
  })

  test('a service at a URL is asked at its path', async () => {
    await client.request(gateway, { path: '/url/x', headers: [GOOD] })
    expect([auth.last().target, auth.last().values('host')]).toEqual(['/check', [`127.0.0.1:${auth.port}`]])
  })
})

test.each(DOORS)('a WebSocket gets the same answer over $name', async (door) => {
  const answer = await refused(door.name, gateway, '/socket')
  expect([answer.status, answer.field('location')]).toEqual([302, 'https://login.localhost/?to=x'])
})

test('a client that goes away is not waited for, and the service is not blamed', async () => {
  const controller = new AbortController()
  const before = auth.heads
  const gone = PROTOCOLS[0]?.request(gateway, { path: '/silent/gone', signal: controller.signal }).catch(() => null)
  await until(() => auth.heads > before, 'the question')
  controller.abort()
  await gone
  expect((await gateway.entry('/silent/gone')).error).toBe('client went away')
  expect((await PROTOCOLS[0]?.request(gateway, { headers: [GOOD] }))?.status).toBe(200)
})

test('a question that comes back to the policy is refused', async () => {
  const looped = await startGateway({ apps: [] })
  const url = `https://app.localhost:${looped.httpsPort}/verify`
  const relay = await startUpstream(async (_request, response, received) => {
    const via = received.values('via').map((value): [string, string] => ['Via', value])
    const answer = await PROTOCOLS[0]?.request(looped, { path: '/again', headers: via })
    response.writeHead(answer?.status ?? 500).end()
  })
  await looped.configure({
    apps: [{ name: 'app', port: upstream.port, policies: { forwardAuth: { url: relay.url } } }],
  } as never)
  expect(url).toContain('/verify')
  expect((await PROTOCOLS[0]?.request(looped))?.status).toBe(508)
  await looped.stop()
  await relay.close()
})
