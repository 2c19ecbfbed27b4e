/** Pure functions over host names; the same rules serve the matcher, the certificates, the CLI and the forms. */

export interface Authority {
  /** lower-case ASCII name without trailing dot, or an IP literal (IPv6 without brackets) */
  host: string
  /** as written, or null when absent */
  port: number | null
}

const PLAIN_NAME = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/
const IPV4 = /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/
const MAX_NAME = 253
const MAX_LABEL = 63

/**
 * Parses a Host header or `:authority` value (RFC 9110 section 7.2, RFC 3986 section 3.2.2, without userinfo).
 * Returns null for anything that is not a host with an optional port.
 */
export function parseAuthority(text: string): Authority | null {
  if (text.length === 0 || text.length > 300) return null
  if (text.charCodeAt(0) === 91 /* [ */) return parseBracketed(text)
  const colon = text.indexOf(':')
  const host = normaliseHostname(colon === -1 ? text : text.slice(0, colon))
  if (host === null) return null
  if (colon === -1) return { host, port: null }
  const port = parsePort(text.slice(colon + 1))
  return port === undefined ? null : { host, port }
}

/**
 * Lower-cases a host name, converts IDN labels to punycode (UTS 46, by the runtime's URL parser) and drops one
 * trailing dot. IP literals pass unchanged but for IPv6 compression. Returns null when it is not a host name.
 */
export function normaliseHostname(text: string): string | null {
  if (PLAIN_NAME.test(text)) return checkedName(text)
  if (text.length === 0 || text.length > 1000) return null
  const lower = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase()
  if (PLAIN_NAME.test(lower)) return checkedName(lower)
  if (lower.includes(':')) return normaliseIPv6(lower)
  return /[^\x00-\x7f]/.test(lower) ? viaUrl(lower) : null
}

/** True for an IPv4 or (bracketless) IPv6 literal. */
export function isIpLiteral(host: string): boolean {
  return IPV4.test(host) || host.includes(':')
}

/** True for names and addresses that by definition are this machine (RFC 6761 section 6.3, RFC 1122 section 3.2.1.3). */
export function isLoopbackHost(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '::1' ||
    (IPV4.test(host) && host.startsWith('127.'))
  )
}

/**
 * Normalises a host pattern of the config: a name, an IP literal, or `*.` before a name.
 * Returns null when it is neither.
 */
export function normaliseHostPattern(pattern: string): string | null {
  if (!pattern.startsWith('*.')) return normaliseHostname(pattern.replace(/^\[(.*)\]$/, '$1'))
  const parent = normaliseHostname(pattern.slice(2))
  return parent === null || isIpLiteral(parent) ? null : `*.${parent}`
}

/** True when `pattern` is the host itself, or a wildcard above it that stands for one or more labels. */
export function hostMatches(pattern: string, host: string): boolean {
  return pattern.startsWith('*.')
    ? host.length > pattern.length - 1 && host.endsWith(pattern.slice(1))
    : pattern === host
}

/** Writes a host for use in a URL or Host header: IPv6 gets its brackets, and the port is left out when null. */
export function formatAuthority(host: string, port: number | null = null): string {
  const name = host.includes(':') ? `[${host}]` : host
  return port === null ? name : `${name}:${port}`
}

function parseBracketed(text: string): Authority | null {
  const end = text.indexOf(']')
  const host = end === -1 ? null : normaliseIPv6(text.slice(1, end))
  if (host === null) return null
  if (end === text.length - 1) return { host, port: null }
  const port = text[end + 1] === ':' ? parsePort(text.slice(end + 2)) : undefined
  return port === undefined ? null : { host, port }
}

/** RFC 3986 allows an empty port (`host:`), which means none. */
function parsePort(text: string): number | null | undefined {
  if (text === '') return null
  if (!/^\d{1,5}$/.test(text)) return undefined
  const port = Number(text)
  return port <= 65535 ? port : undefined
}

function checkedName(name: string): string | null {
  if (name.length > MAX_NAME) return null
  if (/^[\d.]+$/.test(name)) return IPV4.test(name) ? name : null
  return name.length <= MAX_LABEL || name.split('.').every((label) => label.length <= MAX_LABEL) ? name : null
}

function normaliseIPv6(text: string): string | null {
  if (!/^[0-9a-f:.]+$/i.test(text)) return null
  const url = URL.parse(`http://[${text}]/`)
  return url === null ? null : url.hostname.slice(1, -1)
}

function viaUrl(name: string): string | null {
  if (/[\s/\\?#@%:[\]]/.test(name)) return null
  const host = URL.parse(`http://${name}/`)?.hostname
  return host !== undefined && PLAIN_NAME.test(host) ? checkedName(host) : null
}
