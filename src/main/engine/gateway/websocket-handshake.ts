import { createHash, randomBytes } from 'node:crypto'
import type { OutgoingHttpHeaders } from 'node:http'
import type { HeaderEdits } from '../../../shared/config.js'
import { GatewayFault } from './gateway-fault.js'
import { editHeaders, headerValue, headerValues, type RawHeaders } from './headers.js'

/** The rules of the opening handshake, RFC 6455 section 4 and RFC 8441 section 5, as pure functions. */

export interface Handshake {
  /** Sec-WebSocket-Key for the backend: the client's own over HTTP/1.1, a fresh one over HTTP/2, which has none */
  key: string
  /** the key is the gateway's, so it is the gateway that checks the backend's answer to it */
  ownKey: boolean
}

/**
 * Checks a client's handshake.
 *
 * @param version HTTP version it came with
 * @throws GatewayFault 426 for another WebSocket version, 400 for what is no handshake
 */
export function readHandshake(headers: RawHeaders, version: string): Handshake {
  if (version === '1.0') throw invalid('A WebSocket handshake needs HTTP/1.1.')
  const length = headerValue(headers, 'content-length')
  if (headerValue(headers, 'transfer-encoding') !== undefined || (length !== undefined && length !== '0')) {
    throw invalid('A WebSocket handshake has no body.')
  }
  const versions = headerValues(headers, 'sec-websocket-version')
  if (versions.length !== 1 || versions[0]?.trim() !== '13') throw wrongVersion(version)
  if (version === '2.0') return { key: randomBytes(16).toString('base64'), ownKey: true }
  const [key, ...more] = headerValues(headers, 'sec-websocket-key')
  if (key === undefined || more.length > 0 || !KEY.test(key)) {
    throw invalid('Sec-WebSocket-Key is missing or is not 16 bytes in base64.')
  }
  return { key, ownKey: false }
}

/**
 * The request fields for a backend, as http.request takes them.
 *
 * @param forwarded what forwardedRequestHeaders made of the client's fields
 * @param host for Host, unless the route sets one itself
 */
export function handshakeFields(forwarded: RawHeaders, host: string, { key }: Handshake): OutgoingHttpHeaders {
  const fields: RawHeaders = []
  if (headerValue(forwarded, 'host') === undefined) fields.push('Host', host)
  fields.push('Connection', 'Upgrade', 'Upgrade', 'websocket')
  for (let i = 0; i < forwarded.length; i += 2) {
    const lower = (forwarded[i] as string).toLowerCase()
    if (lower === 'content-length' || lower === 'sec-websocket-key' || lower === 'te') continue
    fields.push(forwarded[i] as string, forwarded[i + 1] as string)
  }
  fields.push('Sec-WebSocket-Key', key)
  return grouped(fields)
}

/**
 * Says what is wrong with a backend's 101, or null when nothing is. Sec-WebSocket-Accept is the client's to check when
 * the key was the client's.
 */
export function switchFlaw(raw: readonly string[], handshake: Handshake): string | null {
  const upgrade = headerValues(raw, 'upgrade').join(', ')
  if (upgrade.trim().toLowerCase() !== 'websocket') return `it switched to ${JSON.stringify(upgrade)}, not to WebSocket`
  if (!handshake.ownKey) return null
  const accept = headerValues(raw, 'sec-websocket-accept')
  return accept.length === 1 && accept[0] === acceptOf(handshake.key) ? null : 'its Sec-WebSocket-Accept is wrong'
}

/**
 * Says why an answer that is no switch cannot be passed on, or null when it can. Over HTTP/2 any 2xx would tell the
 * client that its WebSocket is open (RFC 9113 section 8.5).
 *
 * @param acceptedStatus what tells this client that its handshake was accepted
 */
export function refusalFlaw(status: number, acceptedStatus: 101 | 200): string | null {
  if (status === 101) return 'its 101 lacks Upgrade or Connection'
  return acceptedStatus === 200 && status >= 200 && status < 300 ? `it sent ${status} instead of switching` : null
}

/**
 * The route's edits on an accepted handshake; what was negotiated stays, and a 101 has no body to announce.
 *
 * @param edit what policies change after that, in place
 */
export function acceptedFields(
  headers: RawHeaders,
  edits: HeaderEdits | null,
  edit: ((headers: RawHeaders) => void) | null,
): RawHeaders {
  const negotiated: RawHeaders = []
  const others: RawHeaders = []
  for (let i = 0; i < headers.length; i += 2) {
    const lower = (headers[i] as string).toLowerCase()
    if (lower === 'content-length') continue
    ;(isNegotiation(lower) ? negotiated : others).push(headers[i] as string, headers[i + 1] as string)
  }
  const edited = edits === null ? others : editHeaders(others, edits)
  edit?.(edited)
  for (let i = 0; i < edited.length; i += 2) {
    if (!isNegotiation((edited[i] as string).toLowerCase()))
      negotiated.push(edited[i] as string, edited[i + 1] as string)
  }
  return negotiated
}

/** RFC 6455 section 4.2.2: proves that the backend has read the handshake. */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

const KEY = /^[+/0-9A-Za-z]{22}==$/

function isNegotiation(lower: string): boolean {
  return lower.startsWith('sec-websocket-')
}

/** Node's client takes repeated fields as one array; an object without prototype takes any name. */
function grouped(fields: RawHeaders): OutgoingHttpHeaders {
  const byName = new Map<string, { name: string; values: string[] }>()
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    const known = byName.get(name.toLowerCase())
    if (known === undefined) byName.set(name.toLowerCase(), { name, values: [fields[i + 1] as string] })
    else known.values.push(fields[i + 1] as string)
  }
  const out: OutgoingHttpHeaders = Object.create(null)
  for (const { name, values } of byName.values()) out[name] = values.length === 1 ? values[0] : values
  return out
}

function invalid(message: string): GatewayFault {
  return new GatewayFault('bad-request', 400, message, 'Connect with a WebSocket client (RFC 6455).')
}

/** RFC 6455 section 4.2.2 and RFC 9110 section 15.5.22; HTTP/2 knows no Upgrade (RFC 9113 section 8.2.2). */
function wrongVersion(version: string): GatewayFault {
  const offer = version === '2.0' ? [] : ['Upgrade', 'websocket', 'Connection', 'close, Upgrade']
  return new GatewayFault(
    'bad-request',
    426,
    'Only version 13 of WebSocket is spoken here.',
    'Send Sec-WebSocket-Version: 13.',
    ['Sec-WebSocket-Version', '13', ...offer],
  )
}
