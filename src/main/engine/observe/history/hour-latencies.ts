import { LatencyBuckets } from './latency-buckets.js'

/** Ten minutes. */
const PERIOD_STEPS = 60
const PERIODS = 6

/** The latencies of the last hour, less up to ten minutes: they are forgotten that many at a time. */
export class HourLatencies {
  readonly #slots: { period: number; latencies: LatencyBuckets }[] = []

  /** @param step in which they were measured */
  add(step: number, latencies: LatencyBuckets): void {
    const period = periodOf(step)
    const at = period % PERIODS
    this.#slots[at] ??= { period, latencies: new LatencyBuckets() }
    const slot = this.#slots[at]
    if (slot.period !== period) slot.latencies.clear()
    slot.period = period
    slot.latencies.addAll(latencies)
  }

  /**
   * The latency that so great a part stayed below, in milliseconds; NaN when there is none.
   *
   * @param part between 0 and 1
   * @param current what was measured in this step, and not added
   */
  quantile(step: number, part: number, current: LatencyBuckets): number {
    const all = new LatencyBuckets()
    all.addAll(current)
    // Of what never was, a sparse array has nothing to go through.
    this.#slots.forEach(({ period, latencies }) => {
      if (period > periodOf(step) - PERIODS) all.addAll(latencies)
    })
    return all.quantile(part)
  }
}

function periodOf(step: number): number {
  return Math.floor(step / PERIOD_STEPS)
}
