import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SmoothRoundRobin } from '../../../../../src/main/engine/upstreams/balance/smooth-round-robin.js'
import type { Candidate } from '../../../../../src/main/engine/upstreams/balance/strategy.js'

const IDLE = { inFlight: 0, hash: 0, credit: 0 }

const picks = (weights: Record<string, number>, count: number) => {
  const strategy = new SmoothRoundRobin<Candidate & { name: string }>()
  const candidates = Object.entries(weights).map(([name, weight]) => ({ name, weight, ...IDLE }))
  return Array.from({ length: count }, () => strategy.pick(candidates)?.name ?? '-').join('')
}

test.each([
  [{ a: 1, b: 1, c: 1 }, 'abcabc'],
  [{ a: 5, b: 1, c: 1 }, 'aabacaaaabacaa'],
  [{ a: 2, b: 1 }, 'abaaba'],
  [{ a: 0, b: 1 }, 'bbb'],
  [{ a: 0 }, '--'],
  [{}, '-'],
])('weights %j are picked as %s', (weights, expected) => {
  expect(picks(weights, expected.length)).toBe(expected)
})

test('over one round each candidate is picked exactly as often as its weight says', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 6 }), (weights) => {
      const candidates = weights.map((weight) => ({ weight, picked: 0, ...IDLE }))
      const strategy = new SmoothRoundRobin<(typeof candidates)[number]>()
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      for (let round = 0; round < total; round++) {
        const pick = strategy.pick(candidates)
        if (pick !== null) pick.picked += 1
      }
      expect(candidates.map(({ picked }) => picked)).toEqual(weights)
    }),
  )
})

test('candidates may leave and come back without the others starving', () => {
  const [a, b] = [
    { weight: 1, ...IDLE },
    { weight: 1, ...IDLE },
  ]
  const strategy = new SmoothRoundRobin<Candidate>()
  for (let round = 0; round < 10; round++) expect(strategy.pick([a])).toBe(a)
  const both = Array.from({ length: 4 }, () => strategy.pick([a, b]))
  expect(both.filter((pick) => pick === a)).toHaveLength(2)
})
