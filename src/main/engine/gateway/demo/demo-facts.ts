import type { Exchange } from '../exchange.js'
import { forwardedRequestHeaders, headerValue, type RawHeaders } from '../headers.js'
import { hopOf } from '../upstream-request.js'

/** What the gateway knows of a request, and what it would add to it for an app. */
export interface DemoFacts {
  request: string
  protocol: string
  tls: { version: string; cipher: string; serverName: string | null } | null
  client: string
  host: string
  /** the fields that an app behind the gateway gets beside the client's own */
  added: [string, string][]
}

/** Only what the gateway writes itself: a page must not learn from here what its browser keeps from scripts. */
export function demoFacts(exchange: Exchange, pseudonym: string): DemoFacts {
  const { connection, protocol } = exchange
  const { tls } = connection
  const fields = forwardedRequestHeaders(exchange.headers, hopOf(exchange, pseudonym), null)
  return {
    request: exchange.id,
    protocol: PROTOCOL_NAMES[protocol],
    tls: tls === null ? null : { version: tls.protocol, cipher: tls.cipher, serverName: tls.serverName },
    client: connection.client,
    host: exchange.clientAuthority,
    added: ADDED.flatMap((name) => pairOf(fields, name)),
  }
}

const PROTOCOL_NAMES: Record<Exchange['protocol'], string> = {
  'http/1.0': 'HTTP/1.0',
  'http/1.1': 'HTTP/1.1',
  h2: 'HTTP/2',
  websocket: 'WebSocket over HTTP/1.1',
  'h2-websocket': 'WebSocket over HTTP/2',
}

const ADDED = [
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'X-Real-IP',
  'Forwarded',
  'Via',
]

function pairOf(fields: RawHeaders, name: string): [string, string][] {
  const value = headerValue(fields, name.toLowerCase())
  return value === undefined ? [] : [[name, value]]
}
