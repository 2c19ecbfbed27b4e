import { STATUS_CODES } from 'node:http'
import type { Dispatcher } from 'undici'
import { isPlainlyFramed, toRawHeaders } from './answer-head.js'
import { Attempt } from './attempt.js'
import { AnswerDropped, ClientGone, GatewayFault } from './gateway-fault.js'
import type { RawHeaders } from './headers.js'
import { forwardedTrailers } from './response-headers.js'
import { invalidAnswer, isHangUp, unsentFault, upstreamFault } from './upstream-fault.js'
import type { AttemptHandler } from './upstream-ports.js'

/** RFC 9112 section 4; undici reads the phrase as UTF-8, so other bytes are lost already. */
const SENDABLE_REASON = /^[\t\x20-\x7e\x80-\xff]*$/

/** One attempt over HTTP/1.1, through undici. */
export class HttpAttempt extends Attempt implements AttemptHandler {
  /** it goes out on a connection that had been used before; set by whoever dispatches it */
  reusedConnection = false
  #answerBegun = false
  #controller: Dispatcher.DispatchController | null = null
  #withdraw: () => void = () => {}

  protected override send(path: string, headers: RawHeaders): void {
    const method = this.exchange.method as Dispatcher.HttpMethod
    this.#withdraw = this.backend.dispatch({ method, path, headers, body: this.exchange.openBody() }, this)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.settled) controller.abort(new ClientGone())
    else this.connected()
  }

  /** The first byte of an answer. */
  onResponseStarted(): void {
    this.#answerBegun = true
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _headers: unknown, reason = ''): void {
    const raw = toRawHeaders(controller.rawHeaders as (Buffer | string)[] | null)
    if (status < 200) {
      this.relayInformational(status, raw)
      return
    }
    const { url } = this.backend.backend
    if (this.choice.drops(this.backend, status, raw)) {
      this.abort(new AnswerDropped(url, status))
      return
    }
    if (status > 599 || !isPlainlyFramed(raw)) throw invalidAnswer(url, this.exchange.appName)
    const phrase = SENDABLE_REASON.test(reason) ? reason : (STATUS_CODES[status] ?? '')
    this.relayHead(status, phrase, raw, { ended: false, trailers: false })
    if (!this.bodiless && this.expected !== 0) return
    this.bodiless = true
    this.exchange.reply.end()
  }

  onBodySent(chunk: Uint8Array): void {
    this.context.buffers.relayed(chunk.length)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.took(chunk)) return
    const { reply } = this.exchange
    if (this.received === this.expected) reply.end(chunk)
    else if (!reply.write(chunk)) this.waitForClient(controller)
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    if (this.settled) return
    const complete = this.bodiless || this.received === this.expected
    if (!complete) {
      const trailers = toRawHeaders(controller.rawTrailers as (Buffer | string)[] | null)
      this.exchange.reply.end(undefined, forwardedTrailers(trailers))
    }
    this.succeed()
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.settled) return
    const { url } = this.backend.backend
    const { appName } = this.exchange
    this.stale = this.reusedConnection && this.#controller !== null && !this.#answerBegun && isHangUp(error)
    if (error instanceof GatewayFault || error instanceof ClientGone) this.fail(error)
    else if (this.#controller === null) this.fail(unsentFault(error, url, appName))
    else this.fail(upstreamFault(error, url, appName, this.headSent))
  }

  /** The backend's connection ends with the attempt. */
  protected override abort(reason: Error): void {
    if (this.settled) return
    this.fail(reason)
    if (this.#controller === null) this.#withdraw()
    else this.#controller.abort(reason)
  }
}
