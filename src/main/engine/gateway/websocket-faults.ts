import { GatewayFault, UpstreamFailed } from './gateway-fault.js'
import type { TunnelBreak } from './websocket-tunnel.js'

/** The backend's answer would mean something else to the client than it did to the gateway. */
export function unfitAnswer(flaw: string, backendUrl: string): UpstreamFailed {
  return new UpstreamFailed(
    'upstream-failed',
    502,
    `${backendUrl} answered the WebSocket handshake in a way that cannot be passed on: ${flaw}.`,
    'Check that this port speaks WebSocket (RFC 6455).',
  )
}

/** A path or field that has no place in an HTTP/1.1 request. */
export function unspeakableHandshake(error: unknown): GatewayFault {
  const reason = error instanceof Error ? error.message : String(error)
  return new GatewayFault(
    'bad-request',
    400,
    `The handshake cannot be forwarded: ${reason}.`,
    'Send a well-formed HTTP request.',
    [],
    { cause: error },
  )
}

/** What the access log says of a tunnel that did not end in order. */
export function breakMessage(reason: TunnelBreak, backendUrl: string): string {
  switch (reason) {
    case 'client':
      return 'client went away'
    case 'backend':
      return `${backendUrl} broke the WebSocket off`
    case 'half-open':
      return 'the WebSocket was half-open for too long'
    case 'stopped':
      return 'the gateway ended the WebSocket'
  }
}
