import { headerValue, headerValues, type RawHeaders } from './headers.js'

/** Edits of fields in place, for policies. Names are compared without their case (RFC 9110 section 5.1). */

/** Replaces every field of that name by one. @param lowerCase write the name as HTTP/2 wants it */
export function setField(headers: RawHeaders, name: string, value: string, lowerCase: boolean): void {
  removeField(headers, name)
  headers.push(lowerCase ? lowerCased(name) : name, value)
}

/** Adds the field unless there is one already. */
export function setDefault(headers: RawHeaders, name: string, value: string, lowerCase: boolean): void {
  const lower = lowerCased(name)
  for (let i = 0; i < headers.length; i += 2) if (isNamed(headers[i] as string, lower)) return
  headers.push(lowerCase ? lower : name, value)
}

export function removeField(headers: RawHeaders, name: string): void {
  const lower = lowerCased(name)
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    if (isNamed(headers[i] as string, lower)) headers.splice(i, 2)
  }
}

/** Names that policies edit come from the code or the config: they are lowered once. */
const lowered = new Map<string, string>()
const MOST_LOWERED = 1_000

export function lowerCased(name: string): string {
  let lower = lowered.get(name)
  if (lower === undefined) {
    lower = name.toLowerCase()
    if (lowered.size < MOST_LOWERED) lowered.set(name, lower)
  }
  return lower
}

/** Most names differ in length already: few strings are made for the comparison. */
function isNamed(name: string, lower: string): boolean {
  return name.length === lower.length && name.toLowerCase() === lower
}

/** Adds names to Vary that are not in it yet (RFC 9110 section 12.5.5). */
export function addVary(headers: RawHeaders, names: readonly string[], lowerCase: boolean): void {
  const present: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    if (isNamed(headers[i] as string, 'vary')) present.push(headers[i + 1] as string)
  }
  if (present.length === 0) {
    headers.push(lowerCase ? 'vary' : 'Vary', names.join(', '))
    return
  }
  const listed = new Set(present.flatMap((value) => value.split(',').map((name) => name.trim().toLowerCase())))
  if (listed.has('*')) return
  const added = names.filter((name) => !listed.has(name.toLowerCase()))
  if (added.length === 0) return
  setField(headers, 'Vary', [...present, ...added].join(', '), lowerCase)
}

/**
 * For a 304 about a body that is changed on its way: the tag is told as the client has it (RFC 9110 section 15.4.5), which
 * got it with the body, weakened.
 */
export function weakenConfirmedTag(headers: RawHeaders, request: RawHeaders): void {
  const tag = headerValue(headers, 'etag')
  if (tag?.startsWith('"') && headerValues(request, 'if-none-match').some((tags) => tags.includes(`W/${tag}`)))
    weakenTag(headers)
}

/** For a body that was changed on its way: no longer the same byte for byte (RFC 9110 section 8.8.1). */
export function weakenTag(headers: RawHeaders): void {
  for (let i = 0; i < headers.length; i += 2) {
    const value = headers[i + 1] as string
    if (isNamed(headers[i] as string, 'etag') && value.startsWith('"')) headers[i + 1] = `W/${value}`
  }
}
