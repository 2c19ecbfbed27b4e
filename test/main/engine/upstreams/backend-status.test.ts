import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Target } from '../../../../src/main/engine/upstreams/target.js'
import { Upstreams } from '../../../../src/main/engine/upstreams/upstreams.js'
import { backendStatusSchema } from '../../../../src/shared/window-schemas.js'
import { attempt, CLIENT, NONE, route, spec, target } from './target.js'

const changed = vi.fn()
const log = { info: vi.fn(), warn: vi.fn() }
let now = 0
let upstreams: Upstreams

const pick = (from: Target) => upstreams.pick(from, CLIENT, 1_000, NONE)
const answer = (from: Target, status = 200) => attempt(pick(from), (one) => one.answered(status))
const fail = (from: Target, reason = 'It is gone.', kind: 'dial' | 'answer' = 'dial') =>
  attempt(pick(from), (one) => one.failed(kind, reason))
const state = () => backendStatusSchema.parse(upstreams.list()[0])

beforeEach(() => {
  now = 0
  upstreams = new Upstreams({ changed, log, now: () => now })
  vi.useFakeTimers({ now: 0, toFake: ['Date'] })
  changed.mockClear()
  log.info.mockClear()
  log.warn.mockClear()
  return () => vi.useRealTimers()
})

test('a backend is unknown, healthy, unhealthy with its reason, and healthy again, each since then', () => {
  const shop = target([spec('http://127.0.0.1:1', { weight: 3 })])
  upstreams.apply([route(shop)])
  expect(state()).toEqual({
    app: 'shop',
    route: '/',
    url: 'http://127.0.0.1:1',
    health: 'unknown',
    reason: null,
    since: null,
    weight: 3,
    breaker: 'closed',
    retryAt: null,
    inFlight: 0,
    draining: false,
    check: null,
  })
  vi.setSystemTime(1_000)
  answer(shop)
  expect(state()).toMatchObject({ health: 'healthy', since: '1970-01-01T00:00:01.000Z' })
  vi.setSystemTime(2_000)
  fail(shop)
  expect(state()).toMatchObject({ health: 'unhealthy', reason: 'It is gone.', since: '1970-01-01T00:00:02.000Z' })
  vi.setSystemTime(3_000)
  fail(shop, 'It is slow.')
  expect(state()).toMatchObject({ reason: 'It is slow.', since: '1970-01-01T00:00:02.000Z' })
  answer(shop)
  expect(state()).toMatchObject({ health: 'healthy', reason: null, since: '1970-01-01T00:00:03.000Z' })
})

test('an error of the app is an answer', () => {
  const shop = target(['http://127.0.0.1:1'])
  upstreams.apply([route(shop)])
  answer(shop, 500)
  expect(state()).toMatchObject({ health: 'healthy', reason: null })
})

test('only changes are told, and logged with app, route, url and reason', () => {
  const shop = target(['http://127.0.0.1:1'])
  upstreams.apply([route(shop)])
  changed.mockClear()
  for (let i = 0; i < 5; i++) answer(shop)
  for (let i = 0; i < 2; i++) fail(shop)
  expect(changed).toHaveBeenCalledTimes(2)
  const place = { app: 'shop', route: '/', url: 'http://127.0.0.1:1' }
  expect(log.info.mock.calls).toEqual([[{ ...place, from: 'unknown', to: 'healthy', reason: null }, expect.anything()]])
  expect(log.warn.mock.calls).toEqual([
    [{ ...place, from: 'healthy', to: 'unhealthy', reason: 'It is gone.' }, expect.anything()],
  ])
})

test('what is under way is counted, tunnels and all, and never told by itself', () => {
  const shop = target(['http://127.0.0.1:1'])
  upstreams.apply([route(shop)])
  answer(shop)
  changed.mockClear()
  const [one, two] = [pick(shop), pick(shop)]
  one?.begin()
  two?.begin()
  expect(state().inFlight).toBe(2)
  one?.answered(101)
  one?.release()
  expect(state().inFlight).toBe(1)
  expect(changed).not.toHaveBeenCalled()
})

describe('a new config', () => {
  test('keeps what is known of the backends that stay, also from requests that began before it', () => {
    const old = target(['http://127.0.0.1:1'])
    upstreams.apply([route(old), route(target(['http://127.0.0.1:2']), { app: 'api' })])
    fail(old)
    const under = pick(old)
    upstreams.apply([
      route(target(['http://127.0.0.1:3']), { app: 'new' }),
      route(target([spec('http://127.0.0.1:1', { weight: 5 })])),
    ])
    expect(upstreams.list().map(({ app, health, weight }) => [app, health, weight])).toEqual([
      ['new', 'unknown', 1],
      ['shop', 'unhealthy', 5],
    ])
    under?.answered(200)
    expect(upstreams.list()[1]).toMatchObject({ health: 'healthy' })
  })

  test('begins anew with a backend that had left, and its late requests say nothing of the others', () => {
    const gone = target(['http://127.0.0.1:1'])
    upstreams.apply([route(gone)])
    const under = pick(gone)
    answer(gone)
    upstreams.apply([route(target(['http://127.0.0.1:2']))])
    under?.failed('answer', 'It is gone.')
    expect(upstreams.list()).toMatchObject([{ health: 'unknown' }])
    upstreams.apply([route(target(['http://127.0.0.1:1']))])
    expect(upstreams.list()).toMatchObject([{ health: 'unknown' }])
  })

  test('tells routes of one path apart by their order', () => {
    const [get, post] = [target(['http://127.0.0.1:1']), target(['http://127.0.0.1:1'])]
    upstreams.apply([route(get), route(post)])
    fail(post)
    expect(upstreams.list().map(({ health }) => health)).toEqual(['unknown', 'unhealthy'])
  })
})

describe('the process of an app', () => {
  const routes = (other: number) => [
    route(target([`http://127.0.0.1:${other}`]), { app: 'other' }),
    route(null, { route: '/api/*' }),
    route(null),
    route(target(['http://127.0.0.1:9']), { app: 'last' }),
  ]
  const rows = () => upstreams.list().map(({ app, route: path, url, health }) => `${app} ${path} ${url} ${health}`)

  test('is listed in the place of its first route while it runs, with what is known of it', () => {
    const shop = target(['http://localhost:40001'])
    upstreams.apply(routes(1))
    expect(rows()).toHaveLength(2)
    answer(shop) // a request may come before it is told
    upstreams.adopt('shop', shop)
    fail(shop)
    const row = 'shop /api/* http://localhost:40001 unhealthy'
    expect(rows()).toEqual(['other / http://127.0.0.1:1 unknown', row, 'last / http://127.0.0.1:9 unknown'])
    upstreams.apply(routes(2))
    expect(rows()[1]).toBe(row)
    upstreams.adopt('shop', target(['http://localhost:40001']))
    expect(rows()[1]).toBe(row)
    upstreams.release('shop')
    expect(rows()).toHaveLength(2)
  })

  test('on another port is another backend', () => {
    const shop = target(['http://localhost:40001'])
    upstreams.apply(routes(1))
    upstreams.adopt('shop', shop)
    fail(shop)
    upstreams.adopt('shop', target(['http://localhost:40002']))
    expect(rows()[1]).toBe('shop /api/* http://localhost:40002 unknown')
  })
})
