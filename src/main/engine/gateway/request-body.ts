import { Readable } from 'node:stream'
import { GatewayFault } from './gateway-fault.js'

/**
 * A request's body on its way to a backend. It stands between the client's stream and the forwarder so that a forwarder
 * that destroys its input on failure does not take the client's connection with it: the client still gets an answer.
 */
export class RequestBody extends Readable {
  /** bytes read from the client so far */
  bytes = 0
  /** the forwarder wants more and the client has not sent it yet */
  waiting = false
  readonly #source: Readable
  readonly #limit: number

  /**
   * @param source the client's stream
   * @param limit most bytes it may send; Infinity for none
   */
  constructor(source: Readable, limit: number) {
    super({ highWaterMark: 256 * 1024 })
    this.#source = source
    this.#limit = limit
    this.on('error', ignore) // told to whoever reads; while a connection is still being made, that is nobody
    source.on('data', this.#onData)
    source.on('end', this.#onEnd)
    source.on('error', this.#onError)
    source.on('close', this.#onClose)
    source.pause()
  }

  override _read(): void {
    this.waiting = true
    this.#source.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.waiting = false
    this.#source.off('data', this.#onData)
    this.#source.off('end', this.#onEnd)
    this.#source.off('error', this.#onError)
    this.#source.off('close', this.#onClose)
    this.#source.on('error', ignore)
    callback(error)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.bytes += chunk.length
    if (this.bytes > this.#limit) {
      this.destroy(bodyTooLarge(this.#limit))
      return
    }
    this.waiting = false
    if (!this.push(chunk)) this.#source.pause()
    else this.waiting = true
  }

  readonly #onEnd = (): void => {
    this.waiting = false
    this.push(null)
  }

  readonly #onError = (error: Error): void => {
    this.destroy(error)
  }

  readonly #onClose = (): void => {
    if (!this.#source.readableEnded)
      this.destroy(new Error('the client closed its stream before the body was complete'))
  }
}

export function bodyTooLarge(limit: number): GatewayFault {
  return new GatewayFault(
    'body-too-large',
    413,
    `The request body is larger than ${limit} bytes.`,
    'Raise limits.bodyBytes in the config, or send less.',
  )
}

/** A stream whose owner has let go of it, or has not come yet, may still fail. */
function ignore(): void {}
