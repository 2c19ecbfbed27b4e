import type { RawHeaders } from './headers.js'

/**
 * The value of one cookie of a request, wherever among its Cookie fields it is: HTTP/2 may send each cookie in a field of
 * its own (RFC 9113 section 8.2.3).
 *
 * @returns null when there is none; of several the first
 */
export function cookieValue(raw: readonly string[], name: string): string | null {
  const start = `${name}=`
  for (let i = 0; i < raw.length; i += 2) {
    const field = raw[i] as string
    if (field.length !== 6 || field.toLowerCase() !== 'cookie') continue
    for (const pair of (raw[i + 1] as string).split(';')) {
      const trimmed = pair.trim()
      if (trimmed.startsWith(start)) return trimmed.slice(start.length)
    }
  }
  return null
}

/** Takes one cookie out of the Cookie field, and the field when nothing is left of it. Changes `headers` in place. */
export function removeCookie(headers: RawHeaders, name: string): void {
  const start = `${name}=`
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    const field = headers[i] as string
    if (field.length !== 6 || field.toLowerCase() !== 'cookie') continue
    const value = headers[i + 1] as string
    const pairs = value.split(';').map((pair) => pair.trim())
    const kept = pairs.filter((pair) => !pair.startsWith(start))
    if (kept.length === pairs.length) continue
    if (kept.length === 0) headers.splice(i, 2)
    else headers[i + 1] = kept.join('; ')
  }
}
