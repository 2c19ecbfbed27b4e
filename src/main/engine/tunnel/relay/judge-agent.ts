import { TUNNEL_PROTOCOL } from '../tunnel-link.js'
import type { TokenRecord } from './relay-schemas.js'

/** The older form of the protocol, as it is named in Sec-WebSocket-Protocol. */
export const JSON_PROTOCOL = 'portico-tunnel.json'
export const PROTOCOLS = [TUNNEL_PROTOCOL, JSON_PROTOCOL] as const
export type Protocol = (typeof PROTOCOLS)[number]

/** Why an agent is not let in, as an HTTP answer. */
export interface Refusal {
  status: 400 | 401 | 403 | 503
  error: string
  message: string
}

export interface AgentRequest {
  /** header fields as they came */
  authorization: string | undefined
  agent: string | undefined
  protocols: string | undefined
  origin: string | undefined
  host: string | undefined
  /** there is no room for one more connection */
  full: boolean
  /** of a token by its id: it has as many connections as it may */
  crowded: (token: string) => boolean
}

export interface Admission {
  agent: string
  token: TokenRecord
  protocol: Protocol
}

/**
 * Whether an agent may connect.
 *
 * @param find the record of a token that is good; null for any other
 */
export function judgeAgent(request: AgentRequest, find: (token: string) => TokenRecord | null): Admission | Refusal {
  if (isOfAnotherPage(request)) {
    return { status: 403, error: 'forbidden', message: 'Pages of other sites do not connect here.' }
  }
  const token = find(bearerOf(request.authorization) ?? '')
  if (token === null) {
    return { status: 401, error: 'unauthorized', message: 'The token is missing, unknown, expired or revoked.' }
  }
  const agent = request.agent ?? token.agent
  if (agent === null || token.agent !== agent) {
    return { status: 403, error: 'forbidden', message: 'The token belongs to another agent.' }
  }
  const offered = (request.protocols ?? '').split(',').map((name) => name.trim())
  const protocol = PROTOCOLS.find((name) => offered.includes(name))
  if (protocol === undefined) {
    const message = `Sec-WebSocket-Protocol must offer one of: ${PROTOCOLS.join(', ')}.`
    return { status: 400, error: 'bad-request', message }
  }
  if (request.full) return { status: 503, error: 'overloaded', message: 'The relay has too many connections.' }
  if (request.crowded(token.id))
    return { status: 503, error: 'overloaded', message: 'The token has too many connections.' }
  return { agent, token, protocol }
}

/**
 * Whether a browser's page wants to connect that is none of this host's, such as a published app. It would have no token
 * either. Clients that are no browsers send no Origin, or that of the host itself (RFC 6455 section 10.2).
 */
function isOfAnotherPage({ origin, host = '' }: AgentRequest): boolean {
  if (origin === undefined) return false
  const page = URL.parse(origin)
  return page === null || page.host !== URL.parse(`${page.protocol}//${host}`)?.host
}

/** The token of an Authorization field (RFC 6750 section 2.1); null when it has none. */
export function bearerOf(authorization: string | undefined): string | null {
  return /^Bearer +([\w.~+/-]{1,512}=*) *$/i.exec(authorization ?? '')?.[1] ?? null
}
