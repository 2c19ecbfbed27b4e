import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FailureRate } from '../../../../src/main/engine/upstreams/failure-rate.js'

test('the share is that of the answers in the window, to a tenth of it', () => {
  const answer = fc.record({ gap: fc.integer({ min: 0, max: 150 }), failed: fc.boolean() })
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 200 }), (answers) => {
      const rate = new FailureRate(1_000)
      const seen: { at: number; failed: boolean }[] = []
      let now = 0
      for (const { gap, failed } of answers) {
        now += gap
        rate.add(failed, now)
        seen.push({ at: now, failed })
        const since = Math.floor(now / 100) * 100 - 900
        const inside = seen.filter(({ at }) => at >= since)
        const expected = inside.length < 10 ? 0 : inside.filter((one) => one.failed).length / inside.length
        expect(rate.share(now)).toBeCloseTo(expected, 10)
      }
    }),
  )
})

test('after a long silence nothing is left', () => {
  const rate = new FailureRate(1_000)
  for (let i = 0; i < 20; i++) rate.add(true, 0)
  expect(rate.share(500)).toBe(1)
  expect(rate.share(1_000_000)).toBe(0)
})
