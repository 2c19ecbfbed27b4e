import { headerValue, headerValues, type RawHeaders } from '../../headers.js'
import { ageSeconds, type Directives, parseDirectives, seconds } from './directives.js'
import { httpDate } from './http-date.js'

/** The head of an answer as it was received; times in milliseconds since the epoch. */
export interface AnswerHead {
  status: number
  reason: string
  headers: RawHeaders
  /** when the request for it was sent */
  requestedAt: number
  /** when it came */
  receivedAt: number
}

/** What the config adds to what answers say themselves; milliseconds. */
export interface FreshnessDefaults {
  /** null: the heuristic of RFC 9111 section 4.2.2 */
  ttl: number | null
  staleWhileRevalidate: number
  staleIfError: number
}

/** How long an answer may be used, worked out once. Milliseconds. */
export interface Freshness {
  directives: Directives
  lifetime: number
  /** its age when it came */
  initialAge: number
  receivedAt: number
  /** never used without asking the backend */
  noCache: boolean
  /** not used stale */
  mustRevalidate: boolean
  staleWhileRevalidate: number
  staleIfError: number
  etag: string | null
  lastModified: string | null
}

/** RFC 9110 section 15.1: may be stored without being told for how long. */
export const HEURISTIC_STATUSES: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])
/** of the time since it was last changed (RFC 9111 section 4.2.2) */
const HEURISTIC_SHARE = 0.1
const HEURISTIC_MAX_MS = 24 * 3_600_000

/** Works out how long an answer may be used. */
export function freshnessOf(head: AnswerHead, defaults: FreshnessDefaults): Freshness {
  const { headers, receivedAt } = head
  const directives = parseDirectives(headerValues(headers, 'cache-control'))
  const date = httpDate(headerValue(headers, 'date'), receivedAt) ?? receivedAt
  // RFC 9111 section 4.2.3
  const apparentAge = Math.max(0, receivedAt - date)
  const correctedAge = ageSeconds(headerValues(headers, 'age')) * 1000 + (receivedAt - head.requestedAt)
  return {
    directives,
    lifetime: lifetimeOf(head, directives, date, defaults),
    initialAge: Math.max(apparentAge, correctedAge),
    receivedAt,
    noCache: directives.has('no-cache'),
    // s-maxage says it too (RFC 9111 section 5.2.2.10).
    mustRevalidate: ['must-revalidate', 'proxy-revalidate', 's-maxage'].some((name) => directives.has(name)),
    staleWhileRevalidate: windowOf(directives, 'stale-while-revalidate', defaults.staleWhileRevalidate),
    staleIfError: windowOf(directives, 'stale-if-error', defaults.staleIfError),
    etag: headerValue(headers, 'etag') ?? null,
    lastModified: headerValue(headers, 'last-modified') ?? null,
  }
}

/** Age at a time (RFC 9111 section 4.2.3). @param now milliseconds since the epoch */
export function ageAt({ initialAge, receivedAt }: Freshness, now: number): number {
  return initialAge + Math.max(0, now - receivedAt)
}

/** Whether an answer says itself how long it is fresh. */
export function isExplicit(headers: RawHeaders, directives: Directives): boolean {
  return directives.has('s-maxage') || directives.has('max-age') || headerValue(headers, 'expires') !== undefined
}

function lifetimeOf(
  { status, headers, receivedAt }: AnswerHead,
  directives: Directives,
  date: number,
  { ttl }: FreshnessDefaults,
): number {
  const given = seconds(directives, 's-maxage') ?? seconds(directives, 'max-age')
  if (given !== null) return given * 1000
  const expires = headerValues(headers, 'expires')
  // What is no date is in the past, and of several the earliest counts (RFC 9111 sections 4.2.1 and 5.3).
  if (expires.length > 0) {
    const ends = expires.map((value) => httpDate(value, receivedAt) ?? Number.NEGATIVE_INFINITY)
    return Math.max(0, Math.min(...ends) - date)
  }
  if (!HEURISTIC_STATUSES.has(status) && !directives.has('public')) return 0
  if (ttl !== null) return ttl
  const changed = httpDate(headerValue(headers, 'last-modified'), receivedAt)
  return changed === null ? 0 : Math.min(HEURISTIC_MAX_MS, Math.max(0, date - changed) * HEURISTIC_SHARE)
}

function windowOf(directives: Directives, name: string, fallback: number): number {
  const given = seconds(directives, name)
  return given === null ? fallback : given * 1000
}
