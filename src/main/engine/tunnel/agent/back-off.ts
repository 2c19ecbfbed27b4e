/** A connection that has lasted for so long is a fresh start for the next one. */
const STEADY_MS = 10_000
/** For so long an outage is taken for a restart of the relay. */
const RESTART_MS = 60_000
const SHORT_MS = 1_000
const LONGEST_MS = 30_000
/** Half a second of jitter spreads agents that all lost the same relay. */
const JITTER = 0.5

/** When an agent tries to connect again. Times are milliseconds of one clock that only goes forward. */
export class BackOff {
  #failures = 0
  #outageSince: number | null = null

  /**
   * A connection has ended, or an attempt failed.
   *
   * @param lastedMs how long the agent was connected; null when it was not
   * @param random from 0 to 1
   * @returns how long to wait: nothing at first, at most a second during the first minute, at most 30 s later
   */
  next(now: number, lastedMs: number | null, random: number): number {
    if (lastedMs !== null && lastedMs >= STEADY_MS) {
      this.#failures = 0
      this.#outageSince = null
    }
    this.#outageSince ??= now
    this.#failures += 1
    if (this.#failures === 1) return 0
    const jitter = 1 - JITTER * random
    const outage = now - this.#outageSince
    if (outage < RESTART_MS) return SHORT_MS * jitter * Math.min(1, (this.#failures - 1) / 4)
    return Math.min(LONGEST_MS, outage / 10) * jitter
  }
}
