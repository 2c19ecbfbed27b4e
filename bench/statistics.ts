import type { MetricName, Metrics } from './model.ts'

/** The middle value, or the mean of the two in the middle; throws RangeError for no values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no values to take the median of')
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Nearest-rank percentile, `rank` from 0 to 100; `sorted` ascends and holds at least one value. */
export function percentile(sorted: ArrayLike<number>, rank: number): number {
  if (sorted.length === 0) throw new RangeError('no values to take a percentile of')
  return sorted[Math.max(0, Math.ceil((rank / 100) * sorted.length) - 1)]!
}

/** The median of each metric on its own; a metric missing from a round is left out of that one's median. */
export function medianMetrics(rounds: readonly Metrics[]): Metrics {
  const names = new Set(rounds.flatMap((round) => Object.keys(round) as MetricName[]))
  return Object.fromEntries(
    [...names].map((name) => [name, median(rounds.flatMap((round) => round[name] ?? []))]),
  ) as Metrics
}
