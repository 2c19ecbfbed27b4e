import { expect, test } from 'vitest'
import { type Breaker, type BreakerEvent, CLOSED, nextBreaker } from '../../../../src/main/engine/upstreams/breaker.js'

const SETTINGS = { failures: 3, cooldownMs: 100 }
const NOW = 1_000
const closed = (failures: number): Breaker => ({ phase: 'closed', failures })
const open = (until: number): Breaker => ({ phase: 'open', until })
const HALF: Breaker = { phase: 'half-open' }
const AGAIN = open(NOW + 100)

const EVENTS: BreakerEvent[] = ['success', 'failure', 'probe', 'probe-succeeded', 'probe-failed', 'probe-given-up']

/** Every state with every event: what comes of it, in the order of EVENTS; `same` where nothing changes. */
const TABLE: [string, Breaker, (Breaker | 'same')[]][] = [
  ['closed', CLOSED, ['same', closed(1), 'same', 'same', 'same', 'same']],
  ['closed after a failure', closed(1), [CLOSED, closed(2), 'same', 'same', 'same', 'same']],
  ['closed before the last failure', closed(2), [CLOSED, AGAIN, 'same', 'same', 'same', 'same']],
  ['open', open(NOW + 1), ['same', 'same', 'same', 'same', 'same', 'same']],
  ['open, the cooldown over', open(NOW), ['same', 'same', HALF, 'same', 'same', 'same']],
  ['half-open', HALF, ['same', 'same', 'same', CLOSED, AGAIN, open(NOW)]],
]

test.each(
  TABLE.flatMap(([name, state, results]) =>
    results.map((result, index) => [name, EVENTS[index] as BreakerEvent, state, result] as const),
  ),
)('%s, %s', (_name, event, state, result) => {
  const next = nextBreaker(state, event, SETTINGS, NOW)
  if (result === 'same') expect(next).toBe(state)
  else expect(next).toEqual(result)
})

test('one failure is enough where the config says so', () => {
  expect(nextBreaker(CLOSED, 'failure', { failures: 1, cooldownMs: 5 }, NOW)).toEqual(open(NOW + 5))
})
