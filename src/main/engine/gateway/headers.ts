import type { HeaderEdits } from '../../../shared/config.js'
import { isLoopbackHost } from '../../../shared/hostname.js'

/**
 * Header rules shared by all forwarders. Fields travel as flat arrays, name and value in turn, so that repeated fields
 * stay apart and in order.
 */
export type RawHeaders = string[]

/** Meant for one connection only (RFC 9110 section 7.6.1), so never forwarded; `Trailer` because framing is made anew. */
export const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** Fields that the gateway writes itself, after the loop over the client's. */
const OWN = new Set([
  'host',
  'content-length',
  'expect',
  'cookie',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-real-ip',
  'forwarded',
  'via',
])

/** What `Connection` may not take away, however it is spelt: removing these would change framing, routing or identity. */
const PROTECTED_FROM_CONNECTION = new Set([
  ...OWN,
  'content-type',
  'authorization',
  'origin',
  'range',
  'upgrade-insecure-requests',
])

export interface Hop {
  /** address of the peer that sent us the request */
  client: string
  /** the peer may speak for others: its X-Forwarded-* are kept */
  trusted: boolean
  scheme: 'https' | 'http'
  /** host and port as the client wrote them */
  authority: string
  /** port the request arrived on */
  port: number
  /** HTTP version of the incoming request, as Via writes it */
  version: '1.0' | '1.1' | '2'
  /** this gateway's name in Via; also how it recognises its own requests */
  pseudonym: string
}

/**
 * The fields that go to the backend. Host is not among them (it depends on the backend), neither are framing fields
 * other than Content-Length, which is kept as the client sent it.
 *
 * @param raw the request's fields as received; HTTP/2 pseudo-headers are skipped
 */
export function forwardedRequestHeaders(raw: readonly string[], hop: Hop, edits: HeaderEdits | null): RawHeaders {
  const out: RawHeaders = []
  const seen: Seen = {
    cookie: null,
    xff: null,
    proto: null,
    host: null,
    port: null,
    realIp: null,
    forwarded: null,
    via: null,
    contentLength: null,
    trailersWanted: false,
  }
  const listed = connectionTokens(raw)
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    const value = raw[i + 1] as string
    const lower = name.toLowerCase()
    if (lower.charCodeAt(0) === 58 /* : */) continue
    if (HOP_BY_HOP.has(lower)) {
      if (lower === 'te' && /(^|,)\s*trailers\s*(;|,|$)/i.test(value)) seen.trailersWanted = true
      continue
    }
    if (OWN.has(lower)) {
      collect(seen, lower, value)
      continue
    }
    if (listed?.has(lower) && !PROTECTED_FROM_CONNECTION.has(lower)) continue
    if (lower.includes('_') && isAlias(lower)) continue
    out.push(name, value)
  }
  appendOwn(out, seen, hop)
  return edits === null ? out : editHeaders(out, edits)
}

/** True when the request has been through this gateway before: forwarding it again would never end. */
export function isLoop(raw: readonly string[], pseudonym: string): boolean {
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    if (name.length === 3 && name.toLowerCase() === 'via' && (raw[i + 1] as string).includes(pseudonym)) return true
  }
  return false
}

/** Sets and removes fields as the route says; a set field replaces every field of that name. */
export function editHeaders(headers: RawHeaders, edits: HeaderEdits): RawHeaders {
  const gone = new Set([...(edits.remove ?? []), ...Object.keys(edits.set ?? {})].map((name) => name.toLowerCase()))
  const out: RawHeaders = []
  for (let i = 0; i < headers.length; i += 2) {
    if (!gone.has((headers[i] as string).toLowerCase())) out.push(headers[i] as string, headers[i + 1] as string)
  }
  for (const [name, value] of Object.entries(edits.set ?? {})) out.push(name, value)
  return out
}

/** First value of a field, by lower-case name. */
export function headerValue(raw: readonly string[], wanted: string): string | undefined {
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    if (name.length === wanted.length && name.toLowerCase() === wanted) return raw[i + 1]
  }
  return undefined
}

/** Every value of a field, by lower-case name, in order. */
export function headerValues(raw: readonly string[], wanted: string): string[] {
  const values: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    if (name.length === wanted.length && name.toLowerCase() === wanted) values.push(raw[i + 1] as string)
  }
  return values
}

/**
 * The Host for a backend: the client's own when it is to be preserved (default for backends on this machine, whose
 * dev servers build links from it), else the backend's.
 */
export function upstreamHost(
  preserve: boolean | null,
  backendHost: string,
  backendAuthority: string,
  clientAuthority: string,
): string {
  return (preserve ?? isLoopbackHost(backendHost)) ? clientAuthority : backendAuthority
}

interface Seen {
  cookie: string | null
  xff: string | null
  proto: string | null
  host: string | null
  port: string | null
  realIp: string | null
  forwarded: string | null
  via: string | null
  contentLength: string | null
  trailersWanted: boolean
}

function collect(seen: Seen, lower: string, value: string): void {
  switch (lower) {
    case 'cookie': // HTTP/2 may split it into crumbs; they are joined again (RFC 9113 section 8.2.3)
      seen.cookie = seen.cookie === null ? value : `${seen.cookie}; ${value}`
      break
    case 'content-length':
      seen.contentLength = value
      break
    case 'x-forwarded-for':
      seen.xff = joined(seen.xff, value)
      break
    case 'forwarded':
      seen.forwarded = joined(seen.forwarded, value)
      break
    case 'via':
      seen.via = joined(seen.via, value)
      break
    case 'x-forwarded-proto':
      seen.proto ??= value
      break
    case 'x-forwarded-host':
      seen.host ??= value
      break
    case 'x-forwarded-port':
      seen.port ??= value
      break
    case 'x-real-ip':
      seen.realIp ??= value
      break
  }
}

function appendOwn(out: RawHeaders, seen: Seen, hop: Hop): void {
  if (seen.cookie !== null) out.push('Cookie', seen.cookie)
  if (seen.contentLength !== null) out.push('Content-Length', seen.contentLength)
  if (seen.trailersWanted) out.push('TE', 'trailers')
  const kept = hop.trusted ? seen : UNSEEN
  out.push(
    'X-Forwarded-For',
    kept.xff === null ? hop.client : `${kept.xff}, ${hop.client}`,
    'X-Forwarded-Proto',
    kept.proto ?? hop.scheme,
    'X-Forwarded-Host',
    kept.host ?? hop.authority,
    'X-Forwarded-Port',
    kept.port ?? String(hop.port),
    'X-Real-IP',
    kept.realIp ?? hop.client,
    'Forwarded',
    joined(kept.forwarded, forwardedElement(hop)),
    'Via',
    joined(seen.via, `${hop.version} ${hop.pseudonym}`),
  )
}

const UNSEEN = { xff: null, proto: null, host: null, port: null, realIp: null, forwarded: null }

/** One element of RFC 7239 section 4; IPv6 addresses and hosts with a port must be quoted. */
function forwardedElement(hop: Hop): string {
  const node = hop.client.includes(':') ? `"[${hop.client}]"` : hop.client
  const host = /^[\w.-]+$/.test(hop.authority) ? hop.authority : `"${hop.authority}"`
  return `for=${node};host=${host};proto=${hop.scheme}`
}

function joined(before: string | null, value: string): string {
  return before === null ? value : `${before}, ${value}`
}

/** The names that `Connection` lists, or null when there is none worth a look. */
export function connectionTokens(raw: readonly string[]): ReadonlySet<string> | null {
  let tokens: Set<string> | null = null
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue
    const value = raw[i + 1] as string
    if (value === 'keep-alive' || value === 'close') continue
    tokens ??= new Set()
    for (const token of value.split(',')) tokens.add(token.trim().toLowerCase())
  }
  return tokens
}

/** `X_Forwarded_For` becomes HTTP_X_FORWARDED_FOR in CGI-style backends, the same as ours. */
function isAlias(lower: string): boolean {
  const dashed = lower.replaceAll('_', '-')
  return OWN.has(dashed) || HOP_BY_HOP.has(dashed)
}
