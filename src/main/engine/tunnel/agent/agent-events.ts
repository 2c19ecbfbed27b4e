import type { Fault } from '../../../../shared/fault.js'
import type { RelayMessage } from '../control-messages.js'
import type { TunnelTarget } from '../frames.js'
import type { TunnelStream } from '../tunnel-stream.js'
import type { PublicationState } from './publications.js'

export type TcpTarget = Extract<TunnelTarget, { kind: 'tcp' }>

/** A TCP port of the relay that leads to this agent. */
export type AgentProxy = Extract<RelayMessage, { type: 'proxies' }>['proxies'][number]

/** What an agent tells of itself. */
export type AgentEvent =
  /** @param agent as whom the relay knows it; @param again after an earlier connection */
  | { type: 'connected'; agent: string; again: boolean }
  /** Not connected, for whatever reason; it tries again in `retryMs`. */
  | { type: 'waiting'; reason: string; retryMs: number; wasConnected: boolean }
  | { type: 'proxies'; proxies: readonly AgentProxy[] }
  /** @param expires ISO 8601 */
  | { type: 'published'; name: string; url: string; expires: string | null }
  /** @param retrying it had been published before, and is asked for again */
  | { type: 'refused'; name: string; reason: string; retrying: boolean }
  | { type: 'unpublished'; name: string; reason: string }
  /** A connection of a user to a TCP target was made. @param address that was dialled */
  | { type: 'dialled'; target: TcpTarget; address: string; connectMs: number; stream: TunnelStream }
  /** A connection of a user that the agent did not make. */
  | { type: 'failed'; target: TunnelTarget; client: string; reason: string }
  /** It has stopped for good. @param fault null when it was closed */
  | { type: 'ended'; fault: Fault | null }

export interface AgentStatus {
  state: 'connecting' | 'connected' | 'waiting' | 'ended'
  /** as whom the relay knows it; null before the first welcome */
  agent: string | null
  /** round trip of the last ping in milliseconds */
  latencyMs: number | null
  /** users' connections open now */
  streams: number
  /** users' connections since the start that were made, and those that were not */
  opened: number
  failed: number
  proxies: readonly AgentProxy[]
  published: { name: string; at: PublicationState }[]
}
