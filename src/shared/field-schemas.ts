import { z } from 'zod'
import { durationMs, durationSchema } from './duration.js'
import { isIpLiteral, normaliseHostname, normaliseHostPattern } from './hostname.js'

/** The single values of the config file: ports, names, hosts, paths, headers, addresses. Each message teaches. */

export const portSchema = z.int().min(1, 'must be a port from 1 to 65535').max(65535, 'must be a port from 1 to 65535')

const LISTEN_PORT = 'must be a port from 0 to 65535 (0 = any free one)'
export const listenPortSchema = z.int().min(0, LISTEN_PORT).max(65535, LISTEN_PORT)

export const nameSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be 1 to 63 lower-case letters, digits or inner hyphens')

export const hostSchema = z.string().refine((text) => normaliseHostPattern(text) !== null, {
  error: (issue) => describeBadHost(String(issue.input)),
})

export const hostNameSchema = z
  .string()
  .refine((text) => normaliseHostname(text) !== null, 'must be a host name such as "api.example.com"')

/** The panel's cookie and certificate are for a name, which an address is not. */
export const panelHostSchema = hostNameSchema.refine(
  (text) => !isIpLiteral(normaliseHostname(text) ?? ''),
  'must be a name such as "portico.localhost", not an address',
)

/** What arrives on the wire is ASCII without spaces (RFC 3986 section 2), so a path written otherwise never matches. */
const WIRE_PATH = /^[\x21-\x7e]*$/
const NOT_ON_THE_WIRE = 'must be written as it is sent: no spaces, and percent-encoded, as "/caf%C3%A9"'

export const pathSchema = z
  .string()
  .startsWith('/', 'must begin with "/"')
  .refine((path) => !path.slice(0, -1).includes('*'), 'may have a "*" only at the very end, as "/assets/*"')
  .refine((path) => !path.endsWith('*') || path.endsWith('/*'), 'must end in "/*" to match everything below')
  .refine((path) => !/[?#\s]/.test(path), 'must be a path without query, fragment or spaces')
  .refine((path) => /[?#\s]/.test(path) || WIRE_PATH.test(path), NOT_ON_THE_WIRE)

export const prefixSchema = z
  .string()
  .regex(/^\/[^?#\s*]*[^/?#\s*]$/, 'must begin with "/", not end with "/", and hold no "*", "?" or "#"')
  .refine((path) => /\s/.test(path) || WIRE_PATH.test(path), NOT_ON_THE_WIRE)

export const backendUrlSchema = z
  .string()
  .refine(isBackendUrl, { error: (issue) => describeBadUrl(String(issue.input)) })

export const redirectTargetSchema = z
  .string()
  .regex(/^(https?:\/\/|\/)\S*$/, 'must be an absolute URL or a path')
  .refine((target) => /\s/.test(target) || WIRE_PATH.test(target), NOT_ON_THE_WIRE)

/** Framing and the connection belong to the gateway (RFC 9110 section 7.6.1, RFC 9112 section 6); an edit would break them. */
const FRAMING = new Set(
  'connection content-length http2-settings keep-alive proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
)

export const headerNameSchema = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be a header name (RFC 9110 token)')
  .refine((name) => !FRAMING.has(name.toLowerCase()), 'frames the message, and only Portico itself may write it')

export const headerValueSchema = z
  .string()
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'must be a header value without line breaks')

export const regexSchema = z.string().refine(isRegex, 'must be a regular expression')

export const cidrSchema = z.string().refine(isAddressRange, 'must be an IP address or CIDR range such as "10.0.0.0/8"')

export const bindSchema = z
  .string()
  .refine(
    (text) => normaliseHostname(text.replace(/%[\w.-]+$/, '')) !== null,
    'must be an address of this machine, such as "127.0.0.1", "::1" or "0.0.0.0"',
  )

/** A time limit: zero would end everything at once, or never, depending on the reader. */
export const timeLimitSchema = durationSchema.refine((text) => !isDurationZero(text), 'must be longer than zero')

function describeBadHost(text: string): string {
  const example = 'must be a host name such as "shop.localhost" or "*.shop.localhost"'
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return `${example}, without "${text.slice(0, text.indexOf('//') + 2)}"`
  if (/:\d+$/.test(text)) return `${example}, without a port`
  if (text.includes('/')) return `${example}, without a path`
  if (text.includes('*')) return `${example}: a "*" stands only for the whole first part`
  return example
}

function isBackendUrl(text: string): boolean {
  const url = URL.parse(text)
  return (
    url !== null && isHttp(url) && url.pathname === '/' && url.search + url.hash + url.username + url.password === ''
  )
}

function describeBadUrl(text: string): string {
  const example = 'must be an origin such as "http://127.0.0.1:8000"'
  const url = URL.parse(text)
  if (url === null || !isHttp(url)) return example
  if (url.username !== '' || url.password !== '') return `${example}, without a user name or password`
  return `${example}, without a path: "${url.origin}" (a path goes into the route's "addPrefix")`
}

function isHttp(url: URL): boolean {
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== ''
}

function isAddressRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const host = normaliseHostname(address)
  if (host === null || !isIpLiteral(host) || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (host.includes(':') ? 128 : 32))
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}

function isDurationZero(text: string): boolean {
  return durationSchema.safeParse(text).success && durationMs(text) === 0
}
