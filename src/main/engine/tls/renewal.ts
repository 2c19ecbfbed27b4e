/** When a certificate may be used: milliseconds since the epoch, both ends included (RFC 5280 section 4.1.2.5). */
export interface Validity {
  notBefore: number
  notAfter: number
}

/** `fresh`: serve it; `due`: serve it and get its successor; `unusable`: expired, or not valid yet. */
export type RenewalState = 'fresh' | 'due' | 'unusable'

const DAY = 86_400_000

/** Leaves live 90 days, authorities 10 years: of 365.25 days, so that the leap years are in. */
export const LEAF_LIFE_MS = 90 * DAY
export const AUTHORITY_LIFE_MS = 3652 * DAY

/** Clocks of virtual machines and containers lag behind their host after a sleep. */
const CLOCK_SKEW_MS = 3_600_000

/** Decides at `now` (milliseconds since the epoch); a certificate is due for renewal at two thirds of its life. */
export function renewalState({ notBefore, notAfter }: Validity, now: number): RenewalState {
  if (now < notBefore || now > notAfter) return 'unusable'
  return now >= notBefore + ((notAfter - notBefore) * 2) / 3 ? 'due' : 'fresh'
}

/**
 * The validity of a certificate made at `now` that lives `life` milliseconds, never beyond its issuer's `ceiling`.
 * It starts an hour early for clients whose clock lags, and counts its last second (RFC 5280: inclusive).
 */
export function validityFrom(now: number, life: number, ceiling = Number.POSITIVE_INFINITY): Validity {
  const notBefore = Math.floor((now - CLOCK_SKEW_MS) / 1000) * 1000
  return { notBefore, notAfter: Math.min(notBefore + life - 1000, ceiling) }
}
