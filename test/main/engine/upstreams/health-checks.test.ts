import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest'
import type { HealthCheck } from '../../../../src/main/engine/upstreams/target.js'
import { Upstreams, type UpstreamsOptions } from '../../../../src/main/engine/upstreams/upstreams.js'
import type { BackendStatus } from '../../../../src/shared/window-schemas.js'
import { makeCertificate } from '../../../support/certificate.js'
import { startBlackHole } from '../../../support/hostile/black-hole.js'
import { startRawUpstream } from '../../../support/raw-upstream.js'
import { startUpstream, type TestUpstream } from '../../../support/upstream.js'
import { until } from '../../../support/wait.js'
import { CLIENT, NONE, route, spec, target } from './target.js'

const CHECK: HealthCheck = {
  path: '/health',
  expect: [[200, 299]],
  intervalMs: 20,
  timeoutMs: 1_000,
  unhealthyAfter: 3,
  healthyAfter: 2,
}
/** After this the connections of a former config are closed. */
const RETIRE_MS = 5_000
/** Not before the test is over. */
const NEVER = 60_000_000

let made: MockInstance<typeof setTimeout>
let now = 0
let upstreams: Upstreams
let status = 200
let upstream: TestUpstream
const ends: (() => unknown)[] = []

function open(options: UpstreamsOptions = {}): void {
  upstreams = new Upstreams(options)
  ends.push(() => upstreams.destroy())
}

beforeEach(async () => {
  made = vi.spyOn(globalThis, 'setTimeout')
  now = 0
  status = 200
  upstream = await startUpstream((_request, response) => response.writeHead(status).end('ok'))
  ends.push(() => upstream.close())
  open()
})

afterEach(async () => {
  made.mockRestore()
  for (const end of ends.splice(0).reverse()) await end()
})

const state = () => upstreams.list()[0] as BackendStatus
const checks = (count: number) => until(() => upstream.requests.length >= count, `${count} checks`)

function watch(check: Partial<HealthCheck> = {}, url = upstream.url, more = {}) {
  const made = target([typeof url === 'string' ? spec(url, more) : url], { health: { ...CHECK, ...check } })
  upstreams.apply([route(made)])
  upstreams.start()
  return made
}

describe('a check', () => {
  test('is made at once, as requests are: path, Host, scheme; over a connection of its own', async () => {
    watch({ intervalMs: NEVER })
    await until(() => state().check !== null, 'a check')
    const { method, target: path, values } = upstream.last()
    expect([method, path, values('host'), values('x-forwarded-proto')]).toEqual([
      'GET',
      '/health',
      ['shop.localhost'],
      ['https'],
    ])
    expect(state()).toMatchObject({ health: 'healthy', check: { ok: true, result: '200 OK', at: expect.any(String) } })
    await until(() => upstream.connections.size === 0, 'the connection is closed')
  })

  test('names the backend itself where requests do', async () => {
    const made = target([upstream.url], { preserveHost: false, health: CHECK })
    upstreams.apply([route(made)])
    upstreams.start()
    await checks(1)
    expect(upstream.last().values('host')).toEqual([`127.0.0.1:${upstream.port}`])
  })

  test('fails with a status that is not expected, and says which', async () => {
    status = 503
    watch({ intervalMs: NEVER })
    await until(() => state().check !== null, 'a check')
    expect(state()).toMatchObject({
      health: 'unhealthy',
      reason: `The health check of ${upstream.url} failed: 503 Service Unavailable.`,
      check: { ok: false, result: '503 Service Unavailable' },
    })
  })

  test('fails when nothing listens', async () => {
    await upstream.close()
    ends.splice(ends.length - 2, 1)
    watch({ intervalMs: NEVER })
    await until(() => state().check !== null, 'a check')
    expect(state().check).toMatchObject({ ok: false, result: 'connection refused' })
  })

  test('fails when no answer comes in time, and lets go of the connection', async () => {
    const silent = await startRawUpstream(() => {})
    ends.push(() => silent.close())
    watch({ intervalMs: NEVER, timeoutMs: 100 }, silent.url)
    await until(() => state().check !== null, 'a check')
    expect(state().check).toMatchObject({ ok: false, result: 'no answer within 100 ms' })
    await until(() => silent.sockets[0]?.readyState !== 'open', 'the connection is closed')
  })

  test.skipIf(process.platform !== 'linux')('fails when no connection comes about in time', async () => {
    const hole = await startBlackHole()
    ends.push(() => hole.close())
    watch({ intervalMs: NEVER, timeoutMs: 100 }, `http://127.0.0.1:${hole.port}`)
    await until(() => state().check !== null, 'a check')
    expect(state().check).toMatchObject({ ok: false, result: expect.stringMatching(/within 100 ms$/) })
  })

  test.each([
    ['what is not HTTP', 'hello there\r\n\r\n', 'the answer is not valid HTTP'],
    ['a connection that closes', '', 'the connection was closed without an answer'],
  ])('fails with %s', async (_what, answer, result) => {
    const odd = await startRawUpstream(({ socket }) => socket.end(answer))
    ends.push(() => odd.close())
    watch({ intervalMs: NEVER }, odd.url)
    await until(() => state().check !== null, 'a check')
    expect(state().check).toMatchObject({ ok: false, result })
  })

  test('with "tcp" only connects', async () => {
    watch({ intervalMs: NEVER, path: null })
    await until(() => state().check !== null, 'a check')
    expect(state()).toMatchObject({ health: 'healthy', check: { ok: true, result: 'connected' } })
    expect(upstream.heads).toBe(0)
  })

  test('verifies an https backend as requests do', async () => {
    const certificate = makeCertificate('DNS:backend.test')
    ends.push(() => certificate.remove())
    const secure = await startUpstream(undefined, { tls: certificate })
    ends.push(() => secure.close())
    watch({ intervalMs: NEVER }, secure.url, { insecure: true })
    await until(() => state().check !== null, 'a check')
    expect(state().check).toMatchObject({ ok: true, result: '200 OK' })
    watch({ intervalMs: NEVER }, secure.url)
    await until(() => state().check !== null, 'a check')
    expect(state().check).toMatchObject({ ok: false, result: expect.stringMatching(/self signed/) })
  })

  test('with a CA file that is not there fails, and says so', async () => {
    watch({ intervalMs: NEVER }, 'https://127.0.0.1:1', { caFile: '/nonexistent.pem' })
    await until(() => state().check !== null, 'a check')
    expect(state().check?.result).toContain('/nonexistent.pem')
  })
})

describe('the thresholds', () => {
  const pick = (from: ReturnType<typeof watch>) => upstreams.pick(from, CLIENT, 1_000, NONE)

  test('take a backend out after failures in a row, refuse with the reason, and bring it back', async () => {
    const made = watch()
    await until(() => state().health === 'healthy', 'healthy')
    status = 500
    await until(() => pick(made) === null, 'out')
    const failures = upstream.requests.length
    expect(upstreams.refusals(made)).toEqual([
      {
        url: upstream.url,
        reason: `The health check of ${upstream.url} failed: 500 Internal Server Error.`,
        retryInMs: null,
      },
    ])
    expect(state()).toMatchObject({ health: 'unhealthy', retryAt: expect.any(String) })
    expect(failures).toBeGreaterThanOrEqual(4)
    status = 200
    await until(() => pick(made) !== null, 'back')
    expect(state()).toMatchObject({ health: 'healthy', reason: null, retryAt: null })
  })

  test('one bad check is shown at first, but keeps no request away', async () => {
    status = 500
    const made = watch({ intervalMs: NEVER })
    await until(() => state().health === 'unhealthy', 'unhealthy')
    expect(pick(made)).not.toBe(null)
  })

  test('a good check ends what failed requests have told', async () => {
    const made = watch({ intervalMs: NEVER })
    await until(() => state().health === 'healthy', 'healthy')
    pick(made)?.failed('dial', 'It is gone.')
    expect(state().health).toBe('unhealthy')
    upstreams.pause()
    upstreams.start()
    await until(() => state().health === 'healthy', 'healthy again')
  })
})

describe('nobody is asked', () => {
  test('before the start, while paused, and of disabled apps', async () => {
    const other = await startUpstream()
    ends.push(() => other.close())
    upstreams.apply([
      route(target([upstream.url], { health: CHECK }), { enabled: false, app: 'off' }),
      route(target([other.url], { health: CHECK })),
    ])
    expect(timers()).toBe(0)
    upstreams.start()
    await until(() => other.requests.length > 1, 'checks')
    expect(upstream.requests).toEqual([])
    upstreams.pause()
    await until(() => other.connections.size === 0, 'no check is under way')
    const made = other.requests.length
    upstreams.apply([route(target([upstream.url], { health: CHECK }))])
    expect(timers()).toBe(0)
    upstreams.start()
    await checks(2)
    expect(other.requests.length).toBe(made)
  })

  test('when there was no request for five minutes; the next one is not refused, and wakes the checks', async () => {
    open({ now: () => now, random: () => 0.5 })
    status = 500
    const made = watch({ intervalMs: 50, unhealthyAfter: 1 })
    await until(() => state().check !== null, 'the first check')
    expect(upstreams.pick(made, CLIENT, 1_000, NONE)).toBe(null)
    now = 301_001
    await until(() => timers() === 0, 'nobody is to be asked')
    expect(upstream.requests).toHaveLength(1)
    expect(state()).toMatchObject({ health: 'unhealthy', retryAt: null })
    expect(upstreams.pick(made, CLIENT, 1_000, NONE)).not.toBe(null)
    await checks(2)
  })

  test('unless somebody looks', async () => {
    open({ now: () => performance.now() + now, followed: () => true })
    watch({ intervalMs: 10 })
    for (const count of [1, 3, 5]) {
      await checks(count)
      now += 400_000
    }
  })

  test('until somebody looks again', async () => {
    open({ now: () => now })
    watch({ intervalMs: 50 })
    await until(() => state().check !== null, 'the first check')
    now = 400_000
    await until(() => timers() === 0, 'nobody is to be asked')
    upstreams.looked()
    await checks(2)
  })
})

test('a backend that is asked as before keeps its turn when the config changes; one that is asked otherwise is asked at once', async () => {
  watch({ intervalMs: NEVER })
  await until(() => state().check !== null, 'a check')
  watch({ intervalMs: NEVER })
  expect(state().check).not.toBe(null)
  watch({ intervalMs: NEVER, path: '/other' })
  await checks(2)
  expect(upstream.requests.map((request) => request.target)).toEqual(['/health', '/other'])
})

test('intervals differ by up to a tenth either way', async () => {
  const dues: number[] = []
  for (const random of [0, 0.5, 1]) {
    open({ now: () => 0, random: () => random })
    const made = target([upstream.url], { health: { ...CHECK, intervalMs: 10_000, unhealthyAfter: 1 } })
    status = 500
    upstreams.apply([route(made)])
    upstreams.start()
    await until(() => state().check !== null, 'a check')
    dues.push(Math.round((Date.parse(state().retryAt ?? '') - Date.now()) / 100) * 100)
  }
  expect(dues).toEqual([9_000, 10_000, 11_000])
})

test('no timer and no connection is left when all is over', async () => {
  const silent = await startRawUpstream(() => {})
  ends.push(() => silent.close())
  watch({}, silent.url)
  await until(() => silent.sockets.length > 0, 'a check is under way')
  await upstreams.destroy()
  expect(timers()).toBe(0)
  await until(() => silent.sockets[0]?.readyState !== 'open', 'its connection is closed')
})

/** How many timers of the checks are left, also those that keep nothing alive. */
function timers(): number {
  const left = made.mock.results.filter(({ value }) => !(value as { _destroyed: boolean })._destroyed)
  return left.filter(({ value }) => (value as { _idleTimeout: number })._idleTimeout !== RETIRE_MS).length
}
