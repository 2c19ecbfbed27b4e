/** Steps per doubling: neighbours lie 9 % apart. */
const STEPS = 8
/** The finest difference that is told, in milliseconds. */
const UNIT_MS = 0.05
/** 21 doublings: up to 105 seconds. */
const BUCKETS = 21 * STEPS
const SLICES = 12
const SLICE_SECONDS = 5

/** Latencies of the last minute, in slices of five seconds: a fixed amount of memory, and no allocation per request. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(SLICES * BUCKETS)
  #slice = 0

  /** @param second since any origin, never less than before */
  add(milliseconds: number, second: number): void {
    this.#advance(second)
    const at = Math.floor(Math.log2(milliseconds / UNIT_MS + 1) * STEPS)
    const bucket = at < BUCKETS ? at : BUCKETS - 1
    const index = (this.#slice % SLICES) * BUCKETS + bucket
    this.#counts[index] = (this.#counts[index] as number) + 1
  }

  /**
   * The latency that so great a part stayed below, in milliseconds to within 5 %; null when there is none.
   *
   * @param part between 0 and 1
   */
  quantile(part: number, second: number): number | null {
    this.#advance(second)
    const sums = new Array<number>(BUCKETS).fill(0)
    for (let i = 0; i < this.#counts.length; i++) {
      const bucket = i % BUCKETS
      sums[bucket] = (sums[bucket] as number) + (this.#counts[i] as number)
    }
    const total = sums.reduce((sum, count) => sum + count, 0)
    if (total === 0) return null
    let below = 0
    const bucket = sums.findIndex((count) => {
      below += count
      return below >= part * total
    })
    return Math.round((2 ** ((bucket + 0.5) / STEPS) - 1) * UNIT_MS * 100) / 100
  }

  /** Empties the slices that time has passed over. */
  #advance(second: number): void {
    const slice = Math.floor(second / SLICE_SECONDS)
    if (slice <= this.#slice) return
    for (let passed = Math.max(this.#slice, slice - SLICES) + 1; passed <= slice; passed++) {
      const begin = (passed % SLICES) * BUCKETS
      this.#counts.fill(0, begin, begin + BUCKETS)
    }
    this.#slice = slice
  }
}
