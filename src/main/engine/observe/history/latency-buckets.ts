/** Steps per doubling: neighbours lie 9 % apart. */
const STEPS = 8
/** The finest difference that is told, in milliseconds. */
const UNIT_MS = 0.05
/** 21 doublings: up to 105 seconds. */
const BUCKETS = 21 * STEPS

/** Counts of latencies in steps that grow with them: a fixed amount of memory. */
export class LatencyBuckets {
  readonly #counts = new Uint32Array(BUCKETS)
  #total = 0

  add(milliseconds: number): void {
    const at = Math.floor(Math.log2(milliseconds / UNIT_MS + 1) * STEPS)
    const bucket = at < BUCKETS ? at : BUCKETS - 1
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    this.#total += 1
  }

  /**
   * The latency that so great a part stayed below, in milliseconds to within 5 %; NaN when there is none.
   *
   * @param part between 0 and 1
   */
  quantile(part: number): number {
    if (this.#total === 0) return Number.NaN
    let below = 0
    let bucket = 0
    for (; bucket < BUCKETS - 1; bucket++) {
      below += this.#counts[bucket] as number
      if (below >= part * this.#total) break
    }
    return (2 ** ((bucket + 0.5) / STEPS) - 1) * UNIT_MS
  }

  /** Counts what another has counted as well. */
  addAll(other: LatencyBuckets): void {
    if (other.#total === 0) return
    for (let bucket = 0; bucket < BUCKETS; bucket++)
      this.#counts[bucket] = (this.#counts[bucket] as number) + (other.#counts[bucket] as number)
    this.#total += other.#total
  }

  clear(): void {
    if (this.#total === 0) return
    this.#counts.fill(0)
    this.#total = 0
  }
}
