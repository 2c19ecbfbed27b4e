import type { Validity } from '../renewal.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const FIRST_PAUSE_MS = MINUTE
const LONGEST_PAUSE_MS = 12 * HOUR
const LIMITED_PAUSE_MS = HOUR
const CHECK_MS = 12 * HOUR
const SHORTEST_CHECK_MS = MINUTE

/** When the directory suggests to renew (RFC 9773 section 4.1), milliseconds since the epoch. */
export interface SuggestedWindow {
  start: number
  end: number
}

/**
 * When a certificate is to be renewed: at two thirds of its life, up to a hundredth of it earlier so that names which
 * were issued together do not come back together.
 *
 * @param random 0 to 1
 */
export function renewalTime({ notBefore, notAfter }: Validity, random: number): number {
  const life = notAfter - notBefore
  return notBefore + (life * 2) / 3 - (life / 100) * random
}

/**
 * The time within a suggested window (RFC 9773 section 4.2), and never so late that a failure would be an outage.
 * @param random 0 to 1
 */
export function suggestedTime(
  { start, end }: SuggestedWindow,
  { notBefore, notAfter }: Validity,
  random: number,
): number {
  return Math.min(start + (end - start) * random, notAfter - (notAfter - notBefore) / 10)
}

/**
 * How long to wait after failures in a row, in milliseconds: a minute, doubling up to twelve hours, each up to a tenth
 * longer; what the directory asks for if that is more.
 *
 * @param failures 1 after the first
 * @param random 0 to 1
 */
export function pauseAfter(
  failures: number,
  { limited, retryAfterMs }: { limited: boolean; retryAfterMs: number | null },
  random: number,
): number {
  const doubled = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20), LONGEST_PAUSE_MS)
  const asked = retryAfterMs ?? (limited ? LIMITED_PAUSE_MS : 0)
  return Math.max(doubled * (1 + random / 10), asked)
}

/**
 * How long until the directory is asked again when to renew: half a day, a tenth more or less, or sooner when it says so.
 * @param random 0 to 1
 */
export function pauseBetweenChecks(retryAfterMs: number | null, random: number): number {
  const pause = CHECK_MS * (0.9 + random / 5)
  return retryAfterMs === null ? pause : Math.min(pause, Math.max(retryAfterMs, SHORTEST_CHECK_MS))
}

/** The value of a Retry-After field (RFC 9110 section 10.2.3) in milliseconds from `now`; null when it says nothing. */
export function retryAfterIn(value: string | undefined, now: number): number | null {
  if (value === undefined) return null
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}
