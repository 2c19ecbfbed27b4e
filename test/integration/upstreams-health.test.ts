import { afterEach, expect, test } from 'vitest'
import type { BackendStatus } from '../../src/shared/window-schemas.js'
import { HTTP1, PROTOCOLS } from '../support/client.js'
import { startGateway, type TestConfig, type TestGateway } from '../support/gateway.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'

const HEALTH = { path: '/health', interval: '30ms', timeout: '1s', unhealthyAfter: 2, healthyAfter: 2 }

let gateway: TestGateway
const upstreams: TestUpstream[] = []

afterEach(async () => {
  await gateway.stop()
  for (const upstream of upstreams.splice(0)) await upstream.close()
})

const config = (health: object, more: object = {}): TestConfig => ({
  apps: [
    {
      name: 'app',
      ...more,
      routes: [{ path: '/', upstream: { backends: upstreams.map(({ url }) => ({ url })), health } }],
    },
  ],
})

/** Backends that answer with their number, and to checks as told. */
async function start(count: number, checked: (index: number) => number): Promise<void> {
  for (let index = 0; index < count; index++) {
    upstreams.push(
      await startUpstream((request, response) => {
        if (request.url === '/health') response.writeHead(checked(index))
        response.end(String(index))
      }),
    )
  }
  gateway = await startGateway(config(HEALTH))
}

const list = () => gateway.engine.call('backends.list', {}) as Promise<BackendStatus[]>
const checks = (index: number) => upstreams[index]?.requests.filter(({ target }) => target === '/health').length ?? 0

test('requests go where the checks are good, and back when they are good again', async () => {
  const statuses = [200, 200]
  await start(2, (index) => statuses[index] ?? 200)
  statuses[0] = 503
  await until(async () => (await list())[0]?.health === 'unhealthy', 'the first is out')
  const answers = await Promise.all(Array.from({ length: 6 }, () => HTTP1.request(gateway)))
  expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['1']))
  expect((await list())[0]).toMatchObject({
    reason: `The health check of ${upstreams[0]?.url} failed: 503 Service Unavailable.`,
    check: { ok: false, result: '503 Service Unavailable' },
    retryAt: expect.any(String),
  })
  statuses[0] = 200
  await until(async () => (await HTTP1.request(gateway)).text === '0', 'the first is back')
  expect((await list())[0]).toMatchObject({ health: 'healthy', reason: null, retryAt: null })
})

test.each(PROTOCOLS)(
  'a single backend that is down by its checks is refused over $name, with the last result',
  async (client) => {
    await start(1, () => 500)
    await until(async () => (await client.request(gateway)).status === 503, 'it is refused')
    const { text, values } = await client.request(gateway)
    expect(values('retry-after')).toHaveLength(1)
    expect(text).toContain(`The health check of ${upstreams[0]?.url} failed: 500 Internal Server Error.`)
  },
)

test('checks carry the host of the app, and are no requests of its log', async () => {
  await start(1, () => 200)
  await until(() => checks(0) > 1, 'checks')
  expect(upstreams[0]?.last().values('host')).toEqual(['app.localhost'])
  expect(gateway.entries()).toEqual([])
})

test('a disabled app and a gateway that is turned off ask nobody', async () => {
  await start(1, () => 200)
  await until(() => checks(0) > 0, 'a check')
  await gateway.engine.call('gateway.pause', {})
  await until(() => upstreams[0]?.connections.size === 0, 'no check is under way')
  const paused = checks(0)
  await gateway.engine.call('gateway.resume', {})
  await until(() => checks(0) > paused, 'a check after it was turned on')
  await gateway.configure(config(HEALTH, { enabled: false }))
  await until(() => upstreams[0]?.connections.size === 0, 'no check is under way')
  const disabled = checks(0)
  await gateway.configure({ ...config(HEALTH, { enabled: false }), panel: { enabled: false } })
  expect(checks(0)).toBe(disabled)
  await gateway.configure(config(HEALTH))
  await until(() => checks(0) > disabled, 'a check after it was enabled')
})
