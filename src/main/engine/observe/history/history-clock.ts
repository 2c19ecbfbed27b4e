import { STEP_SECONDS } from './hour-columns.js'

const STEP_MS = STEP_SECONDS * 1000

/**
 * The steps of a history. They never go back, whatever is done to the machine's clock; what the clock shows besides is
 * their name only.
 */
export class HistoryClock {
  readonly #now: () => number
  readonly #wall: () => number
  /** milliseconds since the epoch when the monotonic clock was 0 */
  #epoch: number
  /** milliseconds that the clock has been put back by, in whole steps */
  #putBack = 0

  /** @param now monotonic, in milliseconds @param wall milliseconds since the epoch */
  constructor(now: () => number = () => performance.now(), wall: () => number = Date.now) {
    this.#now = now
    this.#wall = wall
    this.#epoch = wall() - now()
  }

  /** The number of the step that is under way. */
  step(): number {
    return Math.floor((this.#epoch + this.#now()) / STEP_MS)
  }

  /** When a step began, in seconds since the epoch. */
  timeOf(step: number): number {
    return (step * STEP_MS - this.#putBack) / 1000
  }

  /** Follows the machine's clock: over a sleep, in which the monotonic one may stand still, and where it is put back. */
  follow(): void {
    const ahead = this.#wall() - (this.#epoch + this.#now() - this.#putBack)
    const steps = Math.trunc(ahead / STEP_MS) * STEP_MS
    if (steps > 0) this.#epoch += steps
    else this.#putBack -= steps
  }
}
