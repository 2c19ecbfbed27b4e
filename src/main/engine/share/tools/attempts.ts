import { GIVE_UP_AFTER } from '../../supervisor/restart-policy.js'
import type { Failure } from './tool.js'

/** What comes after a run; `retryMs` is null when nothing does. */
export interface Next {
  message: string
  hint?: string
  retryMs: number | null
}

/** How often, how soon and in which way a tool is started again: no storms of restarts, and no end for a machine that is offline. */
export class Attempts {
  /** in which way it is started now */
  way = 0
  readonly #ways: number
  readonly #timing: { backOffMs(failures: number): number; stableMs: number }
  /** in a row */
  #failures = 0
  #unexplained = 0

  constructor(ways: number, timing: { backOffMs(failures: number): number; stableMs: number }) {
    this.#ways = ways
    this.#timing = timing
  }

  /** @param openMs for how long visitors have found it */
  after({ message, hint, again, waitMs = 0, unexplained = false }: Failure, openMs: number): Next {
    const why = { message, ...(hint === undefined ? {} : { hint }) }
    if (again === 'no') return { ...why, retryMs: null }
    if (again === 'differently') {
      this.way = (this.way + 1) % this.#ways
      if (this.way > 0) return { ...why, retryMs: 0 }
    }
    const wasStable = openMs >= this.#timing.stableMs
    this.#failures = wasStable ? 1 : this.#failures + 1
    this.#unexplained = unexplained ? (wasStable ? 1 : this.#unexplained + 1) : 0
    if (this.#unexplained >= GIVE_UP_AFTER)
      return { ...why, message: `${message} It is not tried any more.`, retryMs: null }
    return { ...why, retryMs: Math.max(waitMs, this.#timing.backOffMs(this.#failures)) }
  }
}
