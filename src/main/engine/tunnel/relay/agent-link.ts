import type { Duplex } from 'node:stream'
import type { TunnelTarget } from '../frames.js'
import type { TokenRecord } from './relay-schemas.js'

/** One connection through the tunnel, seen from the relay. */
export interface AgentStream extends Duplex {
  /** received from the agent */
  readonly bytesIn: number
  /** sent to the agent */
  readonly bytesOut: number
}

/** A connected agent, whichever form of the protocol it speaks. */
export interface AgentLink {
  /** streams open now */
  readonly streams: number
  /** round trip in milliseconds; null while unknown */
  readonly latencyMs: number | null
  /**
   * Asks the agent to connect to a target.
   *
   * @param client address of whom it is for
   * @param opened called when the agent has connected; a stream that fails before is destroyed with a TunnelError
   * @param proxy id of the proxy that it is for
   */
  open(target: TunnelTarget, client: string, opened: () => void, proxy: string): AgentStream
  control(message: object): void
  /** @param code one of LINK_CLOSE */
  close(code: number, reason: string): void
}

/** An agent's connection as the relay knows it. */
export interface AgentConnection {
  readonly agent: string
  readonly token: TokenRecord
  readonly protocol: string
  /** whether it connects TCP services; otherwise apps alone */
  readonly servesTcp: boolean
  /** of its other end */
  readonly address: string
  /** milliseconds since the epoch */
  readonly since: number
  readonly link: AgentLink
}
