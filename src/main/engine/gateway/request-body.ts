import { Readable } from 'node:stream'
import { GatewayFault } from './gateway-fault.js'

/** Whether the body can be sent once more from its beginning; lost: part of it has gone and was not kept. */
export type BodyState = 'none' | 'kept' | 'lost'

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
  readonly #keep: boolean
  /** all that has come so far; null once part of it is gone */
  #kept: Buffer[] | null = []
  /** somebody has asked for it */
  #asked = false
  #ended = false
  #attached = true

  /**
   * @param source the client's stream
   * @param limit most bytes it may send; Infinity for none
   * @param before an earlier reader of the same source whose state is `kept`: what that one got comes first
   * @param keep hold what has been read, as long as it is not more than 64 KiB, so that it can be read again
   */
  constructor(source: Readable, limit: number, before: RequestBody | null = null, keep = false) {
    super({ highWaterMark: 256 * 1024 })
    this.#source = source
    this.#limit = limit
    this.#keep = keep
    if (before !== null) {
      this.#kept = before.#kept
      this.#ended = before.#ended
      this.bytes = before.bytes
      before.#detach()
    }
    this.on('error', ignore) // told to whoever reads; while a connection is still being made, that is nobody
    source.on('data', this.#onData)
    source.on('end', this.#onEnd)
    source.on('error', this.#onError)
    source.on('close', this.#onClose)
    if (this.bytes < KEPT_BYTES) source.resume()
  }

  get state(): BodyState {
    return this.#kept === null ? 'lost' : 'kept'
  }

  /** What can be read once more; until somebody reads, all that has come. */
  get kept(): readonly Buffer[] {
    return this.#kept ?? []
  }

  /** It is not going to be read again: what was kept for that is let go. */
  forget(): void {
    if (this.#asked) this.#kept = null
  }

  /** Nobody is going to read it, from its beginning or at all. */
  discard(): void {
    this.#kept = null
    this.destroy()
  }

  override _read(): void {
    if (!this.#asked) {
      this.#asked = true
      for (const chunk of this.#kept ?? []) this.push(chunk)
      if (this.#ended) this.push(null)
      if (!this.#keep || this.bytes > KEPT_BYTES) this.#kept = null
    }
    if (this.#ended) return
    this.waiting = true
    this.#source.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.waiting = false
    if (this.#attached && this.#kept !== null) this.#source.pause() // another reader may come for it
    this.#detach()
    callback(error)
  }

  #detach(): void {
    if (!this.#attached) return
    this.#attached = false
    this.#source.off('data', this.#onData)
    this.#source.off('end', this.#onEnd)
    this.#source.off('error', this.#onError)
    this.#source.off('close', this.#onClose)
    this.#source.on('error', ignore)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.bytes += chunk.length
    if (this.bytes > this.#limit) {
      this.#kept = null
      this.destroy(bodyTooLarge(this.#limit))
      return
    }
    if (!this.#asked) {
      this.#kept?.push(chunk)
      if (this.bytes >= KEPT_BYTES) this.#source.pause()
      return
    }
    if (this.bytes > KEPT_BYTES) this.#kept = null
    else this.#kept?.push(chunk)
    this.waiting = false
    if (!this.push(chunk)) this.#source.pause()
    else this.waiting = true
  }

  readonly #onEnd = (): void => {
    this.waiting = false
    this.#ended = true
    if (this.#asked) this.push(null)
  }

  readonly #onError = (error: Error): void => {
    this.destroy(error)
  }

  readonly #onClose = (): void => {
    if (!this.#source.readableEnded)
      this.destroy(new Error('the client closed its stream before the body was complete'))
  }
}

/** Read before anybody asks, and kept to be read again. */
const KEPT_BYTES = 64 * 1024

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
