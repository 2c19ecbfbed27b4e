import { cookieValue } from '../../cookie.js'
import { headerValues, type RawHeaders } from '../../headers.js'

export type BearerToken = { token: string } | 'none' | 'malformed'

/** RFC 6750 section 2.1 (b64token); the parts of a JWT are a narrower alphabet. */
const BEARER = /^bearer +([\w.~+/-]+=*) *$/i

/**
 * The token of a request: from its Authorization field, else from a cookie. Two Authorization fields are malformed, for the
 * backend may believe the other one.
 *
 * @param cookie its name; null: no cookie holds one
 */
export function bearerToken(headers: RawHeaders, cookie: string | null): BearerToken {
  const [field, ...more] = headerValues(headers, 'authorization')
  if (more.length > 0) return 'malformed'
  if (field !== undefined && /^bearer(?: |$)/i.test(field)) {
    const token = BEARER.exec(field)?.[1]
    return token === undefined ? 'malformed' : { token }
  }
  const kept = cookie === null ? null : cookieValue(headers, cookie)
  return kept === null || kept === '' ? 'none' : { token: kept }
}
