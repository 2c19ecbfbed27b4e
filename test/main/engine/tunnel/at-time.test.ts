import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { atTime } from '../../../../src/main/engine/tunnel/at-time.js'

const START = Date.parse('2026-01-01T00:00:00Z')
const HOUR_MS = 3_600_000

beforeEach(() => void vi.useFakeTimers({ now: START }))
afterEach(() => void vi.useRealTimers())

test('a time is a time of the clock: not before it, at it, and long after a start', () => {
  const work = vi.fn()
  atTime(START + 1_000 * 24 * HOUR_MS, work)
  vi.advanceTimersByTime(1_000 * 24 * HOUR_MS - 1)
  expect(work).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(work).toHaveBeenCalledOnce()
  const late = vi.fn()
  atTime(START, late)
  vi.advanceTimersByTime(0)
  expect(late).toHaveBeenCalledOnce()
})

test('a clock that is set forward, as after a sleep, is noticed within half a minute; set back, it is waited for', () => {
  const [work, other] = [vi.fn(), vi.fn()]
  atTime(START + 10 * HOUR_MS, work)
  vi.setSystemTime(START + 11 * HOUR_MS)
  vi.advanceTimersByTime(30_000)
  expect(work).toHaveBeenCalledOnce()
  atTime(START + 12 * HOUR_MS, other)
  vi.setSystemTime(START)
  vi.advanceTimersByTime(11 * HOUR_MS)
  expect(other).not.toHaveBeenCalled()
  vi.advanceTimersByTime(HOUR_MS)
  expect(other).toHaveBeenCalledOnce()
})

test('what is cancelled, or has no time, does not happen', () => {
  const work = vi.fn()
  atTime(START + 5, work).cancel()
  atTime(null, work)
  vi.advanceTimersByTime(HOUR_MS)
  expect(work).not.toHaveBeenCalled()
})
