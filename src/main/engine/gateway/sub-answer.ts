import { GatewayFault } from './gateway-fault.js'
import type { RawHeaders } from './headers.js'
import { KeptBody } from './kept-body.js'
import type { SubResponse } from './sub-request.js'
import type { BackendHandle } from './upstream-ports.js'

/** The answer to a request of the gateway's own on its way: kept in memory up to a bound, and settled once. */
export class SubAnswer {
  readonly #backend: BackendHandle
  readonly #body: KeptBody
  readonly #promise: Promise<SubResponse>
  readonly #resolve: (response: SubResponse) => void
  readonly #reject: (reason: unknown) => void
  #status = 0
  #headers: RawHeaders = []
  #settled = false

  /** @param maxBytes of the body that are kept */
  constructor(backend: BackendHandle, maxBytes: number) {
    const { promise, resolve, reject } = Promise.withResolvers<SubResponse>()
    this.#backend = backend
    this.#body = new KeptBody(maxBytes)
    this.#promise = promise
    this.#resolve = resolve
    this.#reject = reject
  }

  /** Whether its head has come. */
  get begun(): boolean {
    return this.#status !== 0
  }

  begin(status: number, headers: RawHeaders): void {
    this.#status = status
    this.#headers = headers
  }

  add(chunk: Buffer): void {
    this.#body.add(chunk)
  }

  /** All of it has come. */
  end(): void {
    if (this.#settled || !this.begun) return
    this.#settled = true
    this.#resolve({ status: this.#status, headers: this.#headers, body: this.#body.content() })
  }

  /** It will not come. */
  fail(kind: 'dial' | 'answer', fault: GatewayFault): void {
    if (this.#settled) return
    this.#settled = true
    this.#backend.failed(kind, fault.message)
    this.#reject(fault)
  }

  /**
   * Waits for all of it.
   *
   * @param signal aborts with what is to be thrown
   * @param withdraw ends the request when it does
   */
  async wait(signal: AbortSignal, withdraw: () => void): Promise<SubResponse> {
    const giveUp = () => {
      // The backend has failed when it took too long, and not when nobody wanted to know any more.
      if (signal.reason instanceof GatewayFault) this.#backend.failed('answer', signal.reason.message)
      this.#settled = true
      this.#reject(signal.reason)
      withdraw()
    }
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      return await this.#promise
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }
}
