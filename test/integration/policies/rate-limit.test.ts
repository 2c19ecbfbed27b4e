import { afterEach, describe, expect, test } from 'vitest'
import { type ClientResponse, HTTP1, PROTOCOLS } from '../../support/client.js'
import { startGateway, type TestConfig, type TestGateway } from '../../support/gateway.js'
import { startRedis } from '../../support/redis.js'
import { requirement } from '../../support/tools.js'
import { startUpstream, type TestUpstream } from '../../support/upstream.js'
import { until } from '../../support/wait.js'
import { startSocketUpstream, HTTP1 as WS_HTTP1 } from '../../support/websocket.js'

const open: { close?(): Promise<void>; stop?(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await (one.stop?.() ?? one.close?.())
})

async function start(rateLimit: object, more: object = {}): Promise<{ gateway: TestGateway; upstream: TestUpstream }> {
  const upstream = await startUpstream()
  open.push(upstream)
  const gateway = await startGateway(withLimit(upstream, rateLimit, more))
  open.push(gateway)
  return { gateway, upstream }
}

function withLimit(upstream: TestUpstream, rateLimit: object, more: object = {}): TestConfig {
  return { apps: [{ name: 'app', port: upstream.port, policies: { rateLimit } as never, ...more }] }
}

const statuses = (answers: ClientResponse[]) => answers.map(({ status }) => status)
const forwarded = (address: string): [string, string][] => [['x-forwarded-for', address]]

describe.each(PROTOCOLS)('over $name', (protocol) => {
  test('more than the bucket holds is answered 429, with when to come again', async () => {
    const { gateway, upstream } = await start({ rate: '2/m' })
    const answers = [await protocol.request(gateway), await protocol.request(gateway), await protocol.request(gateway)]
    expect(statuses(answers)).toEqual([200, 200, 429])
    expect(answers[0]?.values('ratelimit-policy')).toEqual(['"app";q=2;w=60'])
    expect(answers[0]?.values('x-ratelimit-remaining')).toEqual(['1'])
    expect(Number(answers[2]?.values('retry-after')[0])).toBeGreaterThan(25)
    expect(answers[2]?.values('ratelimit')[0]).toMatch(/^"app";r=0;t=\d+$/)
    expect(answers[2]?.text).toContain('More than 2/m requests')
    expect(upstream.requests).toHaveLength(2)
  })
})

test('clients are told apart by address, IPv6 by its /64, and those that are exempt are never limited', async () => {
  const { gateway } = await start({ rate: '1/h', allow: ['10.9.0.0/16'] })
  const ask = async (address: string) => (await HTTP1.request(gateway, { headers: forwarded(address) })).status
  expect([await ask('192.0.2.1'), await ask('192.0.2.1'), await ask('192.0.2.2')]).toEqual([200, 429, 200])
  expect([await ask('2001:db8::1'), await ask('2001:db8::ffff:2'), await ask('2001:db8:0:1::1')]).toEqual([
    200, 429, 200,
  ])
  expect([await ask('10.9.1.1'), await ask('10.9.1.1')]).toEqual([200, 200])
})

test('a header may be the key, and all may share one bucket', async () => {
  const byKey = await start({ rate: '1/h', by: { header: 'X-Api-Key' } })
  const ask = async (key: string) => (await HTTP1.request(byKey.gateway, { headers: [['x-api-key', key]] })).status
  expect([await ask('one'), await ask('one'), await ask('two'), await ask('x'.repeat(500))]).toEqual([
    200, 429, 200, 200,
  ])
  const together = await start({ rate: '1/h', by: 'all' })
  const from = async (address: string) =>
    (await HTTP1.request(together.gateway, { headers: forwarded(address) })).status
  expect([await from('192.0.2.1'), await from('192.0.2.2')]).toEqual([200, 429])
})

test('what was counted survives a reload that does not change the limit, and not one that does', async () => {
  const { gateway, upstream } = await start({ rate: '1/h' })
  expect((await HTTP1.request(gateway)).status).toBe(200)
  await gateway.configure(withLimit(upstream, { rate: '1/h' }, { hosts: ['app.localhost', 'too.localhost'] }))
  expect((await HTTP1.request(gateway)).status).toBe(429)
  await gateway.configure(withLimit(upstream, { rate: '5/h' }))
  expect((await HTTP1.request(gateway)).status).toBe(200)
})

test('a WebSocket handshake counts as a request', async () => {
  const sockets = await startSocketUpstream()
  open.push(sockets)
  const gateway = await startGateway({
    apps: [{ name: 'app', port: sockets.port, policies: { rateLimit: { rate: '1/h' } } }],
  })
  open.push(gateway)
  const first = await WS_HTTP1.connect(gateway)
  first.terminate()
  await expect(WS_HTTP1.connect(gateway)).rejects.toThrow('429')
})

test.runIf(requirement('redis-server'))('gateways that share a Redis server count together', async () => {
  const redis = await startRedis()
  open.push(redis)
  const one = await start({ rate: '4/h', redis: redis.url })
  const other = await start({ rate: '4/h', redis: redis.url })
  const answers: ClientResponse[] = []
  for (let i = 0; i < 3; i++) answers.push(await HTTP1.request(one.gateway), await HTTP1.request(other.gateway))
  expect(statuses(answers)).toEqual([200, 200, 200, 200, 429, 429])
  expect(answers[3]?.values('x-ratelimit-remaining')).toEqual(['0'])
  expect(Number(answers[4]?.values('retry-after')[0])).toBeGreaterThan(800)
})

test.runIf(requirement('redis-server'))('while the Redis server is away each gateway counts by itself', async () => {
  const redis = await startRedis()
  const { gateway } = await start({ rate: '2/h', redis: redis.url })
  expect((await HTTP1.request(gateway)).status).toBe(200)
  await redis.close()
  const away: number[] = []
  for (let i = 0; i < 3; i++) away.push((await HTTP1.request(gateway)).status)
  expect(away).toEqual([200, 200, 429])
  const back = await startRedis(redis.port)
  open.push(back)
  await until(async () => (await HTTP1.request(gateway)).status === 200, 'the server counts again')
})
