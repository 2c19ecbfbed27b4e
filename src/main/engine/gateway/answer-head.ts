import type { Exchange } from './exchange.js'
import { editHeaders, headerValues, type RawHeaders } from './headers.js'
import { forwardedResponseHeaders } from './response-headers.js'
import { rewriteResponseHeaders } from './rewrite-response.js'
import type { CompiledRoute } from './route-table.js'

export const NO_LENGTH = { remove: ['content-length'] }
const EMPTY = { set: { 'content-length': '0' } }

/**
 * The fields of a backend's answer as the client gets them.
 *
 * @param raw as the backend sent them
 */
export function answerHead(
  { reply, publicOrigin }: Exchange,
  route: CompiledRoute,
  backendUrl: string,
  status: number,
  raw: RawHeaders,
): RawHeaders {
  const headers = forwardedResponseHeaders(raw, reply.lowerCaseNames, route.keepServerHeaders)
  rewriteResponseHeaders(headers, {
    backendUrl,
    publicOrigin,
    stripPrefix: route.stripPrefix,
    addPrefix: route.addPrefix,
  })
  const edited = route.responseHeaders === null ? headers : editHeaders(headers, route.responseHeaders)
  // A 204 may not promise a body, and a 205 has none (RFC 9110 sections 8.6 and 15.3.6).
  if (status === 204) return editHeaders(edited, NO_LENGTH)
  return status === 205 ? editHeaders(edited, EMPTY) : edited
}

/** A coding other than chunked would be lost on the way, and the body with it (RFC 9112 section 6.1). */
export function isPlainlyFramed(raw: RawHeaders): boolean {
  const codings = headerValues(raw, 'transfer-encoding')
  return codings.length === 0 || (codings.length === 1 && /^[\t ]*chunked[\t ]*$/i.test(codings[0] as string))
}

/** What the head says of the body; a length of -1 is none. */
export function factsOf(headers: RawHeaders): { length: number; eventStream: boolean } {
  const facts = { length: -1, eventStream: false }
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (name.length === 14 && name.toLowerCase() === 'content-length') facts.length = Number(headers[i + 1])
    else if (name.length === 12 && name.toLowerCase() === 'content-type')
      facts.eventStream = (headers[i + 1] as string).startsWith('text/event-stream')
  }
  return facts
}

/** Header fields are bytes; latin1 keeps each as it is (RFC 9110 section 5.5). */
export function toRawHeaders(fields: (Buffer | string)[] | null): RawHeaders {
  if (fields === null) return []
  const out: RawHeaders = new Array(fields.length)
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as Buffer | string
    out[i] = typeof field === 'string' ? field : field.toString('latin1')
  }
  return out
}
