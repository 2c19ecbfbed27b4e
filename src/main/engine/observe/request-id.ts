import { fieldValues, type RawHeaders } from './observed.js'

/** Whose X-Request-Id is taken over: that of trusted peers, anybody's, or nobody's. */
export type RequestIdRule = 'trusted' | 'any' | 'new'

/** What programs use as an id: nothing that could mean something in a log, a shell or a page. */
const WELL_FORMED = /^[A-Za-z0-9._~+/=:@-]{8,128}$/

/**
 * The id that a client has given its request; null when there is none that may be taken over.
 *
 * @param trusted whether the peer is a trusted proxy
 */
export function givenRequestId(headers: RawHeaders, rule: RequestIdRule, trusted: boolean): string | null {
  if (rule === 'new' || (rule === 'trusted' && !trusted)) return null
  const values = fieldValues(headers, 'x-request-id')
  const [value] = values
  return values.length === 1 && value !== undefined && WELL_FORMED.test(value) ? value : null
}
