import { cookieValue } from '../../cookie.js'
import type { RawHeaders } from '../../headers.js'

/** All cookies of sign-ins begin so; browsers keep them to one host and to HTTPS (RFC 6265bis section 4.1.3.2). */
export const OWN_PREFIX = '__Host-portico-'
/** Browsers give one cookie 4 KiB, name and attributes included. */
const PART_LENGTH = 3_600
const MOST_PARTS = 3
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax'

/**
 * The Set-Cookie values that keep a text at the client, in several cookies where one is too small.
 *
 * @param request fields of the request: what it has of a longer text is taken back
 * @returns null when the text is too long
 */
export function keepText(name: string, text: string, maxAgeSeconds: number, request: RawHeaders): string[] | null {
  const parts = Math.ceil(text.length / PART_LENGTH)
  if (parts > MOST_PARTS) return null
  const cookies: string[] = []
  for (let i = 0; i < MOST_PARTS; i++) {
    const part = text.slice(i * PART_LENGTH, (i + 1) * PART_LENGTH)
    if (i < parts) cookies.push(setCookie(partName(name, i), i === 0 ? `${parts}.${part}` : part, maxAgeSeconds))
    else if (cookieValue(request, partName(name, i)) !== null) cookies.push(dropCookie(partName(name, i)))
  }
  return cookies
}

/** What `keepText` has kept; null when there is nothing, or not all of it. */
export function keptText(name: string, request: RawHeaders): string | null {
  const first = cookieValue(request, name)
  const match = first === null ? null : /^([1-3])\.(.*)$/.exec(first)
  if (match === null) return null
  let text = match[2] as string
  for (let i = 1; i < Number(match[1]); i++) {
    const part = cookieValue(request, partName(name, i))
    if (part === null) return null
    text += part
  }
  return text
}

/** The Set-Cookie values that take the text back. */
export function dropText(name: string, request: RawHeaders): string[] {
  return Array.from({ length: MOST_PARTS }, (_, i) => partName(name, i))
    .filter((part) => cookieValue(request, part) !== null)
    .map(dropCookie)
}

export function setCookie(name: string, value: string, maxAgeSeconds: number): string {
  return `${name}=${value}; Max-Age=${maxAgeSeconds}; ${ATTRIBUTES}`
}

export function dropCookie(name: string): string {
  return setCookie(name, '', 0)
}

/** Names of the request's cookies that begin so. */
export function cookieNames(request: RawHeaders, prefix: string): string[] {
  return pairs(request).flatMap((pair) => {
    const name = pair.slice(0, Math.max(0, pair.indexOf('=')))
    return name.startsWith(prefix) ? [name] : []
  })
}

/** The fields without any cookie of a sign-in: they are secrets between the client and the gateway. */
export function withoutOwnCookies(headers: RawHeaders): RawHeaders {
  const out: RawHeaders = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    if (name.toLowerCase() !== 'cookie' || !value.includes(OWN_PREFIX)) {
      out.push(name, value)
      continue
    }
    const kept = value.split(';').filter((pair) => !pair.trim().startsWith(OWN_PREFIX))
    if (kept.length > 0) out.push(name, kept.map((pair) => pair.trim()).join('; '))
  }
  return out
}

function partName(name: string, part: number): string {
  return part === 0 ? name : `${name}.${part}`
}

function pairs(request: RawHeaders): string[] {
  const out: string[] = []
  for (let i = 0; i < request.length; i += 2) {
    if ((request[i] as string).toLowerCase() === 'cookie')
      out.push(...(request[i + 1] as string).split(';').map((pair) => pair.trim()))
  }
  return out
}
