import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LEAF_LIFE_MS, renewalState, validityFrom } from '../../../../src/main/engine/tls/renewal.js'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 5, 1)

test.each([
  [-2 / 24, 'unusable'],
  [0, 'fresh'],
  [59, 'fresh'],
  [60, 'due'],
  [89.9, 'due'],
  [90, 'unusable'],
])('a leaf of 90 days is, %d days after it was made, %s', (days, state) => {
  expect(renewalState(validityFrom(NOW, LEAF_LIFE_MS), NOW + days * DAY)).toBe(state)
})

test('a leaf never outlives its authority', () => {
  expect(validityFrom(NOW, LEAF_LIFE_MS, NOW + DAY).notAfter).toBe(NOW + DAY)
})

test('a leaf lives at most 90 days, both ends counted, and can be used at once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (now) => {
      const validity = validityFrom(now, LEAF_LIFE_MS)
      expect(validity.notAfter + 1000 - validity.notBefore).toBeLessThanOrEqual(90 * DAY)
      expect(renewalState(validity, now)).toBe('fresh')
    }),
  )
})
