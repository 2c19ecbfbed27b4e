import { parseAuthority } from '../../../shared/hostname.js'
import { GatewayFault } from './gateway-fault.js'
import type { CompiledApp, RouteTable } from './route-table.js'

export interface HostClaims {
  /** the ClientHello's server name, normalised; null without SNI or without TLS */
  sni: string | null
  /** every Host field value of the request, in order */
  hostFields: readonly string[]
  /** the `:authority` pseudo-header (RFC 9113 section 8.3.1) or the authority of an absolute-form target; null without */
  authority: string | null
}

export interface IdentifiedHost {
  host: string
  /** as the client wrote it, port and all: what X-Forwarded-Host and a preserved Host carry */
  authority: string
  app: CompiledApp | null
}

/**
 * Reduces SNI, `:authority` and Host to one host name.
 *
 * @throws GatewayFault 400 when Host is missing, repeated, invalid or contradicts the authority (RFC 9112 section 3.2),
 *   421 when the connection was opened for another app's name (RFC 9110 section 15.5.20).
 */
export function identifyHost(claims: HostClaims, table: RouteTable): IdentifiedHost {
  const written = writtenAuthority(claims)
  const parsed = parseAuthority(written)
  if (parsed === null) {
    throw new GatewayFault(
      'bad-request',
      400,
      'The Host header is not a valid host name.',
      'Send one Host header with a host name and, if needed, a port.',
    )
  }
  const app = table.find(parsed.host)
  if (claims.sni !== null && claims.sni !== parsed.host && table.find(claims.sni) !== app) {
    throw new GatewayFault(
      'misdirected',
      421,
      `This connection was opened for ${claims.sni}, but the request is for ${parsed.host}.`,
      'Open a new connection for that host name.',
    )
  }
  return { host: parsed.host, authority: written, app }
}

function writtenAuthority({ hostFields, authority }: HostClaims): string {
  const host = hostFields[0]
  if (hostFields.length > 1) {
    throw new GatewayFault('bad-request', 400, 'The request has more than one Host header.', 'Send exactly one.')
  }
  if (authority !== null) {
    if (host !== undefined && !sameAuthority(host, authority)) {
      throw new GatewayFault(
        'bad-request',
        400,
        'The Host header and the request target name different hosts.',
        'Send the same host in both.',
      )
    }
    return authority
  }
  if (host === undefined) {
    throw new GatewayFault(
      'bad-request',
      400,
      'The request has no Host header.',
      'Send one Host header with the name of the app.',
    )
  }
  return host
}

function sameAuthority(a: string, b: string): boolean {
  if (a === b) return true
  const left = parseAuthority(a)
  const right = parseAuthority(b)
  return left !== null && right !== null && left.host === right.host && left.port === right.port
}
