import { Readable } from 'node:stream'
import { GatewayFault } from './gateway-fault.js'

/**
 * A request's body on its way to a backend. It stands between the client's stream and the forwarder so that a forwarder
 * that destroys its input on failure does not take the client's connection with it: the client still gets an answer.
 *
 * It reads a little before anybody asks for it: the end of a connection is only seen behind the bytes before it, and a
 * client may vanish while its backend is still being dialled.
 */
export class RequestBody extends Readable {
  /** bytes read from the client so far */
  bytes = 0
  /** the forwarder wants more and the client has not sent it yet */
  waiting = false
  readonly #source: Readable
  readonly #limit: number
  /** what has come before anybody asked; null once somebody has */
  #ahead: Buffer[] | null = []
  #ended = false

  /**
   * @param source the client's stream
   * @param limit most bytes it may send; Infinity for none
   * @param unread an earlier reader of the same source that nobody has read from: what it holds comes first
   */
  constructor(source: Readable, limit: number, unread: RequestBody | null = null) {
    super({ highWaterMark: 256 * 1024 })
    this.#source = source
    this.#limit = limit
    if (unread !== null) {
      this.#ahead = unread.#ahead ?? []
      this.#ended = unread.#ended
      this.bytes = unread.bytes
    }
    this.on('error', ignore) // told to whoever reads; while a connection is still being made, that is nobody
    source.on('data', this.#onData)
    source.on('end', this.#onEnd)
    source.on('error', this.#onError)
    source.on('close', this.#onClose)
    if (this.bytes < AHEAD_BYTES) source.resume()
  }

  override _read(): void {
    const ahead = this.#ahead
    if (ahead !== null) {
      this.#ahead = null
      for (const chunk of ahead) this.push(chunk)
      if (this.#ended) this.push(null)
    }
    if (this.#ended) return
    this.waiting = true
    this.#source.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.waiting = false
    if (this.#ahead !== null) this.#source.pause() // another reader may come for it
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
    if (this.#ahead !== null) {
      this.#ahead.push(chunk)
      if (this.bytes >= AHEAD_BYTES) this.#source.pause()
      return
    }
    this.waiting = false
    if (!this.push(chunk)) this.#source.pause()
    else this.waiting = true
  }

  readonly #onEnd = (): void => {
    this.waiting = false
    this.#ended = true
    if (this.#ahead === null) this.push(null)
  }

  readonly #onError = (error: Error): void => {
    this.destroy(error)
  }

  readonly #onClose = (): void => {
    if (!this.#source.readableEnded)
      this.destroy(new Error('the client closed its stream before the body was complete'))
  }
}

/** Read before anybody asks. */
const AHEAD_BYTES = 64 * 1024

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
