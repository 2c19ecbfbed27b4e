import { setField } from '../../field-edits.js'
import { headerValues, type RawHeaders } from '../../headers.js'

/** What the cache did, as Cache-Status tells it (RFC 9211). */
export interface CacheStatus {
  hit?: true
  /** why the request went to the backend */
  fwd?: 'uri-miss' | 'vary-miss' | 'stale' | 'request' | 'method' | 'partial' | 'bypass'
  fwdStatus?: number
  /** milliseconds left; negative for what is stale */
  ttl?: number
  stored?: boolean
  collapsed?: true
  detail?: string
}

/** Adds what this cache did behind what caches nearer to the backend have told. */
export function addCacheStatus(headers: RawHeaders, status: CacheStatus, lowerCase: boolean): void {
  const before = headerValues(headers, 'cache-status')
  setField(headers, 'Cache-Status', [...before, cacheStatus(status)].join(', '), lowerCase)
}

export function cacheStatus({ hit, fwd, fwdStatus, ttl, stored, collapsed, detail }: CacheStatus): string {
  return [
    'Portico',
    hit && 'hit',
    fwd && `fwd=${fwd}`,
    fwdStatus && `fwd-status=${fwdStatus}`,
    ttl !== undefined && `ttl=${Math.floor(ttl / 1000)}`,
    stored && 'stored',
    collapsed && 'collapsed',
    detail && `detail=${detail}`,
  ]
    .filter((part) => typeof part === 'string')
    .join('; ')
}
