import type { RawHeaders } from '../headers.js'

/** What a field of a claim may hold, and how it is named at the backend. */
export interface TrustedField {
  name: string
  /** null: the field is taken away, and none put in its place */
  value: string | null
}

/**
 * Writes fields that the backend believes. What the client sent under these names goes, also with underscores in place of
 * hyphens: CGI-style backends cannot tell the two apart.
 */
export function withTrustedFields(headers: RawHeaders, trusted: readonly TrustedField[]): RawHeaders {
  const names = new Set(trusted.map(({ name }) => dashed(name)))
  const out: RawHeaders = []
  for (let i = 0; i < headers.length; i += 2) {
    if (!names.has(dashed(headers[i] as string))) out.push(headers[i] as string, headers[i + 1] as string)
  }
  for (const { name, value } of trusted) if (value !== null) out.push(name, value)
  return out
}

/** @param wanted names of fields with the names of the claims they carry */
export function claimFields(claims: Readonly<Record<string, unknown>>, wanted: Record<string, string>): TrustedField[] {
  return Object.entries(wanted).map(([name, claim]) => ({ name, value: claimText(claimValue(claims, claim)) }))
}

/** A claim by its name, which may hold dots; or by the path to it, as `realm_access.roles`. */
export function claimValue(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  let at: unknown = claims
  for (const part of name.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = (at as Record<string, unknown>)[part]
  }
  return at
}

function claimText(value: unknown): string | null {
  if (value === undefined || value === null) return null
  if (Array.isArray(value))
    return fieldText(value.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(','))
  return fieldText(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

/** Text as a field carries it: UTF-8 in its bytes (obs-text, RFC 9110 section 5.5), without what could end the field. */
export function fieldText(text: string): string {
  return Buffer.from(text.replace(/\p{Cc}/gu, ' ').trim()).toString('latin1')
}

function dashed(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}
