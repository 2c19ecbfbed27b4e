const BUCKETS = 10
/** Fewer answers than these say nothing of a rate. */
const LEAST = 10

/** The share of failures over a sliding window, counted in fixed buckets. Times are of one monotonic clock. */
export class FailureRate {
  readonly #bucketMs: number
  readonly #answers = new Uint32Array(BUCKETS)
  readonly #failures = new Uint32Array(BUCKETS)
  /** number of the newest bucket since the clock's beginning */
  #latest = 0

  /** @param windowMs milliseconds */
  constructor(windowMs: number) {
    this.#bucketMs = windowMs / BUCKETS
  }

  add(failed: boolean, now: number): void {
    this.#advance(now)
    const slot = this.#latest % BUCKETS
    this.#answers[slot]! += 1
    if (failed) this.#failures[slot]! += 1
  }

  /** From 0 to 1; 0 while there were fewer than ten answers in the window. */
  share(now: number): number {
    this.#advance(now)
    let answers = 0
    let failures = 0
    for (let slot = 0; slot < BUCKETS; slot++) {
      answers += this.#answers[slot]!
      failures += this.#failures[slot]!
    }
    return answers < LEAST ? 0 : failures / answers
  }

  clear(): void {
    this.#answers.fill(0)
    this.#failures.fill(0)
  }

  #advance(now: number): void {
    const bucket = Math.floor(now / this.#bucketMs)
    if (bucket - this.#latest >= BUCKETS) this.clear()
    else {
      for (let passed = this.#latest + 1; passed <= bucket; passed++) {
        this.#answers[passed % BUCKETS] = 0
        this.#failures[passed % BUCKETS] = 0
      }
    }
    this.#latest = Math.max(this.#latest, bucket)
  }
}
