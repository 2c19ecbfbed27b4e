import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Stats, statsSchema } from '../../src/shared/window-schemas.js'
import { HTTP1 } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { startPanel } from '../support/panel.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'

const SLOW_MS = 150

let gateway: TestGateway
let upstream: TestUpstream

beforeAll(async () => {
  upstream = await startUpstream(async (request, response) => {
    if (request.url === '/slow') await delay(SLOW_MS)
    response.statusCode = request.url === '/error' ? 500 : 200
    response.end('ok')
  })
  gateway = await startGateway({
    apps: [
      { name: 'app', port: upstream.port },
      { name: 'quiet', port: 1 },
    ],
  })
})

afterAll(async () => {
  await gateway.stop()
  await upstream.close()
})

const stats = () => gateway.engine.call('stats', {})
const sum = (rates: number[]) => rates.reduce((all, rate) => all + rate, 0)

test('requests, errors and the p95 of the last minute are told for each app and in all', async () => {
  for (let i = 0; i < 10; i++) await HTTP1.request(gateway)
  await HTTP1.request(gateway, { path: '/error' })
  for (let i = 0; i < 3; i++) await HTTP1.request(gateway, { path: '/slow' })
  await HTTP1.request(gateway, { host: 'unknown.localhost', path: '/unknown', anyName: true })
  await gateway.entry('/unknown')
  await until(async () => sum((await stats()).total.rates) === 15, 'every request in a second that is over')
  const read = await stats()
  expect(statsSchema.parse(read)).toEqual(read)
  expect(read.apps.map(({ app, rates, errors }) => [app, rates.length, sum(rates), errors])).toEqual([
    ['app', 60, 14, 1],
    ['quiet', 60, 0, 0],
  ])
  expect(read.total.errors).toBe(1)
  expect(read.inFlight).toBe(0)
  const slowest = Math.max(...gateway.entries().map(({ totalMs }) => totalMs))
  expect(read.apps[0]?.p95Ms).toBeGreaterThan(SLOW_MS * 0.9)
  expect(read.apps[0]?.p95Ms).toBeLessThan(slowest * 1.1)
  expect(read.apps[1]?.p95Ms).toBe(null)
})

test('exchanges in progress are counted', async () => {
  const slow = HTTP1.request(gateway, { path: '/slow' })
  await until(async () => (await stats()).inFlight === 1, 'one in flight')
  await slow
  await until(async () => (await stats()).inFlight === 0, 'none in flight')
})

test('while somebody follows they come once a second, and then no more', async () => {
  const seen: { at: number; stats: Stats }[] = []
  const end = gateway.engine.on('stats', (payload) => seen.push({ at: performance.now(), stats: payload }))
  await until(() => seen.length === 3, 'three events')
  end()
  const [first, , third] = seen
  expect((third?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(1_800)
  expect(statsSchema.parse(third?.stats)).toEqual(third?.stats)
  await delay(1_200) // an event that still came would come now
  expect(seen).toHaveLength(3)
})

test('a window that is open is no traffic: what it asks itself is not counted', async () => {
  const panel = await startPanel()
  const socket = await panel.connect(HTTP1, panel.own(await panel.login()))
  await panel.get({ path: '/nothing-here' })
  await HTTP1.request(panel.gateway, { host: 'unknown.localhost', anyName: true })
  const read = () => panel.gateway.engine.call('stats', {})
  await until(async () => sum((await read()).total.rates) > 0, 'the request in a second that is over')
  const { total, inFlight } = await read()
  expect([sum(total.rates), inFlight]).toEqual([1, 0])
  socket.close()
  await once(socket, 'close')
})

test('an app that is renamed is told under its new name', async () => {
  await gateway.engine.call('app.update', { name: 'quiet', app: { name: 'calm', port: 1 } })
  await until(async () => (await stats()).apps.map(({ app }) => app).join() === 'app,calm', 'the new name')
})
