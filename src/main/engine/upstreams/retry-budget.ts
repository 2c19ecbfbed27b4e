/** Retries that even an app with few requests may make. */
const FLOOR = 3
/** After this long without a request the floor is there again. */
const QUIET_MS = 10_000
/** What quiet times leave for a bad moment: enough for every request that a dying backend takes along. */
const MOST = 100

/**
 * Lets a share of the requests be retried, and no more: of n requests `max(3, share * n)`. The three are there again
 * when an app was quiet for ten seconds; savings end at 100.
 */
export class RetryBudget {
  share: number
  readonly #now: () => number
  #saved: number
  /** what the requests have brought towards the floor, which was given in advance */
  #repaid = 0
  /** when a request came, as far as it mattered */
  #latest = 0

  /** @param share of the requests, 0 to 1; 0 allows no retry at all */
  constructor(share: number, now: () => number) {
    this.share = share
    this.#now = now
    this.#saved = FLOOR
  }

  /** A request has come. */
  deposit(): void {
    if (this.#saved < FLOOR) this.#refill()
    if (this.#repaid < FLOOR) this.#repaid += this.share
    else this.#saved = Math.min(this.#saved + this.share, MOST)
  }

  /** A retry is about to be made. @returns false when there have been too many */
  withdraw(): boolean {
    if (this.share === 0 || this.#saved < 1) return false
    this.#saved -= 1
    this.#latest = this.#now()
    return true
  }

  #refill(): void {
    const now = this.#now()
    if (now - this.#latest > QUIET_MS) {
      this.#saved = FLOOR
      this.#repaid = 0
    }
    this.#latest = now
  }
}
