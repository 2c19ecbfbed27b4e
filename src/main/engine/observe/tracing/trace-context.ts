/** W3C Trace Context, level 2: what arrives with a request, and what is sent on. Pure. */

export interface Traceparent {
  /** 32 hex digits */
  traceId: string
  /** 16 hex digits */
  parentId: string
  sampled: boolean
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const ZEROES = /^0+$/
const MAX_MEMBERS = 32
const MAX_STATE = 512
/** A key, `=`, and up to 256 printable characters without comma and equals sign, the last of them no space (section 3.3.1.3). */
const MEMBER = /^[a-z0-9][a-z0-9_*/@-]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

/**
 * Reads the field that says which trace a request belongs to.
 *
 * @param values of every `traceparent` field
 * @returns null for what is missing, doubled or not well-formed; it counts as if it were not there (section 4.3)
 */
export function readTraceparent(values: readonly string[]): Traceparent | null {
  const match = values.length === 1 ? TRACEPARENT.exec((values[0] as string).trim()) : null
  if (match === null) return null
  const [, version, traceId = '', parentId = '', flags = '', more] = match
  if (version === 'ff' || (version === '00' && more !== undefined)) return null
  if (ZEROES.test(traceId) || ZEROES.test(parentId)) return null
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/**
 * Reads what vendors have noted on a trace, which is passed on as it is.
 *
 * @param values of every `tracestate` field, in order
 * @returns null for what is missing or not well-formed: then none is sent on
 */
export function readTracestate(values: readonly string[]): string | null {
  const members = values
    .join(',')
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '')
  if (members.length === 0 || members.length > MAX_MEMBERS) return null
  if (!members.every((member) => MEMBER.test(member))) return null
  const keys = new Set(members.map((member) => member.slice(0, member.indexOf('='))))
  const state = members.join(',')
  return keys.size === members.length && state.length <= MAX_STATE ? state : null
}

/** The field that a backend gets. @param spanId 16 hex digits, of the attempt */
export function traceparent(traceId: string, spanId: string, sampled: boolean): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`
}
