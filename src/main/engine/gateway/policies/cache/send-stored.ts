import { STATUS_CODES } from 'node:http'
import type { Exchange } from '../../exchange.js'
import { removeField } from '../../field-edits.js'
import type { RawHeaders } from '../../headers.js'
import type { Reply } from '../../reply.js'
import { addCacheStatus, type CacheStatus } from './cache-status.js'
import { clientHas, withoutBodyFields } from './conditions.js'
import { type AnswerHead, ageAt, type Freshness } from './freshness.js'

export interface Stored {
  head: AnswerHead
  freshness: Freshness
  body: Buffer
}

/** What was sent, for the log. */
export interface Sent {
  status: number
  headers: RawHeaders
  bytes: number
}

/**
 * Sends a stored answer, or a 304 to a client that has it already.
 *
 * @param status for Cache-Status; null to tell nothing
 */
export function sendStored(
  exchange: Exchange,
  reply: Reply,
  { head, freshness, body }: Stored,
  status: CacheStatus | null,
): Sent {
  const now = Date.now()
  const lower = reply.lowerCaseNames
  const unchanged = clientHas(exchange.headers, head)
  const code = unchanged ? 304 : head.status
  const bodiless = unchanged || code === 204 || code === 205
  const headers = storedFields(unchanged ? withoutBodyFields(head.headers) : head.headers, freshness, now, lower)
  if (!bodiless) {
    removeField(headers, 'content-length')
    headers.push(lower ? 'content-length' : 'Content-Length', String(body.length))
  }
  if (status !== null) {
    addCacheStatus(headers, { ...status, ttl: freshness.lifetime - ageAt(freshness, now) }, lower)
  }
  const silent = bodiless || exchange.method === 'HEAD' || body.length === 0
  exchange.firstByteMs ??= exchange.elapsed()
  exchange.lastActivity = performance.now()
  const reason = unchanged ? (STATUS_CODES[304] as string) : head.reason
  reply.head(code, reason, headers, { bodiless: bodiless || exchange.method === 'HEAD', trailers: false })
  if (silent) reply.end()
  else reply.end(body)
  return { status: code, headers, bytes: silent ? 0 : body.length }
}

/** The stored fields as they are sent now: a copy, with the age that the answer has. */
export function storedFields(stored: RawHeaders, freshness: Freshness, now: number, lowerCase: boolean): RawHeaders {
  const headers: RawHeaders = []
  for (let i = 0; i < stored.length; i += 2) {
    const name = stored[i] as string
    if (name.length === 3 && name.toLowerCase() === 'age') continue
    headers.push(lowerCase ? name.toLowerCase() : name, stored[i + 1] as string)
  }
  headers.push(lowerCase ? 'age' : 'Age', String(Math.floor(ageAt(freshness, now) / 1000)))
  return headers
}
