import { afterEach, describe, expect, test } from 'vitest'
import { type ClientResponse, HTTP1, PROTOCOLS } from '../../support/client.js'
import { startGateway, type TestGateway } from '../../support/gateway.js'
import { startUpstream, type TestUpstream } from '../../support/upstream.js'

const open: { close?(): Promise<void>; stop?(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await (one.stop?.() ?? one.close?.())
})

async function start(
  policies: object,
  fields: Record<string, string> = {},
): Promise<{ gateway: TestGateway; upstream: TestUpstream }> {
  const upstream = await startUpstream((_incoming, response) => {
    response.writeHead(200, fields)
    response.end('ok')
  })
  open.push(upstream)
  const gateway = await startGateway({
    apps: [{ name: 'app', hosts: ['app.localhost', 'app.test'], port: upstream.port, policies: policies as never }],
  })
  open.push(gateway)
  return { gateway, upstream }
}

const ORIGIN = 'https://page.localhost'
const preflight = (origin: string, more: [string, string][] = []) => ({
  method: 'OPTIONS',
  headers: [['origin', origin], ['access-control-request-method', 'PUT'], ...more] as [string, string][],
})
const cors = ({ fields }: ClientResponse) =>
  Object.fromEntries(
    fields
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => name.startsWith('access-control') || name === 'vary'),
  )

describe.each(PROTOCOLS)('CORS over $name', (protocol) => {
  test('a preflight is answered by the gateway, without asking the backend', async () => {
    const { gateway, upstream } = await start({ cors: { origins: [ORIGIN], credentials: true, maxAge: '1h' } })
    const wanted: [string, string] = ['access-control-request-headers', 'content-type, x-token']
    const answer = await protocol.request(gateway, preflight(ORIGIN, [wanted]))
    expect(answer.status).toBe(204)
    expect(cors(answer)).toEqual({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'content-type, x-token',
      'access-control-max-age': '3600',
      vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    })
    expect(upstream.requests).toHaveLength(0)
  })

  test('another origin is told nothing, whatever the backend says, and the answer varies by origin', async () => {
    const careless = { 'access-control-allow-origin': '*', 'access-control-allow-credentials': 'true', vary: 'Accept' }
    const { gateway } = await start({ cors: { origins: [ORIGIN] } }, careless)
    const foreign = await protocol.request(gateway, { headers: [['origin', 'https://evil.test']] })
    expect([foreign.status, cors(foreign)]).toEqual([200, { vary: 'Accept, Origin' }])
    const own = await protocol.request(gateway, { headers: [['origin', ORIGIN]] })
    expect(cors(own)).toEqual({ 'access-control-allow-origin': ORIGIN, vary: 'Accept, Origin' })
    expect(cors(await protocol.request(gateway))).toEqual({ vary: 'Accept, Origin' })
    expect((await protocol.request(gateway, preflight('https://evil.test'))).status).toBe(403)
    expect((await protocol.request(gateway, preflight('null'))).status).toBe(403)
  })
})

test('"*" is answered with "*", and never together with credentials', async () => {
  const { gateway } = await start({ cors: { origins: ['*'], exposeHeaders: ['X-Total'] } })
  expect(cors(await HTTP1.request(gateway, { headers: [['origin', ORIGIN]] }))).toEqual({
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'X-Total',
  })
  await expect(start({ cors: { origins: ['*'], credentials: true } })).rejects.toThrow(
    'may not be true with the origin',
  )
})

test('a page may read why its request was refused: the fields are on errors of the gateway too', async () => {
  const { gateway } = await start({ cors: { origins: [ORIGIN] }, rateLimit: { rate: '1/h' } })
  await HTTP1.request(gateway)
  const limited = await HTTP1.request(gateway, { headers: [['origin', ORIGIN]] })
  expect([limited.status, cors(limited)['access-control-allow-origin']]).toEqual([429, ORIGIN])
})

test('a plain OPTIONS request is no preflight and reaches the backend', async () => {
  const { gateway, upstream } = await start({ cors: { origins: [ORIGIN] } })
  expect((await HTTP1.request(gateway, { method: 'OPTIONS', headers: [['origin', ORIGIN]] })).status).toBe(200)
  expect(upstream.requests).toHaveLength(1)
})

test('security headers are added, those of the backend are kept unless the config names them, and what runs here is not told', async () => {
  const chatty = {
    server: 'Express',
    'x-powered-by': 'PHP',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'ALLOWALL',
  }
  const { gateway } = await start({ securityHeaders: { preset: 'production-like', frame: 'deny' } }, chatty)
  const answer = await HTTP1.request(gateway)
  const value = (name: string) => answer.values(name)
  expect([value('server'), value('x-powered-by')]).toEqual([[], []])
  expect([value('referrer-policy'), value('x-frame-options')]).toEqual([['no-referrer'], ['DENY']])
  expect(value('content-security-policy')[0]).toContain("default-src 'self'")
  expect(value('strict-transport-security')).toEqual([])
  const elsewhere = await HTTP1.request(gateway, { host: 'app.test' })
  expect(elsewhere.values('strict-transport-security')).toEqual(['max-age=15552000; includeSubDomains'])
})

test('who may come is decided by address, behind trusted proxies by the one they name', async () => {
  const { gateway, upstream } = await start({
    access: { allow: ['127.0.0.0/8', '2001:db8::/32'], deny: ['2001:db8:bad::/48'] },
  })
  const from = async (address: string) =>
    (await HTTP1.request(gateway, { headers: [['x-forwarded-for', address]] })).status
  expect((await HTTP1.request(gateway)).status).toBe(200)
  expect([await from('192.0.2.1'), await from('2001:db8::1'), await from('2001:db8:bad::1')]).toEqual([403, 200, 403])
  // What stands before the address that a proxy of ours saw is the client's own invention.
  expect(await from('127.0.0.1, 192.0.2.1')).toBe(403)
  expect(await from('[2001:db8::7]:4711')).toBe(200)
  expect(upstream.requests).toHaveLength(3)
})
