import { HOP_BY_HOP, headerValue, type RawHeaders } from '../headers.js'

/**
 * The fields of a request as HTTP/2 has them (RFC 9113 section 8.3.1): pseudo-header fields first, Host as `:authority`,
 * lower-case names, and nothing of a connection's own.
 *
 * @param headers as they would go to an HTTP/1.1 backend
 */
export function http2Fields(
  { method, path, secure }: { method: string; path: string; secure: boolean },
  headers: RawHeaders,
): RawHeaders {
  const fields = [':method', method, ':scheme', secure ? 'https' : 'http']
  const host = headerValue(headers, 'host')
  if (host !== undefined) fields.push(':authority', host)
  fields.push(':path', path)
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase()
    const value = headers[i + 1] as string
    if (name === 'host' || name.startsWith(':')) continue
    // RFC 9113 section 8.2.2: TE may say one thing only.
    if (HOP_BY_HOP.has(name) && !(name === 'te' && value === 'trailers')) continue
    fields.push(name, value)
  }
  return fields
}

/** Fields of an answer without its pseudo-header fields. */
export function withoutPseudo(raw: RawHeaders): RawHeaders {
  const out: RawHeaders = []
  for (let i = 0; i < raw.length; i += 2) {
    if (!(raw[i] as string).startsWith(':')) out.push(raw[i] as string, raw[i + 1] as string)
  }
  return out
}
