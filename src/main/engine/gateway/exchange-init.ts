import type { Readable } from 'node:stream'
import type { ExchangeEntry } from '../../../shared/contract.js'
import type { Connection } from './connection.js'
import type { GatewayFault } from './gateway-fault.js'
import type { RawHeaders } from './headers.js'
import type { Reply } from './reply.js'
import type { Snapshot } from './snapshot.js'

export type Protocol = ExchangeEntry['protocol']

export interface ExchangeInit {
  id: string
  connection: Connection
  snapshot: Snapshot
  reply: Reply
  protocol: Protocol
  method: string
  /** request target as received: path and query, still encoded */
  target: string
  /** `:authority` or the authority of an absolute-form target; null without */
  authority: string | null
  headers: RawHeaders
  /** the client's stream when the request has a body, else null */
  bodySource: Readable | null
  /** why the head must not be served; null when it is in order */
  refusal: GatewayFault | null
}

/** Where the body stood when its rate was last found good. */
export interface BodyMark {
  /** performance.now() milliseconds */
  at: number
  bytes: number
}

export interface FailedAttempt {
  /** its URL */
  backend: string
  /** one sentence */
  error: string
  /** milliseconds from the head's arrival to its beginning */
  startedMs: number
  /** milliseconds that it took */
  ms: number
  /** of the answer that was not passed on; null without */
  status: number | null
}

/** The place of an exchange in a trace (W3C Trace Context). */
export interface ExchangeTrace {
  /** 32 hex digits */
  readonly traceId: string
  /** 16 hex digits; null when the trace begins here */
  readonly parentId: string | null
  readonly spanId: string
  readonly sampled: boolean
  readonly state: string | null
  /** the span of each attempt, by its number from 0 */
  readonly attemptIds: string[]
}

/** What an exchange is waiting for; decides which timeout applies. */
export type Phase = 'receiving' | 'dialing' | 'awaiting-response' | 'streaming' | 'done'
