import { parseHttpDate } from './http-date.js'

/** What identifies the selected representation (RFC 9110 section 8.8). */
export interface Validators {
  /** quoted, strong */
  etag: string
  /** milliseconds since the epoch, whole seconds */
  lastModified: number
}

export type ConditionVerdict = 'proceed' | 'not-modified' | 'precondition-failed'

/**
 * Evaluates the preconditions of a GET or HEAD in the order of RFC 9110 section 13.2.2 (Range is not judged here).
 * @param header first value of a request field by lower-case name
 * @param now milliseconds since the epoch
 */
export function evaluateConditions(
  header: (name: string) => string | undefined,
  validators: Validators,
  now: number,
): ConditionVerdict {
  const ifMatch = header('if-match')
  if (ifMatch !== undefined) {
    if (!listMatches(ifMatch, validators.etag, 'strong')) return 'precondition-failed'
  } else {
    const since = dateOf(header('if-unmodified-since'), now)
    if (since !== null && validators.lastModified > since) return 'precondition-failed'
  }
  const ifNoneMatch = header('if-none-match')
  if (ifNoneMatch !== undefined) {
    return listMatches(ifNoneMatch, validators.etag, 'weak') ? 'not-modified' : 'proceed'
  }
  const since = dateOf(header('if-modified-since'), now)
  return since !== null && validators.lastModified <= since ? 'not-modified' : 'proceed'
}

/**
 * Whether a Range may be honoured under this If-Range (RFC 9110 section 13.1.5): the tag must match strongly, a date
 * exactly, and a date younger than a second proves nothing (section 8.8.2.2).
 * @param ifRange the field value, or undefined when absent
 * @param now milliseconds since the epoch
 */
export function rangeStillApplies(ifRange: string | undefined, validators: Validators, now: number): boolean {
  if (ifRange === undefined) return true
  const value = ifRange.trim()
  if (/^(W\/)?"/.test(value)) return value === validators.etag
  return parseHttpDate(value, now) === validators.lastModified && now - validators.lastModified >= 1000
}

const LISTED_TAG = /[ \t,]*(W\/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|$)/y

/** A malformed list matches nothing: the client then gets the whole representation, or 412, never a wrong 304. */
function listMatches(list: string, etag: string, comparison: 'weak' | 'strong'): boolean {
  if (list.trim() === '*') return true
  LISTED_TAG.lastIndex = 0
  for (let tag = LISTED_TAG.exec(list); tag !== null; tag = LISTED_TAG.exec(list)) {
    const weak = tag[1] !== undefined
    if (tag[2] === etag && (comparison === 'weak' || !weak)) return true
  }
  return false
}

function dateOf(value: string | undefined, now: number): number | null {
  return value === undefined ? null : parseHttpDate(value.trim(), now)
}
