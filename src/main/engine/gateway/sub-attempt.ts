import type { Dispatcher } from 'undici'
import { toRawHeaders } from './answer-head.js'
import { headerValue } from './headers.js'
import { SubAnswer } from './sub-answer.js'
import type { SubRequest, SubResponse } from './sub-request.js'
import { unsentFault, upstreamFault } from './upstream-fault.js'
import type { AttemptHandler, BackendHandle } from './upstream-ports.js'

/** One request of the gateway's own over HTTP/1.1, and its answer. */
export class SubAttempt implements AttemptHandler {
  readonly #request: SubRequest
  readonly #backend: BackendHandle
  readonly #host: string
  readonly #name: string
  readonly #answer: SubAnswer
  reusedConnection = false
  #controller: Dispatcher.DispatchController | null = null

  /** @param name of who is asked, for errors */
  constructor(request: SubRequest, backend: BackendHandle, host: string, name: string) {
    this.#request = request
    this.#backend = backend
    this.#host = host
    this.#name = name
    this.#answer = new SubAnswer(backend, request.maxBytes)
  }

  /** @param signal aborts with what is to be thrown */
  run(signal: AbortSignal): Promise<SubResponse> {
    const { method, target, headers, body } = this.#request
    const withdraw = this.#backend.dispatch(
      {
        method: method as Dispatcher.HttpMethod,
        path: target,
        headers: headerValue(headers, 'host') === undefined ? [...headers, 'Host', this.#host] : headers,
        body: body ?? null,
      },
      this,
    )
    return this.#answer.wait(signal, () => {
      if (this.#controller === null) withdraw()
      else this.#controller.abort(new Error('given up'))
    })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
  }

  onResponseStarted(): void {}

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return
    this.#answer.begin(status, toRawHeaders(controller.rawHeaders as (Buffer | string)[] | null))
  }

  onBodySent(): void {}

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#answer.add(chunk)
  }

  onResponseEnd(): void {
    this.#answer.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const { url } = this.#backend.backend
    if (this.#controller === null) this.#answer.fail('dial', unsentFault(error, url, this.#name))
    else this.#answer.fail('answer', upstreamFault(error, url, this.#name, false))
  }
}
