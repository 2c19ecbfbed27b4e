import { performance } from 'node:perf_hooks'
import { answerHead, factsOf, NO_LENGTH } from './answer-head.js'
import { noteAnswer } from './attempt-outcome.js'
import type { BackendChoice } from './backend-choice.js'
import type { Exchange } from './exchange.js'
import type { ForwardContext } from './forward-http.js'
import { ClientGone, UpstreamFailed } from './gateway-fault.js'
import { editHeaders, type RawHeaders } from './headers.js'
import { forwardedResponseHeaders } from './response-headers.js'
import type { CompiledRoute } from './route-table.js'
import { invalidAnswer } from './upstream-fault.js'
import type { BackendHandle } from './upstream-ports.js'
import { upstreamHeaders, upstreamTarget } from './upstream-request.js'

const MAX_INFORMATIONAL = 20

/** What can be made to wait while the client is behind. */
interface Source {
  pause(): unknown
  resume(): unknown
}

/**
 * One attempt at one backend, whatever version of HTTP it speaks: what is sent, what of the answer goes to the client, and
 * how it ends. Settles when the answer has been passed on, or could not be.
 */
export abstract class Attempt {
  /** the backend did nothing of it, or had given the connection up before any byte of an answer */
  stale = false
  protected readonly exchange: Exchange
  protected readonly backend: BackendHandle
  protected readonly choice: BackendChoice
  protected readonly context: ForwardContext
  protected settled = false
  /** what Content-Length promised; -1 when it did not */
  protected expected = -1
  protected received = 0
  /** the client gets no body, or all of it has gone with the head */
  protected bodiless = false
  protected headSent = false
  readonly #route: CompiledRoute
  #resolve!: () => void
  #reject!: (reason: unknown) => void
  #informational = 0
  #drainHooked = false

  constructor(
    exchange: Exchange,
    route: CompiledRoute,
    backend: BackendHandle,
    choice: BackendChoice,
    context: ForwardContext,
  ) {
    this.exchange = exchange
    this.#route = route
    this.backend = backend
    this.choice = choice
    this.context = context
  }

  /** @throws AnswerDropped when the request is to be sent again; ClientGone; GatewayFault when no answer was begun */
  run(): Promise<void> {
    const { exchange } = this
    exchange.attempting(this.backend.backend.url)
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      exchange.onInterrupt(
        () => this.#clientGone(),
        (fault) => (this.settled ? exchange.fail(fault) : this.abort(fault)),
      )
      if (this.settled) return
      const { target } = this.choice
      const headers = upstreamHeaders(exchange, this.#route, this.backend, target, this.context.pseudonym)
      this.send(upstreamTarget(exchange.sentTarget, this.#route), headers)
    })
  }

  /** @param path the request target for this backend */
  protected abstract send(path: string, headers: RawHeaders): void

  /** Nobody wants the answer any more, or it cannot be passed on: the backend is told to stop. */
  protected abstract abort(reason: Error): void

  /** There is a connection, and the request goes out on it. */
  protected connected(): void {
    const { exchange } = this
    exchange.connectMs = exchange.elapsed()
    exchange.phase = 'awaiting-response'
    exchange.lastActivity = performance.now()
  }

  /** @throws UpstreamFailed when there are too many */
  protected relayInformational(status: number, raw: RawHeaders): void {
    this.#informational += 1
    if (this.#informational > MAX_INFORMATIONAL) {
      const message = `${this.backend.backend.url} sent more than ${MAX_INFORMATIONAL} interim responses.`
      throw new UpstreamFailed('upstream-failed', 502, message)
    }
    if (status !== 103) return
    // An interim response has no body, whatever it says (RFC 9110 section 8.6).
    const hints = editHeaders(forwardedResponseHeaders(raw, true, false), NO_LENGTH)
    this.exchange.reply.informational(103, hints)
  }

  /**
   * Passes the head of an answer on.
   *
   * @param options.ended nothing follows it
   * @param options.trailers they may come although the length of the body is told
   * @throws GatewayFault when it cannot be passed on; nothing has been sent then
   */
  protected relayHead(
    status: number,
    reason: string,
    raw: RawHeaders,
    options: { ended: boolean; trailers: boolean },
  ): void {
    const { exchange } = this
    const { reply } = exchange
    const { url } = this.backend.backend
    exchange.firstByteMs = exchange.elapsed()
    exchange.phase = 'streaming'
    exchange.lastActivity = performance.now()
    const headers = answerHead(exchange, this.#route, url, status, raw)
    const cookie = this.choice.newCookie(this.backend)
    if (cookie !== null) headers.push(reply.lowerCaseNames ? 'set-cookie' : 'Set-Cookie', cookie)
    const { length, eventStream } = factsOf(headers)
    this.expected = length
    this.bodiless = options.ended || exchange.method === 'HEAD' || status === 204 || status === 304
    // Over HTTP/1.1 trailers need a body in chunks, which one with a length is not.
    const trailers = length === -1 || (options.trailers && reply.lowerCaseNames)
    try {
      reply.head(status, reason, headers, { bodiless: this.bodiless, trailers })
    } catch (cause) {
      throw invalidAnswer(url, exchange.appName, cause)
    }
    exchange.status = status
    exchange.responseHeaders = headers
    this.headSent = true
    exchange.body?.forget()
    if (exchange.call === null) {
      exchange.openEnded = eventStream
      if (eventStream) noteAnswer(exchange, this.backend)
    }
  }

  /** A part of the body has come. @returns whether it is to be passed on */
  protected took(chunk: Uint8Array): boolean {
    const { exchange } = this
    this.context.buffers.relayed(chunk.length)
    this.received += chunk.length
    exchange.bytesOut += chunk.length
    exchange.lastActivity = performance.now()
    return !this.settled && !this.bodiless
  }

  protected waitForClient(source: Source): void {
    const { exchange } = this
    source.pause()
    exchange.stalledSince = performance.now()
    if (this.#drainHooked) return
    this.#drainHooked = true
    exchange.reply.onDrain(() => {
      exchange.stalledSince = null
      exchange.lastActivity = performance.now()
      source.resume()
    })
  }

  protected succeed(): void {
    this.#settle()
    this.#resolve()
  }

  protected fail(reason: unknown): void {
    this.#settle()
    this.#reject(reason)
  }

  /** Every exchange ends with this; most are settled by then. */
  #clientGone(): void {
    if (!this.settled) this.abort(new ClientGone())
  }

  #settle(): void {
    this.settled = true
    const { body } = this.exchange
    if (body !== null) this.exchange.bytesIn = body.bytes
  }
}
