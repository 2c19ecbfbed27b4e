import type { BreakerSettings } from './target.js'

/** A circuit breaker as a value. Times are of one monotonic clock, in milliseconds. */
export type Breaker =
  /** @param failures in a row */
  | { phase: 'closed'; failures: number }
  | { phase: 'open'; until: number }
  /** one probe is under way */
  | { phase: 'half-open' }

/**
 * `success` and `failure`: an ordinary request has ended. `probe`: the one request is sent that decides;
 * `probe-succeeded`, `probe-failed`: it has; `probe-given-up`: it ended without telling anything.
 */
export type BreakerEvent = 'success' | 'failure' | 'probe' | 'probe-succeeded' | 'probe-failed' | 'probe-given-up'

export const CLOSED: Breaker = { phase: 'closed', failures: 0 }
const HALF_OPEN: Breaker = { phase: 'half-open' }

/** The next state; the same object when nothing changes. Ordinary requests that began before it opened tell nothing. */
export function nextBreaker(state: Breaker, event: BreakerEvent, settings: BreakerSettings, now: number): Breaker {
  switch (state.phase) {
    case 'closed':
      if (event === 'success') return state.failures === 0 ? state : CLOSED
      if (event !== 'failure') return state
      return state.failures + 1 >= settings.failures
        ? { phase: 'open', until: now + settings.cooldownMs }
        : { phase: 'closed', failures: state.failures + 1 }
    case 'open':
      return event === 'probe' && now >= state.until ? HALF_OPEN : state
    case 'half-open':
      if (event === 'probe-succeeded') return CLOSED
      if (event === 'probe-failed') return { phase: 'open', until: now + settings.cooldownMs }
      return event === 'probe-given-up' ? { phase: 'open', until: now } : state
  }
}
