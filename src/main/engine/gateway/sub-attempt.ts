import type { Dispatcher } from 'undici'
import { toRawHeaders } from './answer-head.js'
import { GatewayFault } from './gateway-fault.js'
import { headerValue, type RawHeaders } from './headers.js'
import { KeptBody } from './kept-body.js'
import type { SubRequest, SubResponse } from './sub-request.js'
import { unsentFault, upstreamFault } from './upstream-fault.js'
import type { AttemptHandler, BackendHandle } from './upstream-ports.js'

/** One request and its answer, kept in memory up to a bound. */
export class SubAttempt implements AttemptHandler {
  readonly #request: SubRequest
  readonly #backend: BackendHandle
  readonly #host: string
  readonly #name: string
  readonly #body: KeptBody
  reusedConnection = false
  #controller: Dispatcher.DispatchController | null = null
  #status = 0
  #headers: RawHeaders = []
  #givenUp = false
  #resolve!: (response: SubResponse) => void
  #reject!: (reason: unknown) => void

  constructor(request: SubRequest, backend: BackendHandle, host: string, name: string) {
    this.#request = request
    this.#backend = backend
    this.#host = host
    this.#name = name
    this.#body = new KeptBody(request.maxBytes)
  }

  /** @param signal aborts with what is to be thrown */
  async run(signal: AbortSignal): Promise<SubResponse> {
    const { method, target, headers, body } = this.#request
    const { promise, resolve, reject } = Promise.withResolvers<SubResponse>()
    this.#resolve = resolve
    this.#reject = reject
    const withdraw = this.#backend.dispatch(
      {
        method: method as Dispatcher.HttpMethod,
        path: target,
        headers: headerValue(headers, 'host') === undefined ? [...headers, 'Host', this.#host] : headers,
        body: body ?? null,
      },
      this,
    )
    const giveUp = () => {
      this.#givenUp = true
      // The backend has failed when it took too long, and not when nobody wanted to know any more.
      if (signal.reason instanceof GatewayFault) this.#backend.failed('answer', signal.reason.message)
      reject(signal.reason)
      if (this.#controller === null) withdraw()
      else this.#controller.abort(new Error('given up'))
    }
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
  }

  onResponseStarted(): void {}

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return
    this.#status = status
    this.#headers = toRawHeaders(controller.rawHeaders as (Buffer | string)[] | null)
  }

  onBodySent(): void {}

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body.add(chunk)
  }

  onResponseEnd(): void {
    this.#resolve({ status: this.#status, headers: this.#headers, body: this.#body.content() })
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#givenUp) return
    const { url } = this.#backend.backend
    const fault =
      this.#controller === null ? unsentFault(error, url, this.#name) : upstreamFault(error, url, this.#name, false)
    this.#backend.failed(this.#controller === null ? 'dial' : 'answer', fault.message)
    this.#reject(fault)
  }
}
