import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { CarrierEvent } from '../../../../src/main/engine/share/carrier.js'
import { NO_TRAFFIC } from '../../../../src/main/engine/share/hop-traffic.js'
import { type Obstacle, Share } from '../../../../src/main/engine/share/share.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function startShare(lifetimeMs: number | null = null) {
  const world = { obstacle: null as Obstacle | null, closed: 0, changes: 0, tell: (_: CarrierEvent) => {} }
  const share = new Share({
    id: 'a',
    app: 'shop',
    via: { kind: 'tool', tool: 'ngrok' },
    name: null,
    user: null,
    lifetimeMs,
    carry: (tell) => {
      world.tell = tell
      return {
        figures: () => ({ ...NO_TRAFFIC, open: 2, total: 5, bytesOut: 7 }),
        latencyMs: () => 3,
        close: async () => {
          world.closed++
        },
      }
    },
    obstacle: () => world.obstacle,
    onChange: () => {
      world.changes++
    },
  })
  return { share, world }
}

const OPEN: CarrierEvent = { type: 'open', url: 'https://calm.example' }

test('it is open only while both the way outside and the app here are', () => {
  const { share, world } = startShare()
  const seen = () => [share.status().state, share.status().reason?.message ?? null, share.status().url]
  expect(seen()).toEqual(['starting', null, null])
  world.tell({ type: 'waiting', reason: 'No connection.', hint: 'Wait.' })
  expect(seen()).toEqual(['waiting', 'No connection.', null])
  world.tell(OPEN)
  expect(seen()).toEqual(['open', null, 'https://calm.example'])
  world.obstacle = { final: false, message: 'The gateway is off.' }
  share.look()
  expect(seen()).toEqual(['waiting', 'The gateway is off.', 'https://calm.example'])
  world.tell({ type: 'waiting', reason: 'Connection lost.' })
  world.tell(OPEN)
  expect(seen()[0]).toBe('waiting')
  world.obstacle = null
  share.look()
  expect(seen()).toEqual(['open', null, 'https://calm.example'])
  expect(share.figures()).toMatchObject({ via: 'ngrok', up: true, lost: 1 })
})

test('what has ended stays ended, keeps its figures, and closes once', async () => {
  const { share, world } = startShare()
  world.tell(OPEN)
  world.tell({ type: 'ended', reason: 'No account.', hint: 'Make one.' })
  world.tell(OPEN)
  world.obstacle = { final: true, message: 'The app was removed.' }
  share.look()
  expect(share.status()).toMatchObject({
    state: 'ended',
    reason: { message: 'No account.', hint: 'Make one.' },
    stats: { open: 0, total: 5, bytesOut: 7, latencyMs: null },
  })
  expect(world.closed).toBe(1)
})

test('nothing is told of what is as it was', () => {
  const { share, world } = startShare()
  world.tell(OPEN)
  const before = world.changes
  share.look()
  expect(world.changes).toBe(before)
})

test('its time is over by the clock, also when the machine has slept meanwhile', () => {
  const { share } = startShare(8 * 3_600_000)
  expect(share.status().expiresAt).toBe(new Date(Date.now() + 8 * 3_600_000).toISOString())
  vi.setSystemTime(Date.now() + 9 * 3_600_000)
  vi.advanceTimersByTime(60_000)
  expect(share.status()).toMatchObject({ state: 'ended', reason: { message: 'Its time is over.' } })
})

test('a time that the other side sets counts when it is sooner', () => {
  const { share, world } = startShare(3_600_000)
  const sooner = new Date(Date.now() + 60_000).toISOString()
  world.tell({ ...OPEN, expires: sooner })
  expect(share.status().expiresAt).toBe(sooner)
  world.tell({ ...OPEN, expires: new Date(Date.now() + 7_200_000).toISOString() })
  expect(share.status().expiresAt).toBe(sooner)
})
