import { afterEach, expect, test } from 'vitest'
import type { BackendStatus } from '../../src/shared/window-schemas.js'
import { startBackendProcess } from '../support/backend-process.js'
import { HTTP1, PROTOCOLS } from '../support/client.js'
import { startGateway, type TestConfig, type TestGateway } from '../support/gateway.js'
import { startUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'

const REQUESTS = 300
const CONNECTIONS = 16

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const config = (upstreams: { url: string }[], upstream: object): TestConfig => ({
  apps: [
    {
      name: 'app',
      routes: [{ path: '/', upstream: { backends: upstreams.map(({ url }) => ({ url })), ...upstream } }],
    },
  ],
})

/** Backends that all answer alike. */
async function start(count: number, answer: Parameters<typeof startUpstream>[0], upstream: object) {
  const upstreams = await Promise.all(Array.from({ length: count }, () => startUpstream(answer)))
  const gateway = await startGateway(config(upstreams, upstream))
  ends.push(async () => {
    await gateway.stop()
    await Promise.all(upstreams.map((one) => one.close()))
  })
  return { upstreams, gateway, attempts: () => upstreams.reduce((sum, { heads }) => sum + heads, 0) }
}

async function ask(gateway: TestGateway, count: number): Promise<Map<number, number>> {
  const statuses = new Map<number, number>()
  let left = count
  const worker = async () => {
    while (left-- > 0) {
      const { status } = await HTTP1.request(gateway)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
  return statuses
}

test.each([
  [
    'answer 503',
    (_request: unknown, response: { writeHead(status: number): { end(): void } }) => response.writeHead(503).end(),
  ],
  ['break off', (request: { socket: { destroy(): void } }) => request.socket.destroy()],
])('when all backends %s, the budget keeps attempts at 1.2 times the requests', async (what, answer) => {
  const retry = { attempts: 3, backoff: '1ms' }
  const { gateway, attempts } = await start(3, answer as never, { retry })
  const statuses = await ask(gateway, REQUESTS)
  console.log(
    `all backends ${what}: ${REQUESTS} requests, ${attempts()} attempts, ${(attempts() / REQUESTS).toFixed(2)} each`,
  )
  expect(statuses.has(200)).toBe(false)
  expect(attempts()).toBeGreaterThan(REQUESTS * 1.1)
  expect(attempts()).toBeLessThanOrEqual(REQUESTS * 1.2)
})

test('with a breaker they are asked until it opens, and not any more', async () => {
  const breaker = { failures: 5, cooldown: '60s' }
  const answer = (_request: unknown, response: { writeHead(status: number): { end(): void } }) =>
    response.writeHead(500).end()
  const { gateway, attempts } = await start(2, answer as never, { breaker, retry: { backoff: '1ms' } })
  const statuses = await ask(gateway, REQUESTS)
  console.log(`with a breaker: ${REQUESTS} requests, ${attempts()} attempts`)
  expect(statuses.get(503)).toBeGreaterThan(REQUESTS / 2)
  // Those that were under way as it opened come on top of the five.
  expect(attempts()).toBeLessThanOrEqual(2 * (5 + CONNECTIONS))
})

test.each(PROTOCOLS)(
  'an open breaker refuses over $name with Retry-After, is told everywhere, and one probe closes it',
  async (client) => {
    let status = 500
    const { gateway, upstreams } = await start(1, (_request, response) => response.writeHead(status).end('ok'), {
      breaker: { failures: 2, cooldown: '1s' },
    })
    const events: string[] = []
    const end = gateway.engine.on('backends', ([one]) => events.push(`${one?.breaker}: ${one?.reason}`))
    for (let i = 0; i < 2; i++) expect((await client.request(gateway)).status).toBe(500)
    const refused = await client.request(gateway)
    expect([refused.status, refused.values('retry-after')]).toEqual([503, ['1']])
    expect(refused.text).toContain('It answered with status 500. That was 2 failures in a row.')
    const [listed] = (await gateway.engine.call('backends.list', {})) as [BackendStatus]
    expect(listed).toMatchObject({ breaker: 'open', health: 'unhealthy', retryAt: expect.any(String) })
    status = 200
    await until(async () => (await client.request(gateway)).status === 200, 'the probe')
    expect(upstreams[0]?.heads).toBe(3)
    await until(() => events.at(-1) === 'closed: null', 'the event of the closed breaker')
    expect(events[0]).toMatch(/^(open|closed)/)
    expect(events.some((event) => event.startsWith('open: It answered with status 500.'))).toBe(true)
    end()
  },
)

test('the only backend is asked with the very next request after it was restarted', async () => {
  const backend = await startBackendProcess()
  ends.push(() => backend.kill())
  const gateway = await startGateway(config([backend], {}))
  ends.push(() => gateway.stop())
  await backend.kill()
  for (let i = 0; i < 10; i++) expect((await HTTP1.request(gateway)).status).toBe(502)
  await backend.start()
  expect((await HTTP1.request(gateway)).status).toBe(200)
})
