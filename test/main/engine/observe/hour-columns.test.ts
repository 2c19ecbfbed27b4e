import { expect, test } from 'vitest'
import { STEP_SECONDS, STEPS } from '../../../../src/main/engine/observe/history/hour-columns.js'
import { TrafficHistory } from '../../../../src/main/engine/observe/history/traffic-history.js'
import { historySchema } from '../../../../src/shared/history-schemas.js'
import { exchange } from './observed-exchange.js'

/** A history whose clock stands where it is put, in steps. */
function history() {
  const clock = { step: 0 }
  const of = new TrafficHistory(() => clock.step * STEP_SECONDS * 1000, 1_800_000_000_000)
  of.apply(['shop', 'other'])
  const whole = (more: Parameters<typeof exchange>[0] = {}) => {
    of.begin('shop')
    of.end(exchange(more))
  }
  return { of, clock, whole }
}

test('columns are of one length, one number a step, and end with the one under way', () => {
  const { of, clock, whole } = history()
  whole({ bytesIn: 1, bytesOut: 2 })
  clock.step = 2
  whole({ status: 404 })
  whole({ status: 503 })
  whole({ status: 0 })
  const read = historySchema.parse(of.read('shop'))
  const { app, stepSeconds, times, ...columns } = read
  expect([app, stepSeconds]).toEqual(['shop', 10])
  expect(times.at(-1)).toBe(1_800_000_020)
  expect(times.every((time, i) => i === 0 || time - (times[i - 1] as number) === 10)).toBe(true)
  for (const column of [times, ...Object.values(columns)]) expect(column).toHaveLength(STEPS)
  expect(read.requests.slice(-3)).toEqual([1, 0, 3])
  expect(read.clientErrors.slice(-3)).toEqual([0, 0, 1])
  expect(read.serverErrors.slice(-3)).toEqual([0, 0, 1])
  expect(read.abandoned.slice(-3)).toEqual([0, 0, 1])
  expect(read.bytesIn.slice(-3)).toEqual([1, 0, 0])
  expect(read.bytesOut.at(-3)).toBe(2)
})

test('quantiles are of their own step, and missing where nothing was measured', () => {
  const { of, clock, whole } = history()
  for (let ms = 1; ms <= 100; ms++) whole({ totalMs: ms })
  clock.step = 2
  whole({ totalMs: 5, status: 0 })
  clock.step = 3
  whole({ totalMs: 90_000, firstByteMs: 20, openEnded: true })
  const { p50Ms, p95Ms, p99Ms } = of.read('shop')
  const near = (value: number | null | undefined, ms: number) =>
    expect(Math.abs((value ?? 0) / ms - 1)).toBeLessThan(0.06)
  near(p50Ms.at(-4), 50)
  near(p95Ms.at(-4), 95)
  near(p99Ms.at(-4), 99)
  expect(p50Ms.slice(-3, -1)).toEqual([null, null])
  near(p50Ms.at(-1), 20)
})

test('the peak is the most at once, and what is under way counts in every step that it lasts', () => {
  const { of, clock } = history()
  for (let i = 0; i < 3; i++) of.begin('shop')
  of.end(exchange())
  clock.step = 2
  of.end(exchange())
  clock.step = 3
  expect(of.read('shop').inFlightPeak.slice(-4)).toEqual([3, 2, 2, 1])
  expect(of.read(null).inFlightPeak.slice(-4)).toEqual([3, 2, 2, 1])
})

test('what is older than an hour is forgotten, even when nobody looked for longer', () => {
  const { of, clock, whole } = history()
  whole()
  clock.step = STEPS - 1
  expect(of.read('shop').requests[0]).toBe(1)
  clock.step = STEPS
  expect(of.read('shop').requests).toEqual(new Array(STEPS).fill(0))
  whole()
  clock.step = STEPS * 5
  expect(of.read('shop').requests).toEqual(new Array(STEPS).fill(0))
})

test('the total has requests for hosts of no app too, and an app that is gone has none', () => {
  const { of, whole } = history()
  whole()
  of.end(exchange({ app: null, status: 404 }))
  expect(of.read(null).requests.at(-1)).toBe(2)
  of.apply(['other'])
  expect(of.read('shop').requests.at(-1)).toBe(0)
})
