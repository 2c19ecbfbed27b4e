import { connectionTokens, HOP_BY_HOP, type RawHeaders } from './headers.js'

/**
 * The backend's fields without those of its own connection. `keep` decides on the rest; Content-Length passes.
 * Names may be lower-cased, as HTTP/2 wants them (RFC 9113 section 8.2).
 */
export function forwardedResponseHeaders(raw: readonly string[], lowerCase: boolean, keepServer: boolean): RawHeaders {
  const out: RawHeaders = []
  const listed = connectionTokens(raw)
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    const lower = name.toLowerCase()
    if (HOP_BY_HOP.has(lower)) continue
    if (!keepServer && (lower === 'server' || lower === 'x-powered-by')) continue
    if (listed?.has(lower) && lower !== 'content-length' && lower !== 'set-cookie' && lower !== 'content-type') continue
    out.push(lowerCase ? lower : name, raw[i + 1] as string)
  }
  return out
}

/**
 * The backend's trailers without those that may not come so late: whoever merges them into the header would be misled
 * about framing, routing, content or identity (RFC 9110 section 6.5.1).
 */
export function forwardedTrailers(raw: readonly string[]): RawHeaders {
  const out: RawHeaders = []
  for (let i = 0; i < raw.length; i += 2) {
    const lower = (raw[i] as string).toLowerCase()
    if (!HOP_BY_HOP.has(lower) && !NEVER_TRAILERS.has(lower)) out.push(raw[i] as string, raw[i + 1] as string)
  }
  return out
}

const NEVER_TRAILERS = new Set([
  'age',
  'authorization',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-location',
  'content-range',
  'content-type',
  'date',
  'expires',
  'host',
  'location',
  'retry-after',
  'server',
  'set-cookie',
  'vary',
  'www-authenticate',
])
