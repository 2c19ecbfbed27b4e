import { expect, test } from 'vitest'
import { HistoryClock } from '../../../../src/main/engine/observe/history/history-clock.js'
import { STEP_SECONDS, STEPS } from '../../../../src/main/engine/observe/history/hour-columns.js'
import { TrafficHistory } from '../../../../src/main/engine/observe/history/traffic-history.js'
import { historySchema } from '../../../../src/shared/history-schemas.js'
import { exchange } from './observed-exchange.js'

/** A history whose clocks stand where they are put: one in steps, the machine's as much further as it was set. */
function history() {
  const clock = { step: 0, set: 0 }
  const now = () => clock.step * STEP_SECONDS * 1000
  const wall = () => 1_800_000_000_000 + now() + clock.set
  const vitals = { memoryBytes: () => 50_000_000, cpuMs: () => now() / 4, now }
  const of = new TrafficHistory(new HistoryClock(now, wall), vitals)
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
  const { app, stepSeconds, times, gateway, ...columns } = read
  expect(gateway).toBeNull()
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

test('retries, what the rate limit turned away and what the cache answered are counted', () => {
  const { of, whole } = history()
  whole({ attempts: 3 })
  whole({ status: 429, attempts: 0, notes: [{ policy: 'rateLimit', outcome: 'limited' }] })
  whole({ attempts: 0, notes: [{ policy: 'cache', outcome: 'hit' }] })
  whole({ attempts: 0, notes: [{ policy: 'cache', outcome: 'stale' }] })
  whole({ notes: [{ policy: 'cache', outcome: 'miss' }] })
  const { retries, rateLimited, cacheHits } = of.read('shop')
  expect([retries.at(-1), rateLimited.at(-1), cacheHits.at(-1)]).toEqual([2, 1, 2])
})

test('the gateway did not run before it was started, while it was turned off, and while the machine slept', () => {
  const { of, clock } = history()
  const pass = (steps: number) => {
    for (let step = 0; step < steps; step++) {
      clock.step += 1
      of.look()
    }
  }
  pass(2)
  of.serve(false)
  pass(3)
  of.serve(true)
  pass(1)
  clock.set = 5 * STEP_SECONDS * 1000
  pass(1)
  const ran = of.read(null).running.map(Number).join('')
  expect(ran).toBe('1110011000001'.padStart(STEPS, '0'))
  expect(of.read('shop').running).toEqual(of.read(null).running)
})

test('memory and CPU of the gateway are known of the steps in which it ran', () => {
  const { of, clock } = history()
  clock.step = 1
  of.look()
  clock.step = 10
  const { gateway } = of.read(null)
  expect(gateway?.memoryBytes.slice(-11)).toEqual([50e6, 50e6, ...new Array(8).fill(null), 50e6])
  expect(gateway?.cpu.slice(-11)).toEqual([null, 0.25, ...new Array(8).fill(null), 0.25])
})

test('a look that comes late leaves no gap', () => {
  const { of, clock } = history()
  clock.step = 2
  expect(of.read(null).running.slice(-4)).toEqual([false, true, true, true])
})

test("times follow the machine's clock, forward over a sleep and back where it is put back", () => {
  const { of, clock, whole } = history()
  whole()
  clock.set = 3 * STEP_SECONDS * 1000
  const slept = of.read('shop')
  expect(slept.times.at(-1)).toBe(1_800_000_030)
  expect(slept.requests.slice(-4)).toEqual([1, 0, 0, 0])
  clock.set = -7 * STEP_SECONDS * 1000
  const back = of.read('shop')
  expect(back.times.at(-1)).toBe(1_799_999_930)
  expect(back.requests.slice(-4)).toEqual([1, 0, 0, 0])
  clock.set = -3_000
  expect(of.read('shop').times.at(-1)).toBe(1_799_999_997)
  expect(of.read('shop').requests.slice(-4)).toEqual([1, 0, 0, 0])
  clock.set = 45_000
  expect(of.read('shop').times.at(-1)).toBe(1_800_000_040)
  expect(of.read('shop').requests.slice(-6)).toEqual([0, 1, 0, 0, 0, 0])
})

test('the busiest apps come first, with the sums of their hour', () => {
  const { of, clock, whole } = history()
  of.apply(['shop', 'other', 'idle'])
  for (let ms = 1; ms <= 100; ms++) whole({ totalMs: ms, status: ms > 98 ? 500 : ms > 95 ? 404 : 200, bytesOut: 10 })
  for (let i = 0; i < 3; i++) of.end(exchange({ app: { name: 'other' } }))
  clock.step = STEPS / 2
  const [first, second, ...rest] = of.busiest(10)
  expect(first).toMatchObject({ app: 'shop', requests: 100, clientErrors: 3, serverErrors: 2, bytesOut: 1_000 })
  expect(Math.abs((first?.p95Ms ?? 0) / 95 - 1)).toBeLessThan(0.06)
  expect([second?.app, second?.requests, rest]).toEqual(['other', 3, []])
  expect(of.busiest(1).map(({ app }) => app)).toEqual(['shop'])
  clock.step = STEPS + 1
  expect(of.busiest(10)).toEqual([])
})

test('the 95th percentile of the hour forgets what is older, ten minutes at a time', () => {
  const { of, clock, whole } = history()
  whole({ totalMs: 900 })
  clock.step = 330
  for (let i = 0; i < 30; i++) whole({ totalMs: 10 })
  whole({ totalMs: 10 })
  clock.step = 380
  expect(of.busiest(1)[0]?.p95Ms).toBeLessThan(11)
})
