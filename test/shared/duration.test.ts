import fc from 'fast-check'
import { expect, test } from 'vitest'
import { durationMs, durationSchema } from '../../src/shared/duration.js'

test.each([
  ['200ms', 200],
  ['5s', 5_000],
  ['1.5s', 1_500],
  ['10m', 600_000],
  ['12h', 43_200_000],
  ['7d', 604_800_000],
])('%s is %i ms', (text, ms) => {
  expect(durationSchema.safeParse(text).success).toBe(true)
  expect(durationMs(text)).toBe(ms)
})

test.each(['', '5', 's', '5 s', '-5s', '5S', '1e3s', '5s ', '.5s', '5.s', 'Infinity', `${'9'.repeat(400)}s`, '25d'])(
  '%j is refused',
  (text) => {
    expect(durationSchema.safeParse(text).success).toBe(false)
  },
)

test('durationMs throws for what is no duration', () => {
  expect(() => durationMs('soon')).toThrow(RangeError)
})

test('every accepted duration fits into a timer', () => {
  const text = fc
    .tuple(
      fc.oneof(fc.nat().map(String), fc.stringMatching(/^\d{1,30}(\.\d{1,5})?$/)),
      fc.constantFrom('ms', 's', 'm', 'h', 'd'),
    )
    .map(([number, unit]) => number + unit)
  fc.assert(
    fc.property(fc.oneof(text, fc.string()), (duration) => {
      if (!durationSchema.safeParse(duration).success) return
      expect(durationMs(duration)).toBeGreaterThanOrEqual(0)
      expect(durationMs(duration)).toBeLessThan(2 ** 31)
    }),
    { numRuns: 1_000 },
  )
})
