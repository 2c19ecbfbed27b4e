import { STATUS_CODES } from 'node:http'
import { constants, type IncomingHttpHeaders } from 'node:http2'
import { performance } from 'node:perf_hooks'
import { answerHead, factsOf, NO_LENGTH } from '../answer-head.js'
import { noteAnswer } from '../attempt-outcome.js'
import type { BackendChoice } from '../backend-choice.js'
import type { Exchange } from '../exchange.js'
import type { ForwardContext } from '../forward-http.js'
import { AnswerDropped, ClientGone, GatewayFault, StreamRefused, UpstreamFailed } from '../gateway-fault.js'
import { grpcFailure, healthStatus, readGrpcStatus } from '../grpc/grpc-status.js'
import { editHeaders, type RawHeaders } from '../headers.js'
import type { RequestBody } from '../request-body.js'
import { forwardedResponseHeaders, forwardedTrailers } from '../response-headers.js'
import type { CompiledRoute } from '../route-table.js'
import { invalidAnswer } from '../upstream-fault.js'
import type { BackendHandle, OpenedStream } from '../upstream-ports.js'
import { upstreamHeaders, upstreamTarget } from '../upstream-request.js'
import { brokenStream, unsentOverHttp2 } from './http2-fault.js'
import { http2Fields, withoutPseudo } from './http2-fields.js'
import { upload } from './http2-upload.js'

const MAX_INFORMATIONAL = 20

/** One attempt at one backend over HTTP/2. Settles when the answer has been passed on, or could not be. */
export class Http2Attempt {
  /** the backend did nothing of it, or had given the connection up before any byte of an answer */
  stale = false
  readonly #exchange: Exchange
  readonly #route: CompiledRoute
  readonly #backend: BackendHandle
  readonly #choice: BackendChoice
  readonly #context: ForwardContext
  #body: RequestBody | null = null
  #opened: OpenedStream | null = null
  #withdraw: () => void = () => {}
  #resolve!: () => void
  #reject!: (reason: unknown) => void
  #settled = false
  #informational = 0
  #error: Error | undefined
  /** what Content-Length promised; -1 when it did not */
  #expected = -1
  #received = 0
  #bodiless = false
  #headSent = false
  #drainHooked = false
  #trailers: RawHeaders = []

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
    const { url } = this.#backend.backend
    exchange.attempting(url)
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      exchange.onInterrupt(
        () => this.#abort(new ClientGone()),
        (fault) => (this.#settled ? exchange.fail(fault) : this.#abort(fault)),
      )
      if (this.#settled) return
      const { method, sentTarget } = exchange
      const line = { method, path: upstreamTarget(sentTarget, this.#route), secure: this.#backend.secure }
      const { target } = this.#choice
      const headers = upstreamHeaders(exchange, this.#route, this.#backend, target, this.#context.pseudonym)
      // A refused request may be sent again whatever its method, as long as its body is there.
      this.#body = exchange.openBody(undefined, true)
      const request = { fields: http2Fields(line, headers), endStream: this.#body === null }
      this.#withdraw = this.#backend.openStream(request, (error, opened) => {
        if (opened !== null) this.#begin(opened)
        else this.#fail(unsentOverHttp2(error as Error, url, exchange.appName, target.protocol === 'h2'))
      })
    })
  }

  #begin(opened: OpenedStream): void {
    this.#opened = opened
    const { stream } = opened
    const exchange = this.#exchange
    stream.on('error', (error) => {
      this.#error = error
    })
    if (this.#settled) return void stream.close(constants.NGHTTP2_CANCEL)
    exchange.connectMs = exchange.elapsed()
    exchange.phase = 'awaiting-response'
    exchange.lastActivity = performance.now()
    stream.on('headers', (fields, _flags, raw) => this.#guard(() => this.#relayInformational(fields, raw)))
    stream.on('response', (fields, flags, raw) => this.#guard(() => this.#relayHead(fields, flags, raw)))
    stream.on('trailers', (_fields, _flags, raw) => {
      this.#trailers = forwardedTrailers(withoutPseudo(raw))
    })
    stream.on('data', (chunk: Buffer) => this.#relay(chunk))
    stream.on('end', () => this.#ended())
    stream.on('close', () => this.#closed())
    if (this.#body === null) return
    upload({
      ...{ body: this.#body, stream, buffers: this.#context.buffers },
      trailers: () => exchange.requestTrailers,
      moved: () => {
        exchange.lastActivity = performance.now()
      },
      failed: (error) => this.#abort(error instanceof GatewayFault ? error : new ClientGone()),
    })
  }

  /** What is thrown while an answer is looked at ends the attempt. */
  #guard(relay: () => void): void {
    if (this.#settled) return
    try {
      relay()
    } catch (thrown) {
      this.#abort(thrown as Error)
    }
  }

  #relayInformational(fields: IncomingHttpHeaders, raw: RawHeaders): void {
    this.#informational += 1
    const { url } = this.#backend.backend
    if (this.#informational > MAX_INFORMATIONAL) {
      const message = `${url} sent more than ${MAX_INFORMATIONAL} interim responses.`
      throw new UpstreamFailed('upstream-failed', 502, message)
    }
    if (Number(fields[':status']) !== 103) return
    const hints = forwardedResponseHeaders(withoutPseudo(raw), true, false)
    this.#exchange.reply.informational(103, editHeaders(hints, NO_LENGTH))
  }

  #relayHead(fields: IncomingHttpHeaders, flags: number, raw: RawHeaders): void {
    const exchange = this.#exchange
    const { reply, call } = exchange
    const { url } = this.#backend.backend
    const status = Number(fields[':status'])
    const received = withoutPseudo(raw)
    if (this.#choice.drops(this.#backend, status, received)) throw new AnswerDropped(url, status)
    if (!(status >= 200 && status <= 599)) throw invalidAnswer(url, exchange.appName)
    exchange.firstByteMs = exchange.elapsed()
    exchange.phase = 'streaming'
    exchange.lastActivity = performance.now()
    const headers = answerHead(exchange, this.#route, url, status, received)
    const cookie = this.#choice.newCookie(this.#backend)
    if (cookie !== null) headers.push(reply.lowerCaseNames ? 'set-cookie' : 'Set-Cookie', cookie)
    const facts = factsOf(headers)
    const ended = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0
    this.#expected = facts.length
    this.#bodiless = ended || exchange.method === 'HEAD' || status === 204 || status === 304
    // Over HTTP/1.1 trailers need a body in chunks, which one with a length is not.
    const trailers = facts.length === -1 || reply.lowerCaseNames
    try {
      reply.head(status, STATUS_CODES[status] ?? '', headers, { bodiless: this.#bodiless, trailers })
    } catch (cause) {
      throw invalidAnswer(url, exchange.appName, cause)
    }
    exchange.status = status
    exchange.responseHeaders = headers
    this.#headSent = true
    exchange.body?.forget()
    if (call === null) exchange.openEnded = facts.eventStream
    else this.#answeredCall(status, received, ended)
    if (facts.eventStream && call === null) noteAnswer(exchange, this.#backend)
    if (this.#bodiless) reply.end()
  }

  /**
   * A call may stay open for as long as it likes, so its backend is judged by the head, which says nothing of a failure
   * that comes with the trailers. Most do not: a call that fails before its first message has its status in the head.
   */
  #answeredCall(status: number, received: RawHeaders, ended: boolean): void {
    const exchange = this.#exchange
    const grpcStatus = ended ? readGrpcStatus(received) : null
    this.#backend.answered(grpcStatus === null ? status : healthStatus(grpcStatus))
    if (ended) exchange.error ??= grpcFailure(received)
    if (exchange.call !== null) exchange.call.open = !this.#bodiless
  }

  #relay(chunk: Buffer): void {
    const exchange = this.#exchange
    this.#context.buffers.relayed(chunk.length)
    this.#received += chunk.length
    exchange.bytesOut += chunk.length
    exchange.lastActivity = performance.now()
    if (this.#settled || this.#bodiless) return
    if (!exchange.reply.write(chunk)) this.#waitForClient()
  }

  #waitForClient(): void {
    const exchange = this.#exchange
    const stream = this.#opened?.stream
    stream?.pause()
    exchange.stalledSince = performance.now()
    if (this.#drainHooked) return
    this.#drainHooked = true
    exchange.reply.onDrain(() => {
      exchange.stalledSince = null
      exchange.lastActivity = performance.now()
      stream?.resume()
    })
  }

  #ended(): void {
    // A backend may stop with "no error" and less than it promised (RFC 9113 section 8.1.1).
    if (this.#settled || !this.#headSent || (!this.#bodiless && this.#expected > this.#received)) return
    const exchange = this.#exchange
    if (exchange.call?.open === true) {
      exchange.call.open = false
      exchange.error ??= grpcFailure(this.#trailers)
    }
    if (!this.#bodiless) exchange.reply.end(undefined, this.#trailers)
    this.#settle()
    const stream = this.#opened?.stream
    // The answer is whole, and the rest of the request of no use to anybody.
    if (stream !== undefined && !stream.writableEnded) stream.close(constants.NGHTTP2_CANCEL)
    this.#resolve()
  }

  /** The stream is over, and the answer is not whole. */
  #closed(): void {
    const opened = this.#opened
    if (this.#settled || opened === null) return
    const { lost, unprocessed, reused, stream } = opened
    const facts = { ...{ lost, unprocessed, headSent: this.#headSent }, resetCode: stream.rstCode }
    const { url } = this.#backend.backend
    const fault = brokenStream({ ...facts, url, app: this.#exchange.appName }, this.#error)
    this.stale = fault instanceof StreamRefused || (reused && lost && !this.#headSent)
    this.#fail(fault)
  }

  /** The client is gone, a timeout struck, or the answer cannot be passed on: the backend is told to stop. */
  #abort(reason: Error): void {
    if (this.#settled) return
    const silent = reason instanceof UpstreamFailed && reason.code === 'upstream-timeout' && !this.#headSent
    this.#fail(reason)
    if (this.#opened === null) this.#withdraw()
    else {
      this.#opened.stream.close(constants.NGHTTP2_CANCEL)
      if (silent) this.#opened.suspect()
    }
  }

  #fail(reason: Error): void {
    if (this.#settled) return
    this.#settle()
    this.#body?.destroy() // what was kept of it is for the next attempt
    this.#reject(reason)
  }

  #settle(): void {
    this.#settled = true
    const { body } = this.#exchange
    if (body !== null) this.#exchange.bytesIn = body.bytes
  }
}
