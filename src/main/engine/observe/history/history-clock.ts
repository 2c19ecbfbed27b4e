import { STEP_SECONDS } from './hour-columns.js'

const STEP_MS = STEP_SECONDS * 1000
/** Clocks that are corrected gently differ by less for a while. */
const NOTICED_MS = 500

/**
 * The steps of a history. They never go back, whatever is done to the machine's clock; what the clock shows besides is
 * their name only.
 */
export class HistoryClock {
  readonly #now: () => number
  readonly #wall: () => number
  /** milliseconds since the epoch when the monotonic clock was 0 */
  #epoch: number
  /** milliseconds that the clock has been put back by */
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
    if (Math.abs(ahead) < NOTICED_MS) return
    this.#putBack -= ahead
    // Forth again over what it was put back by leads to where it was; what is beyond has passed.
    if (this.#putBack >= 0) return
    this.#epoch -= this.#putBack
    this.#putBack = 0
  }
}
