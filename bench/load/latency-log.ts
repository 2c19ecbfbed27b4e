import type { Metrics } from '../model.ts'
import { percentile } from '../statistics.ts'
import { LoadInvalid } from './load.ts'

/** Left out at either end of the log, in microseconds: connections are still being opened, or have already finished. */
const MARGIN_MICROS = 200_000

/** Below this share of the wanted rate, requests waited unseen before they were sent, and the times mean nothing. */
const LEAST_RATE = 0.98

/**
 * Percentiles of h2load's `--log-file`: lines of start time (microseconds), status and duration (microseconds).
 * `wantedRate` is in requests per second. Throws LoadInvalid when the log is too short or the rate was not held.
 */
export function parseLatencyLog(log: string, wantedRate: number): Metrics {
  const rows = log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t').map(Number))
  const starts = Float64Array.from(rows, (row) => row[0] ?? 0).sort()
  const from = (starts[0] ?? 0) + MARGIN_MICROS
  const to = (starts.at(-1) ?? 0) - MARGIN_MICROS
  const durations = Float64Array.from(
    rows.filter(([start = 0]) => start >= from && start < to),
    (row) => row[2] ?? 0,
  ).sort()
  if (durations.length === 0) throw new LoadInvalid('h2load: the latency log is too short')
  const rate = durations.length / ((to - from) / 1e6)
  if (rate < wantedRate * LEAST_RATE) {
    throw new LoadInvalid(`holds only ${Math.round(rate)} of ${wantedRate} requests/s`)
  }
  const ms = (rank: number) => percentile(durations, rank) / 1000
  return { requestsPerSecond: rate, p50Ms: ms(50), p95Ms: ms(95), p99Ms: ms(99) }
}
