import type { Readable } from 'node:stream'
import type { ExchangeEntry } from '../../../shared/contract.js'
import { accessEntry } from './access-entry.js'
import type { Connection, ConnectionWatcher } from './connection.js'
import type { BodyMark, ExchangeInit, ExchangeTrace } from './exchange-init.js'
import { ExchangeRecord } from './exchange-record.js'
import type { GatewayFault } from './gateway-fault.js'
import type { GrpcCall } from './grpc/grpc-call.js'
import { headerValue, type RawHeaders } from './headers.js'
import { answerFault, sendOwnAnswer } from './own-answer.js'
import { EditedReply, type FieldEdit } from './policies/edited-reply.js'
import type { Reply } from './reply.js'
import { type BodyState, RequestBody } from './request-body.js'
import { watchTrailers } from './request-trailers.js'
import { isIdempotent } from './retry.js'
import type { RosterMember } from './roster.js'
import type { CompiledRoute } from './route-table.js'
import type { Snapshot } from './snapshot.js'

/** One request and its answer, from the arrival of the head to the last byte: the only context on the request path. */
export class Exchange extends ExchangeRecord implements ConnectionWatcher, RosterMember {
  readonly connection: Connection
  /** the config this exchange began with; a reload never changes it midway */
  readonly snapshot: Snapshot
  /** the way back to the client, through the policies that take part in the answer */
  reply: Reply
  readonly authority: string | null
  readonly headers: RawHeaders
  readonly refusal: GatewayFault | null

  /** the request target for the backend: as the client sent it, unless a policy rewrote it */
  sentTarget: string
  /** what policies change of the request's fields, after everything else; null when nothing */
  requestEdit: ((headers: RawHeaders) => RawHeaders) | null = null
  /** its place in a trace; null while there is no tracing */
  trace: ExchangeTrace | null = null
  /** what is changed of the fields of every answer, in place; null when nothing */
  answerEdit: ((headers: RawHeaders) => void) | null = null
  /** most bytes that the client may send, where a policy says so */
  bodyLimit: number | null = null
  /** a policy has found out who asks, by whatever means: the answer may be for nobody else */
  identified = false
  /** whether the answer is still wanted when the client has gone; null: it is not */
  outlives: (() => boolean) | null = null

  /** when something last moved towards or from the backend, in performance.now() milliseconds */
  lastActivity = this.startedAt
  /** since when the client has not taken what was written; null while it keeps up */
  stalledSince: number | null = null
  /** no idle timeout: the response is an event stream */
  openEnded = false
  /** it is a gRPC call on its way to a backend; null for all else */
  call: GrpcCall | null = null
  body: RequestBody | null = null
  readonly bodyMark: BodyMark = { at: this.startedAt, bytes: 0 }
  rosterSlot = -1
  readonly #bodySource: Readable | null
  readonly #clientReply: Reply
  #bodyTap: ((chunk: Buffer) => void) | null = null
  #trailers: (() => RawHeaders) | null = null
  #clientEnded = false
  #onGone: (() => void) | null = null
  #onTimeout: ((fault: GatewayFault) => void) | null = null

  constructor(init: ExchangeInit) {
    super(init)
    this.connection = init.connection
    this.snapshot = init.snapshot
    this.reply = init.reply
    this.#clientReply = init.reply
    this.sentTarget = init.target
    this.authority = init.authority
    this.headers = init.headers
    this.refusal = init.refusal
    this.#bodySource = init.bodySource
    init.connection.add(this)
    void init.reply.closed.then(() => this.abandon())
  }

  /** Host and port as the client wrote them. */
  clientAuthority = ''

  /** Scheme and authority that the client used. */
  get publicOrigin(): string {
    return `${this.connection.encrypted ? 'https' : 'http'}://${this.clientAuthority}`
  }

  /** It is for the panel: its cookies are the gateway's own secrets, and it is no traffic of an app. */
  get isPanel(): boolean {
    return this.host !== '' && this.host === this.snapshot.panel?.host
  }

  /** The path without query, still encoded. */
  get pathname(): string {
    const query = this.target.indexOf('?')
    return query === -1 ? this.target : this.target.slice(0, query)
  }

  /**
   * A fresh reader of the request body, from its beginning. May be asked for again as long as `bodyState` is `kept`.
   *
   * @param limit most bytes that the client may send; those of a policy or the config unless told
   * @param keep hold what fits into memory, to be sent again; only for methods that may be unless told
   */
  openBody(
    limit = this.bodyLimit ?? this.snapshot.limits.bodyBytes ?? Number.POSITIVE_INFINITY,
    keep = isIdempotent(this.method),
  ): RequestBody | null {
    if (this.#bodySource === null) return null
    this.#trailers ??= watchTrailers(this.#bodySource)
    if (this.body === null && this.expectsContinue) this.reply.informational(100, [])
    if (this.body === null && this.#bodyTap !== null) this.#bodySource.on('data', this.#bodyTap)
    this.body = new RequestBody(this.#bodySource, limit, this.body, keep)
    return this.body
  }

  /** Sees the whole body as it comes from the client. To be called before it is forwarded. */
  tapBody(tap: (chunk: Buffer) => void): void {
    if (this.body === null) {
      this.#bodyTap = tap
      return
    }
    for (const chunk of this.body.kept) tap(chunk)
    this.#bodySource?.on('data', tap)
  }

  /** What came behind the request body, once that has ended. */
  get requestTrailers(): RawHeaders {
    return this.#trailers?.() ?? NO_FIELDS
  }

  /** What went to the client behind the body of the answer; null when nothing did. */
  get sentTrailers(): RawHeaders | null {
    return this.#clientReply.sentTrailers ?? null
  }

  /** The client has sent all of it. */
  get bodyComplete(): boolean {
    return this.#bodySource === null || this.#bodySource.readableEnded
  }

  /** What an attempt that failed has left of the request body. */
  get bodyState(): BodyState {
    if (this.#bodySource === null) return 'none'
    return this.body === null ? 'kept' : this.body.state
  }

  /** RFC 9110 section 10.1.1: the client sends its body only when told to. */
  get expectsContinue(): boolean {
    return headerValue(this.headers, 'expect')?.toLowerCase() === '100-continue'
  }

  /** A policy takes part in the answer: what is sent goes through what it makes of the way back so far. */
  through(wrap: (next: Reply) => Reply): void {
    this.reply = wrap(this.reply)
  }

  /** A policy changes fields of the request that goes to the backend, after those that asked before it. */
  editRequest(edit: (headers: RawHeaders) => RawHeaders): void {
    const before = this.requestEdit
    this.requestEdit = before === null ? edit : (headers) => edit(before(headers))
  }

  /** The fields of the answer are changed in place, whoever answers, and also when a WebSocket opens; the first is last. */
  editAnswer(edit: (headers: RawHeaders) => void): void {
    const before = this.answerEdit
    this.answerEdit = (headers) => {
      edit(headers)
      before?.(headers)
    }
    this.editReply(edit)
  }

  /** The fields of the answer are changed in place, whoever answers, unless a WebSocket opens; the first is last. */
  editReply(edit: FieldEdit): void {
    if (this.reply instanceof EditedReply) this.reply.add(edit)
    else this.reply = new EditedReply(this.reply, edit)
  }

  /** The route of another app, or another of this one, serves it. The app of the log stays. */
  divert(route: CompiledRoute): void {
    this.route = route
  }

  /** What to do when the client goes away or a timeout strikes while a forwarder is at work. */
  onInterrupt(gone: () => void, timeout: (fault: GatewayFault) => void): void {
    this.#onGone = gone
    this.#onTimeout = timeout
    if (this.reply.gone || this.#clientEnded) this.abandon()
  }

  /** The client has gone: what is under way for it ends, unless others want it too. */
  abandon(): void {
    if (this.outlives?.() !== true) this.#onGone?.()
  }

  /** The client has ended its half of a connection on which it waits for a WebSocket: nobody is there any more. */
  clientEnded(): void {
    this.#clientEnded = true
    this.abandon()
  }

  connectionClosed(): void {
    this.abandon()
    const reply = this.#clientReply
    if ('connectionClosed' in reply) (reply as Reply & { connectionClosed(): void }).connectionClosed()
  }

  get mayInterim(): boolean {
    return this.protocol === 'http/1.1' && !this.reply.headersSent
  }

  get answering(): boolean {
    return (this.protocol === 'http/1.1' || this.protocol === 'http/1.0') && this.reply.headersSent
  }

  timedOut(fault: GatewayFault): void {
    if (this.#onTimeout === null) this.fail(fault)
    else this.#onTimeout(fault)
  }

  /** Sends a complete, small answer of the gateway's own. */
  respond(status: number, headers: RawHeaders, body: Uint8Array | string): void {
    sendOwnAnswer(this, status, headers, body)
  }

  /** Ends the exchange for whatever was thrown: a page before headers were sent, a visible break after. */
  fail(thrown: unknown): void {
    answerFault(this, thrown)
  }

  /** Called once, when the reply has closed. */
  finish(): ExchangeEntry {
    this.phase = 'done'
    this.totalMs = this.elapsed()
    this.connection.delete(this)
    this.body?.discard()
    return accessEntry(this)
  }

  /** A client that waits for permission to send its body will not send it now; the connection cannot go on. */
  get mustClose(): boolean {
    return this.protocol === 'http/1.1' && this.#bodySource !== null && this.body === null && this.expectsContinue
  }
}

const NO_FIELDS: RawHeaders = []
