import type { BodyState } from './request-body.js'
import { parseHttpDate } from './static/http-date.js'
import type { RetryPolicy } from './upstream-target.js'

/**
 * How an attempt ended:
 * - dial: there was no connection, so nothing was sent;
 * - stale: a connection that had been kept was closed as the request went out, before any byte of an answer;
 * - unprocessed: the backend has said that it did nothing of the request (HTTP/2);
 * - broken: the request was sent, and no whole head of an answer came back;
 * - refused: the backend answered 502, 503 or 504, or not in time.
 */
export type FailureKind = 'dial' | 'stale' | 'unprocessed' | 'broken' | 'refused'

export interface RetryFacts {
  failure: FailureKind
  method: string
  body: BodyState
  /** the head of an answer has gone to the client */
  begun: boolean
  /** made so far, without a free one */
  attempts: number
  /** the one retry for a stale connection, or a request that was not taken, has been made */
  freeUsed: boolean
  policy: RetryPolicy
}

/**
 * Whether a request may be sent again. What a backend may have worked on is repeated only when that does no harm (RFC
 * 9110 section 9.2.2) and the body is still there. A kept connection that the backend had given up is nobody's failure:
 * it costs neither one of the attempts nor a `retry` in the config, but it happens once. An answer of a backend, or its
 * silence, is second-guessed only where the config names `retry`: an answer that takes long may be hard work, of which
 * copies only make more.
 */
export function mayRetry({
  failure,
  method,
  body,
  begun,
  attempts,
  freeUsed,
  policy,
}: RetryFacts): 'no' | 'free' | 'counted' {
  if (begun || body === 'lost') return 'no'
  if (failure !== 'dial' && failure !== 'unprocessed' && !isIdempotent(method)) return 'no'
  if ((failure === 'stale' || failure === 'unprocessed') && !freeUsed) return 'free'
  if (failure === 'refused' && !policy.statuses) return 'no'
  return attempts < policy.attempts ? 'counted' : 'no'
}

export interface PauseFacts {
  failure: FailureKind
  /** made so far */
  attempts: number
  backoffMs: number
  /** what the answer's Retry-After says, in milliseconds from now; null without */
  retryAfterMs: number | null
  /** there is a backend that was not tried yet */
  elsewhere: boolean
}

/** Longest pause of the gateway's own choice. */
const MOST_BACKOFF_MS = 2_000
/** Longest that a client is kept waiting because a backend asked for it. */
const MOST_RETRY_AFTER_MS = 5_000

/**
 * How long to wait before the next attempt. Another backend is asked at once when this one cannot even be connected to;
 * else the pause doubles with each attempt, and all of it is chance, so that clients that failed together do not come
 * back together. A Retry-After is waited for; one that is too long for that only rules this backend out.
 *
 * @param random from 0 to 1
 * @returns milliseconds; null when that would be too long
 */
export function pauseBefore(
  { failure, attempts, backoffMs, retryAfterMs, elsewhere }: PauseFacts,
  random: number,
): number | null {
  if (failure === 'dial' && elsewhere) return 0
  const backoff = Math.round(random * Math.min(MOST_BACKOFF_MS, backoffMs * 2 ** (attempts - 1)))
  if (retryAfterMs === null) return backoff
  if (retryAfterMs <= MOST_RETRY_AFTER_MS) return Math.max(retryAfterMs, backoff)
  return elsewhere ? backoff : null
}

/** RFC 9110 section 9.2.2, of those methods that are forwarded. */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method)
}

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** The answers that say that the backend did not do what it was asked for (RFC 9110 sections 15.6.3 to 15.6.5). */
export function isRefusal(status: number): boolean {
  return status >= 502 && status <= 504
}

/**
 * Reads a Retry-After (RFC 9110 section 10.2.3).
 *
 * @param now milliseconds since the epoch
 * @returns milliseconds from now; null for one that is missing or malformed
 */
export function readRetryAfter(value: string | undefined, now: number): number | null {
  if (value === undefined) return null
  const text = value.trim()
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1_000
  const date = parseHttpDate(text, now)
  return date === null ? null : Math.max(0, date - now)
}
