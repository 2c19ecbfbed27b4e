import { STATUS_CODES } from 'node:http'
import { constants, type IncomingHttpHeaders } from 'node:http2'
import { performance } from 'node:perf_hooks'
import { Attempt } from '../attempt.js'
import { AnswerDropped, ClientGone, GatewayFault, StreamRefused, UpstreamFailed } from '../gateway-fault.js'
import { grpcFailure, healthStatus, readGrpcStatus } from '../grpc/grpc-status.js'
import type { RawHeaders } from '../headers.js'
import type { RequestBody } from '../request-body.js'
import { forwardedTrailers } from '../response-headers.js'
import { invalidAnswer } from '../upstream-fault.js'
import type { OpenedStream } from '../upstream-ports.js'
import { brokenStream, unsentOverHttp2 } from './http2-fault.js'
import { http2Fields, withoutPseudo } from './http2-fields.js'
import { upload } from './http2-upload.js'

/** One attempt over HTTP/2, on a stream of its own. */
export class Http2Attempt extends Attempt {
  #body: RequestBody | null = null
  #opened: OpenedStream | null = null
  #withdraw: () => void = () => {}
  #error: Error | undefined
  #trailers: RawHeaders = []

  protected override send(path: string, headers: RawHeaders): void {
    const { exchange, backend } = this
    const { method, appName } = exchange
    // A refused request may be sent again whatever its method, as long as its body is there.
    this.#body = exchange.openBody(undefined, true)
    const fields = http2Fields({ method, path, secure: backend.secure }, headers)
    this.#withdraw = backend.openStream({ fields, endStream: this.#body === null }, (error, opened) => {
      if (opened !== null) this.#begin(opened)
      else this.#break(unsentOverHttp2(error as Error, backend.backend.url, appName, this.#isChosen))
    })
  }

  /** The config wants this version of HTTP, and not only the kind of request. */
  get #isChosen(): boolean {
    return this.choice.target.protocol === 'h2'
  }

  #begin(opened: OpenedStream): void {
    this.#opened = opened
    const { stream } = opened
    const { exchange } = this
    stream.on('error', (error) => {
      this.#error = error
    })
    if (this.settled) return void stream.close(constants.NGHTTP2_CANCEL)
    this.connected()
    stream.on('headers', (fields, _flags, raw) =>
      this.#guard(() => this.relayInformational(Number(fields[':status']), withoutPseudo(raw))),
    )
    stream.on('response', (fields, flags, raw) => this.#guard(() => this.#answered(fields, flags, withoutPseudo(raw))))
    stream.on('trailers', (_fields, _flags, raw) => {
      this.#trailers = forwardedTrailers(withoutPseudo(raw))
    })
    stream.on('data', (chunk: Buffer) => {
      if (this.took(chunk) && !exchange.reply.write(chunk)) this.waitForClient(stream)
    })
    stream.on('end', () => this.#ended())
    stream.on('close', () => this.#closed())
    if (this.#body === null) return
    upload({
      ...{ body: this.#body, stream, buffers: this.context.buffers },
      trailers: () => exchange.requestTrailers,
      moved: () => {
        exchange.lastActivity = performance.now()
      },
      failed: (error) => this.abort(error instanceof GatewayFault ? error : new ClientGone()),
    })
  }

  /** What is thrown while an answer is looked at ends the attempt. */
  #guard(relay: () => void): void {
    if (this.settled) return
    try {
      relay()
    } catch (thrown) {
      this.abort(thrown as Error)
    }
  }

  #answered(fields: IncomingHttpHeaders, flags: number, received: RawHeaders): void {
    const { exchange, backend } = this
    const { url } = backend.backend
    const status = Number(fields[':status'])
    if (this.choice.drops(backend, status, received)) throw new AnswerDropped(url, status)
    if (!(status >= 200 && status <= 599)) throw invalidAnswer(url, exchange.appName)
    const ended = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0
    this.relayHead(status, STATUS_CODES[status] ?? '', received, { ended, trailers: true })
    if (exchange.call !== null) this.#answeredCall(status, received, ended)
    if (this.bodiless) exchange.reply.end()
  }

  /**
   * A call may stay open for as long as it likes, so its backend is judged by the head, which says nothing of a failure
   * that comes with the trailers. Most do not: a call that fails before its first message has its status in the head.
   */
  #answeredCall(status: number, received: RawHeaders, ended: boolean): void {
    const { exchange } = this
    const grpcStatus = ended ? readGrpcStatus(received) : null
    this.backend.answered(grpcStatus === null ? status : healthStatus(grpcStatus))
    if (ended) exchange.error ??= grpcFailure(received)
    if (exchange.call !== null) exchange.call.open = !this.bodiless
  }

  #ended(): void {
    // A backend may stop with "no error" and less than it promised (RFC 9113 section 8.1.1).
    if (this.settled || !this.headSent || (!this.bodiless && this.expected > this.received)) return
    const { exchange } = this
    if (exchange.call?.open === true) {
      exchange.call.open = false
      exchange.error ??= grpcFailure(this.#trailers)
    }
    if (!this.bodiless) exchange.reply.end(undefined, this.#trailers)
    this.succeed()
    const stream = this.#opened?.stream
    // The answer is whole, and the rest of the request of no use to anybody.
    if (stream !== undefined && !stream.writableEnded) stream.close(constants.NGHTTP2_CANCEL)
  }

  /** The stream is over, and the answer is not whole. */
  #closed(): void {
    const opened = this.#opened
    if (this.settled || opened === null) return
    const { lost, unprocessed, reused, stream } = opened
    const facts = { ...{ lost, unprocessed, headSent: this.headSent }, resetCode: stream.rstCode }
    const { url } = this.backend.backend
    const fault = brokenStream({ ...facts, url, app: this.exchange.appName }, this.#error)
    this.stale = fault instanceof StreamRefused || (reused && lost && !this.headSent)
    this.#break(fault)
  }

  protected override abort(reason: Error): void {
    if (this.settled) return
    const silent = reason instanceof UpstreamFailed && reason.code === 'upstream-timeout' && !this.headSent
    this.#break(reason)
    if (this.#opened === null) this.#withdraw()
    else {
      this.#opened.stream.close(constants.NGHTTP2_CANCEL)
      if (silent) this.#opened.suspect()
    }
  }

  #break(reason: Error): void {
    if (this.settled) return
    this.fail(reason)
    this.#body?.destroy() // what was kept of it is for the next attempt
  }
}
