import { expect, test } from 'vitest'
import { parseLatencyLog } from '../../../bench/load/latency-log.ts'

/** Lines as h2load writes them: start in microseconds since the epoch, status, duration in microseconds. */
function log(count: number, rate: number, duration: (index: number) => number): string {
  const begin = 1795211088012059
  return Array.from({ length: count }, (_, i) => `${begin + Math.round((i * 1e6) / rate)}\t200\t${duration(i)}\n`).join(
    '',
  )
}

test('computes the achieved rate and nearest-rank percentiles', () => {
  const metrics = parseLatencyLog(
    log(20_000, 10_000, (index) => (index % 100) + 1),
    10_000,
  )
  expect(metrics.requestsPerSecond).toBeCloseTo(10_000, -1)
  expect(metrics).toMatchObject({ p50Ms: 0.05, p95Ms: 0.095, p99Ms: 0.099 })
})

test('leaves out the first and last 200 ms, while connections open and close', () => {
  const metrics = parseLatencyLog(
    log(10_000, 10_000, (index) => (index < 2000 || index >= 8000 ? 900_000 : 500)),
    10_000,
  )
  expect(metrics.p99Ms).toBe(0.5)
})

test('refuses a run that did not hold the rate, whose waits are not in the times', () => {
  expect(() =>
    parseLatencyLog(
      log(9_372, 9_372, () => 500),
      10_000,
    ),
  ).toThrow('holds only 9372 of 10000 requests/s')
})

test('refuses a log without lines between the margins', () => {
  expect(() => parseLatencyLog('1795211088012059\t200\t873\n', 10_000)).toThrow('too short')
  expect(() => parseLatencyLog('', 10_000)).toThrow('too short')
})
