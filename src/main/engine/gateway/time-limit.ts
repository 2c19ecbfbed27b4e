import { GatewayFault } from './gateway-fault.js'

/** Ends a request when its time is up, or when nobody waits for it any more. */
export class TimeLimit {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #outer: AbortSignal | undefined
  readonly #withdraw = () => this.#controller.abort(this.#outer?.reason)

  constructor(name: string, timeoutMs: number, outer: AbortSignal | undefined) {
    this.#outer = outer
    this.#timer = setTimeout(() => {
      const hint = 'Look at what it is doing, or give it more time in the config.'
      this.#controller.abort(
        new GatewayFault('upstream-timeout', 504, `${name} did not answer within ${timeoutMs} ms.`, hint),
      )
    }, timeoutMs)
    if (outer?.aborted === true) this.#withdraw()
    else outer?.addEventListener('abort', this.#withdraw, { once: true })
  }

  /** aborts with what is to be thrown */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#outer?.removeEventListener('abort', this.#withdraw)
  }
}
