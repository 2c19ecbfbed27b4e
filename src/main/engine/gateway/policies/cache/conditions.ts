import { removeField } from '../../field-edits.js'
import { headerValue, headerValues, type RawHeaders } from '../../headers.js'
import type { AnswerHead, Freshness } from './freshness.js'
import { httpDate } from './http-date.js'

/** Whether a client has the stored answer already, by its own conditions (RFC 9111 section 4.3.2). */
export function clientHas(request: RawHeaders, { status, headers, receivedAt }: AnswerHead): boolean {
  if (status !== 200) return false
  const tags = headerValues(request, 'if-none-match')
  if (tags.length > 0) return matchesTag(tags, headerValue(headers, 'etag'))
  const since = httpDate(headerValue(request, 'if-modified-since'), receivedAt)
  const changed = httpDate(headerValue(headers, 'last-modified'), receivedAt)
  if (since === null) return false
  return (changed ?? httpDate(headerValue(headers, 'date'), receivedAt) ?? receivedAt) <= since
}

/** The answer may be a 304, which is for nobody else. */
export function isConditional(request: RawHeaders): boolean {
  return ['if-none-match', 'if-modified-since'].some((name) => headerValue(request, name) !== undefined)
}

/**
 * The fields by which a stored answer is confirmed, in place of the client's own (RFC 9111 section 4.3.1). Changes
 * `headers` in place.
 */
export function askAgain(headers: RawHeaders, { etag, lastModified }: Freshness): RawHeaders {
  for (const name of ['if-none-match', 'if-modified-since']) removeField(headers, name)
  if (etag !== null) headers.push('If-None-Match', etag)
  if (lastModified !== null) headers.push('If-Modified-Since', lastModified)
  return headers
}

/** Whether a 304 is about this stored answer (RFC 9111 section 4.3.4). */
export function confirms(headers: RawHeaders, { etag, lastModified }: Freshness): boolean {
  const newTag = headerValue(headers, 'etag')
  if (newTag !== undefined) return etag !== null && opaque(newTag) === opaque(etag)
  const changed = headerValue(headers, 'last-modified')
  return changed === undefined || lastModified === null || changed === lastModified
}

/** The stored fields with those of a 304 in their place (RFC 9111 section 3.2). */
export function mergedFields(stored: RawHeaders, update: RawHeaders): RawHeaders {
  const replaced = new Set<string>()
  for (let i = 0; i < update.length; i += 2) {
    const name = (update[i] as string).toLowerCase()
    if (!OF_THE_BODY.has(name)) replaced.add(name)
  }
  // An Age that the confirmation does not repeat was that of the former answer.
  replaced.add('age')
  const keep = (name: string) => !replaced.has(name.toLowerCase())
  const fresh = (name: string) => !OF_THE_BODY.has(name.toLowerCase())
  return [...filtered(stored, keep), ...filtered(update, fresh)]
}

/** The fields of an answer without those that tell of a body, for a 304 (RFC 9110 section 15.4.5). */
export function withoutBodyFields(headers: RawHeaders): RawHeaders {
  return filtered(headers, (name) => !DESCRIBES_BODY.has(name.toLowerCase()))
}

function matchesTag(values: readonly string[], etag: string | undefined): boolean {
  if (values.some((value) => value.trim() === '*')) return true
  if (etag === undefined) return false
  const wanted = opaque(etag)
  return values.some((value) => (value.match(ENTITY_TAG) ?? []).some((tag) => opaque(tag) === wanted))
}

const ENTITY_TAG = /(?:W\/)?"[^"]*"|[^\s,"]+/g

/** Weak comparison (RFC 9110 section 8.8.3.2). */
function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '')
}

function filtered(headers: RawHeaders, keep: (name: string) => boolean): RawHeaders {
  const out: RawHeaders = []
  for (let i = 0; i < headers.length; i += 2) {
    if (keep(headers[i] as string)) out.push(headers[i] as string, headers[i + 1] as string)
  }
  return out
}

/** The stored body stays as it is, and so does what tells of it; its tag too, by which it was confirmed. */
const OF_THE_BODY = new Set([
  'content-length',
  'content-encoding',
  'content-range',
  'content-md5',
  'transfer-encoding',
  'etag',
])
const DESCRIBES_BODY = new Set([
  'content-length',
  'content-encoding',
  'content-type',
  'content-range',
  'content-language',
])
