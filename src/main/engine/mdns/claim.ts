/**
 * A name on its way to being ours on the network (RFC 6762 section 8): nobody may have it when it is asked for three
 * times, then it is announced twice. Times are milliseconds of one clock.
 */
export type Claim =
  | { phase: 'probing'; sent: number; due: number }
  | { phase: 'announcing'; sent: number; due: number }
  | { phase: 'held' }
  /** somebody else has it; `due`: when it is tried again */
  | { phase: 'lost'; to: string; due: number }

export type Sending = 'probe' | 'announcement'

const PROBES = 3
const PROBE_GAP_MS = 250
const ANNOUNCEMENTS = 2
const ANNOUNCEMENT_GAP_MS = 1_000
/** RFC 6762 section 8.2: whoever has the lower addresses lets the other go first. */
const YIELD_MS = 1_000
const RETRY_MS = 120_000

/** @param jitter 0 to 1: machines that are switched on together shall not speak together */
export function newClaim(now: number, jitter: number): Claim {
  return { phase: 'probing', sent: 0, due: now + jitter * PROBE_GAP_MS }
}

/** When something is to be done; null for a name that is held. */
export function dueOf(claim: Claim): number | null {
  return claim.phase === 'held' ? null : claim.due
}

/** What is due now, and the claim afterwards; the same claim when nothing is. */
export function nextOf(claim: Claim, now: number): { claim: Claim; send: Sending | null } {
  if (claim.phase === 'held' || claim.due > now) return { claim, send: null }
  if (claim.phase === 'lost') return nextOf({ phase: 'probing', sent: 0, due: now }, now)
  if (claim.phase === 'probing' && claim.sent < PROBES) {
    return { claim: { phase: 'probing', sent: claim.sent + 1, due: now + PROBE_GAP_MS }, send: 'probe' }
  }
  const announced = claim.phase === 'probing' ? 1 : claim.sent + 1
  const after: Claim =
    announced >= ANNOUNCEMENTS
      ? { phase: 'held' }
      : { phase: 'announcing', sent: announced, due: now + ANNOUNCEMENT_GAP_MS }
  return { claim: after, send: 'announcement' }
}

/** Queries are answered for what is ours, and that begins with the first announcement. */
export function isOurs(claim: Claim): boolean {
  return claim.phase === 'announcing' || claim.phase === 'held'
}

/**
 * Somebody says that the name has other addresses. What was ours is asked for anew, once (section 9); what is being asked
 * for is theirs.
 */
export function afterConflict(claim: Claim, now: number, to: string): Claim {
  if (isOurs(claim)) return { phase: 'probing', sent: 0, due: now }
  return { phase: 'lost', to, due: now + RETRY_MS }
}

/** Who has it gives it up. */
export function afterGoodbye(claim: Claim, now: number): Claim {
  return claim.phase === 'lost' ? { phase: 'probing', sent: 0, due: now + YIELD_MS } : claim
}

/** Somebody else asks for the same name at the same time, and goes first. */
export function afterYielding(claim: Claim, now: number): Claim {
  return claim.phase === 'probing' ? { phase: 'probing', sent: 0, due: now + YIELD_MS } : claim
}
