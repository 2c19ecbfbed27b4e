import { STATUS_CODES } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { Dispatcher } from 'undici'
import { answerHead, factsOf, isPlainlyFramed, NO_LENGTH, toRawHeaders } from './answer-head.js'
import { noteAnswer } from './attempt-outcome.js'
import type { BackendChoice } from './backend-choice.js'
import type { Exchange } from './exchange.js'
import type { ForwardContext } from './forward-http.js'
import { AnswerDropped, ClientGone, GatewayFault, UpstreamFailed } from './gateway-fault.js'
import { editHeaders, type RawHeaders } from './headers.js'
import { forwardedResponseHeaders, forwardedTrailers } from './response-headers.js'
import type { CompiledRoute } from './route-table.js'
import { invalidAnswer, isHangUp, unsentFault, upstreamFault } from './upstream-fault.js'
import type { BackendHandle } from './upstream-ports.js'
import { upstreamHeaders, upstreamTarget } from './upstream-request.js'

const MAX_INFORMATIONAL = 20
/** RFC 9112 section 4; undici reads the phrase as UTF-8, so other bytes are lost already. */
const SENDABLE_REASON = /^[\t\x20-\x7e\x80-\xff]*$/

/** One attempt at one backend. Settles when the answer has been passed on, or could not be. */
export class HttpAttempt implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange
  readonly #route: CompiledRoute
  readonly #backend: BackendHandle
  readonly #choice: BackendChoice
  readonly #context: ForwardContext
  /** it goes out on a connection that had been used before; set by whoever dispatches it */
  reusedConnection = false
  /** that connection was closed by the backend before any byte of an answer */
  stale = false
  #answerBegun = false
  #controller: Dispatcher.DispatchController | null = null
  #withdraw: () => void = () => {}
  #resolve!: () => void
  #reject!: (reason: unknown) => void
  #settled = false
  #informational = 0
  /** what Content-Length promised; -1 when it did not */
  #expected = -1
  #received = 0
  #bodiless = false
  #headSent = false
  #drainHooked = false

  constructor(
    exchange: Exchange,
    route: CompiledRoute,
    backend: BackendHandle,
    choice: BackendChoice,
    context: ForwardContext,
  ) {
    this.#exchange = exchange
    this.#route = route
    this.#backend = backend
    this.#choice = choice
    this.#context = context
  }

  /** @throws AnswerDropped when the request is to be sent again; ClientGone; GatewayFault when no answer was begun */
  run(): Promise<void> {
    const exchange = this.#exchange
    exchange.attempting(this.#backend.backend.url)
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      exchange.onInterrupt(
        () => this.#clientGone(),
        (fault) => (this.#settled ? exchange.fail(fault) : this.#abort(fault)),
      )
      if (this.#settled) return
      this.#withdraw = this.#backend.dispatch(
        {
          method: exchange.method as Dispatcher.HttpMethod,
          path: upstreamTarget(exchange.sentTarget, this.#route),
          headers: upstreamHeaders(exchange, this.#route, this.#backend, this.#choice.target, this.#context.pseudonym),
          body: exchange.openBody(),
        },
        this,
      )
    })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#settled) {
      controller.abort(new ClientGone())
      return
    }
    const exchange = this.#exchange
    exchange.connectMs = exchange.elapsed()
    exchange.phase = 'awaiting-response'
    exchange.lastActivity = performance.now()
  }

  /** The first byte of an answer. */
  onResponseStarted(): void {
    this.#answerBegun = true
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _headers: unknown, reason?: string): void {
    const raw = toRawHeaders(controller.rawHeaders as (Buffer | string)[] | null)
    if (status < 200) {
      this.#relayInformational(status, raw)
      return
    }
    if (this.#choice.drops(this.#backend, status, raw)) {
      this.#abort(new AnswerDropped(this.#backend.backend.url, status))
      return
    }
    const exchange = this.#exchange
    exchange.firstByteMs = exchange.elapsed()
    exchange.phase = 'streaming'
    exchange.lastActivity = performance.now()
    this.#relayHead(status, reason ?? '', raw)
  }

  onBodySent(chunk: Uint8Array): void {
    this.#context.buffers.relayed(chunk.length)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const exchange = this.#exchange
    this.#context.buffers.relayed(chunk.length)
    this.#received += chunk.length
    exchange.bytesOut += chunk.length
    exchange.lastActivity = performance.now()
    if (this.#settled || this.#bodiless) return
    if (this.#received === this.#expected) {
      exchange.reply.end(chunk)
      return
    }
    if (!exchange.reply.write(chunk)) this.#waitForClient(controller)
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    if (this.#settled) return
    const complete = this.#bodiless || this.#received === this.#expected
    if (!complete)
      this.#exchange.reply.end(
        undefined,
        forwardedTrailers(toRawHeaders(controller.rawTrailers as (Buffer | string)[] | null)),
      )
    this.#settle()
    this.#resolve()
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#settled) return
    this.#settle()
    const exchange = this.#exchange
    this.stale = this.reusedConnection && this.#controller !== null && !this.#answerBegun && isHangUp(error)
    if (error instanceof GatewayFault || error instanceof ClientGone) this.#reject(error)
    else if (this.#controller === null) this.#reject(unsentFault(error, this.#backend.backend.url, exchange.appName))
    else this.#reject(upstreamFault(error, this.#backend.backend.url, exchange.appName, this.#headSent))
  }

  #relayInformational(status: number, headers: RawHeaders): void {
    this.#informational += 1
    if (this.#informational > MAX_INFORMATIONAL) {
      throw new UpstreamFailed(
        'upstream-failed',
        502,
        `${this.#backend.backend.url} sent more than ${MAX_INFORMATIONAL} interim responses.`,
      )
    }
    // An interim response has no body, whatever it says (RFC 9110 section 8.6).
    if (status === 103)
      this.#exchange.reply.informational(103, editHeaders(forwardedResponseHeaders(headers, true, false), NO_LENGTH))
  }

  #relayHead(status: number, reason: string, raw: RawHeaders): void {
    const exchange = this.#exchange
    const { reply } = exchange
    if (status > 599 || !isPlainlyFramed(raw)) throw invalidAnswer(this.#backend.backend.url, exchange.appName)
    const headers = answerHead(exchange, this.#route, this.#backend.backend.url, status, raw)
    const cookie = this.#choice.newCookie(this.#backend)
    if (cookie !== null) headers.push(reply.lowerCaseNames ? 'set-cookie' : 'Set-Cookie', cookie)
    const facts = factsOf(headers)
    exchange.openEnded = facts.eventStream
    this.#expected = facts.length
    this.#bodiless = exchange.method === 'HEAD' || status === 204 || status === 304
    const phrase = SENDABLE_REASON.test(reason) ? reason : (STATUS_CODES[status] ?? '')
    try {
      reply.head(status, phrase, headers, { bodiless: this.#bodiless, trailers: facts.length === -1 })
    } catch (cause) {
      throw invalidAnswer(this.#backend.backend.url, exchange.appName, cause)
    }
    exchange.status = status
    exchange.responseHeaders = headers
    this.#headSent = true
    exchange.body?.forget()
    if (facts.eventStream) noteAnswer(exchange, this.#backend)
    if (this.#bodiless || facts.length === 0) {
      this.#bodiless = true
      reply.end()
    }
  }

  #waitForClient(controller: Dispatcher.DispatchController): void {
    const exchange = this.#exchange
    controller.pause()
    exchange.stalledSince = performance.now()
    if (this.#drainHooked) return
    this.#drainHooked = true
    exchange.reply.onDrain(() => {
      exchange.stalledSince = null
      exchange.lastActivity = performance.now()
      controller.resume()
    })
  }

  /** Every exchange ends with this; most are settled by then. */
  #clientGone(): void {
    if (!this.#settled) this.#abort(new ClientGone())
  }

  /** The client is gone or a timeout struck: the backend's connection ends with the attempt. */
  #abort(reason: Error): void {
    if (this.#settled) return
    this.#settle()
    this.#reject(reason)
    if (this.#controller === null) this.#withdraw()
    else this.#controller.abort(reason)
  }

  #settle(): void {
    this.#settled = true
    const { body } = this.#exchange
    if (body !== null) this.#exchange.bytesIn = body.bytes
  }
}
