import { expect, test, vi } from 'vitest'
import { BackendHealth, type BackendPlace } from '../../../../src/main/engine/traffic/backend-health.js'
import { backendStatusSchema } from '../../../../src/shared/window-schemas.js'

const place = (app: string, port: number, weight = 1): BackendPlace => ({
  app,
  route: '/',
  spec: { url: `http://127.0.0.1:${port}`, weight, caFile: null, serverName: null, insecure: false },
})

test('a backend is unknown, healthy, unhealthy with its reason, and healthy again, each since then', () => {
  let now = 0
  const changed = vi.fn()
  const health = new BackendHealth(changed, () => now)
  const shop = place('shop', 1, 3)
  health.apply([shop])
  const state = () => health.list()[0]
  expect(backendStatusSchema.parse(state())).toEqual({
    app: 'shop',
    route: '/',
    url: 'http://127.0.0.1:1',
    health: 'unknown',
    reason: null,
    since: null,
    weight: 3,
  })
  now = 1_000
  health.answered(shop.spec)
  expect(state()).toMatchObject({ health: 'healthy', since: '1970-01-01T00:00:01.000Z' })
  now = 2_000
  health.failed(shop.spec, 'It is gone.')
  expect(state()).toMatchObject({ health: 'unhealthy', reason: 'It is gone.', since: '1970-01-01T00:00:02.000Z' })
  now = 3_000
  health.failed(shop.spec, 'It is slow.')
  expect(state()).toMatchObject({ reason: 'It is slow.', since: '1970-01-01T00:00:02.000Z' })
  health.answered(shop.spec)
  expect(state()).toMatchObject({ health: 'healthy', reason: null, since: '1970-01-01T00:00:03.000Z' })
})

test('only changes are told', () => {
  const changed = vi.fn()
  const health = new BackendHealth(changed)
  const shop = place('shop', 1)
  health.apply([shop])
  changed.mockClear()
  for (let i = 0; i < 5; i++) health.answered(shop.spec)
  for (let i = 0; i < 5; i++) health.failed(shop.spec, 'It is gone.')
  expect(changed).toHaveBeenCalledTimes(2)
})

test('a new config keeps what is known of the backends that stay, also from requests that began before it', () => {
  const health = new BackendHealth(() => {})
  const old = place('shop', 1)
  health.apply([old, place('api', 2)])
  health.failed(old.spec, 'It is gone.')
  health.apply([place('new', 3), place('shop', 1, 5)])
  expect(health.list().map(({ app, health: state, weight }) => [app, state, weight])).toEqual([
    ['new', 'unknown', 1],
    ['shop', 'unhealthy', 5],
  ])
  health.answered(old.spec)
  expect(health.list()[1]).toMatchObject({ health: 'healthy' })
})

test('a backend that left begins anew, and its late requests say nothing of the others', () => {
  const health = new BackendHealth(() => {})
  const gone = place('shop', 1)
  health.apply([gone])
  health.answered(gone.spec)
  health.apply([place('shop', 2)])
  health.failed(gone.spec, 'It is gone.')
  expect(health.list()).toMatchObject([{ health: 'unknown' }])
  health.apply([place('shop', 1)])
  expect(health.list()).toMatchObject([{ health: 'unknown' }])
})
