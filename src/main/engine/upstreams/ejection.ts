import { FailureRate } from './failure-rate.js'
import type { PassiveSettings } from './target.js'

const MAX_FACTOR = 8

/**
 * What failed requests say of a backend: whether it is left out for a while, and how long. Times are of one monotonic
 * clock, in milliseconds.
 */
export class Ejection {
  /** when it may be tried again, by one request; null while it is not left out */
  until: number | null = null
  /** one that could not be reached is back with any good answer, one that failed too often only by its trial */
  cause: 'dial' | 'rate' = 'dial'
  #settings: PassiveSettings
  #rate: FailureRate | null
  #dialFailures = 0
  #factor = 1

  constructor(settings: PassiveSettings) {
    this.#settings = settings
    this.#rate = rateOf(settings)
  }

  /** The config has changed; what is known stays. */
  configure(settings: PassiveSettings): void {
    const { errorRate, windowMs } = this.#settings
    if (settings.errorRate !== errorRate || settings.windowMs !== windowMs) this.#rate = rateOf(settings)
    this.#settings = settings
  }

  /** Whether a good answer changes nothing here. */
  get clean(): boolean {
    return this.until === null && this.#dialFailures === 0 && this.#rate === null
  }

  /** @param trial it was the one request that was let through after the cooldown */
  dialFailed(trial: boolean, now: number): void {
    this.#dialFailures += 1
    if (this.until !== null) {
      if (trial) this.#prolong(now)
    } else if (this.#dialFailures >= this.#settings.failures) this.#eject('dial', now)
  }

  /**
   * There was a connection, so that failures to connect are not in a row any more.
   *
   * @param failed the answer was of status 500 and up, or not whole
   */
  answered(failed: boolean, trial: boolean, now: number): void {
    this.#dialFailures = 0
    this.#rate?.add(failed, now)
    if (this.until === null) {
      if (this.#rate !== null && this.#rate.share(now) >= this.#settings.errorRate) this.#eject('rate', now)
    } else if (this.cause === 'dial') {
      if (trial || !failed) this.#restore()
    } else if (trial) {
      if (failed) this.#prolong(now)
      else this.#restore()
    }
  }

  /** A health check has reached it. */
  reached(): void {
    this.#dialFailures = 0
    if (this.until !== null && this.cause === 'dial') this.#restore()
  }

  #eject(cause: 'dial' | 'rate', now: number): void {
    this.cause = cause
    this.until = now + this.#settings.cooldownMs
  }

  #prolong(now: number): void {
    this.#factor = Math.min(this.#factor * 2, MAX_FACTOR)
    this.until = now + this.#settings.cooldownMs * this.#factor
  }

  #restore(): void {
    this.until = null
    this.#factor = 1
    this.#dialFailures = 0
    this.#rate?.clear()
  }
}

function rateOf({ errorRate, windowMs }: PassiveSettings): FailureRate | null {
  return errorRate <= 1 ? new FailureRate(windowMs) : null
}
