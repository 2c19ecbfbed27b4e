import { headerValue, headerValues, type RawHeaders } from '../../headers.js'
import { type Directives, parseDirectives, seconds } from './directives.js'
import {
  type AnswerHead,
  ageAt,
  type Freshness,
  type FreshnessDefaults,
  freshnessOf,
  HEURISTIC_STATUSES,
  isExplicit,
} from './freshness.js'

/**
 * What a stored answer is good for: fresh and stale serve it as it is, renew serves it while it is renewed, revalidate
 * asks the backend first.
 */
export type Verdict = 'fresh' | 'stale' | 'renew' | 'revalidate'

/** The directives of a request (RFC 9111 section 5.2.1). Pragma counts where there is no Cache-Control (section 5.4). */
export function requestDirectives(headers: RawHeaders): Directives {
  const values = headerValues(headers, 'cache-control')
  if (values.length > 0) return parseDirectives(values)
  return /(^|[\s,])no-cache([\s,]|$)/i.test(headerValue(headers, 'pragma') ?? '') ? NO_CACHE : NOTHING
}

/** Whether a stored answer may serve a request (RFC 9111 section 4). @param now milliseconds since the epoch */
export function judge(stored: Freshness, request: Directives, now: number): Verdict {
  if (stored.noCache || request.has('no-cache')) return 'revalidate'
  const age = ageAt(stored, now)
  const left = stored.lifetime - age
  const maxAge = seconds(request, 'max-age')
  if (maxAge !== null && age > maxAge * 1000) return 'revalidate'
  const minFresh = seconds(request, 'min-fresh')
  if (minFresh !== null && left < minFresh * 1000) return 'revalidate'
  if (left > 0) return 'fresh'
  if (stored.mustRevalidate) return 'revalidate'
  if (request.has('max-stale')) {
    const bound = request.get('max-stale')
    if (bound === null || -left <= (seconds(request, 'max-stale') ?? 0) * 1000) return 'stale'
  }
  return -left < stored.staleWhileRevalidate && maxAge === null && minFresh === null ? 'renew' : 'revalidate'
}

/** Whether a stored answer may stand in for an error (RFC 5861 section 4). */
export function servesOnError(stored: Freshness, request: Directives, now: number): boolean {
  if (stored.noCache || stored.mustRevalidate || request.has('no-cache')) return false
  return ageAt(stored, now) - stored.lifetime < stored.staleIfError
}

/** Statuses for which RFC 5861 section 4 permits it. */
export function isServerError(status: number): boolean {
  return status === 500 || status === 502 || status === 503 || status === 504
}

export interface Asked {
  directives: Directives
  /** the request says who asks */
  authorized: boolean
}

/**
 * Whether the answer to a GET may be stored by a cache that is shared (RFC 9111 section 3), and is worth it. Beyond the
 * RFC, one that sets cookies is only when it calls itself public.
 *
 * @returns how long it may be used; null when it is not to be stored
 */
export function storable(head: AnswerHead, asked: Asked, defaults: FreshnessDefaults): Freshness | null {
  const { status, headers } = head
  if (status < 200 || status === 206 || status === 304 || asked.directives.has('no-store')) return null
  const freshness = freshnessOf(head, defaults)
  const { directives } = freshness
  if (directives.has('must-understand') ? !UNDERSTOOD.has(status) : directives.has('no-store')) return null
  if (directives.has('private')) return null
  const isPublic = directives.has('public')
  if (asked.authorized && !isForEverybody(directives)) return null
  if (!isPublic && headerValue(headers, 'set-cookie') !== undefined) return null
  if (headerValues(headers, 'vary').some((value) => value.split(',').some((name) => name.trim() === '*'))) return null
  if (!isPublic && !isExplicit(headers, directives) && !HEURISTIC_STATUSES.has(status)) return null
  if (isEventStream(headers)) return null
  return isUseful(freshness) ? freshness : null
}

/** Whether the answer to somebody who is known may be had by others (RFC 9111 section 3.5). */
export function isForEverybody(directives: Directives): boolean {
  return directives.has('public') || directives.has('s-maxage') || directives.has('must-revalidate')
}

/** A stream of events ends when its client goes, so that there is never a whole one. */
function isEventStream(headers: RawHeaders): boolean {
  return headerValue(headers, 'content-type')?.toLowerCase().startsWith('text/event-stream') === true
}

/** It may be used for a while, or confirmed later. */
function isUseful(freshness: Freshness): boolean {
  const { lifetime, initialAge, etag, lastModified, noCache, mustRevalidate } = freshness
  if (etag !== null || lastModified !== null) return true
  if (noCache) return false
  const stale = mustRevalidate ? 0 : Math.max(freshness.staleWhileRevalidate, freshness.staleIfError)
  return lifetime + stale > initialAge
}

const NOTHING: Directives = new Map()
const NO_CACHE: Directives = new Map([['no-cache', null]])

/** Those whose requirements on caches are met here (RFC 9111 section 5.2.2.3). */
const UNDERSTOOD: ReadonlySet<number> = new Set([...HEURISTIC_STATUSES, 302, 303, 307, 400, 401, 403, 500, 502, 503])
