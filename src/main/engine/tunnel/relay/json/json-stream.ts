import { Duplex } from 'node:stream'
import { MAX_DATA } from '../../frames.js'
import { TunnelError } from '../../tunnel-stream.js'
import type { AgentStream } from '../agent-link.js'
import type { JsonUser } from './json-messages.js'

/** The connection that a stream is part of. */
export interface JsonCarrier {
  /** @param written called when the socket has taken it */
  sendData(user: JsonUser, chunk: Buffer, written: (error?: Error | null) => void): void
  sendDisconnect(user: JsonUser): void
  /** The stream holds more than it may, or no longer does. */
  hold(stream: JsonStream, holding: boolean): void
  over(stream: JsonStream): void
}

/** Bytes that are kept for a user who does not take them; then the client has to wait, with all its users. */
const HELD_AT_MOST = 256 * 1024
/** Milliseconds that such a user has, and then is ended for the sake of the others. */
const STALL_MS = 3_000
/**
 * The messages know no half-close. A user who has ended is still answered until nothing came for this long, and one whose
 * service has ended has as long to end as well; in milliseconds.
 */
const GRACE_MS = 2_000

/** One user's connection in the older form of the protocol. */
export class JsonStream extends Duplex implements AgentStream {
  readonly user: JsonUser
  bytesIn = 0
  bytesOut = 0
  readonly #carrier: JsonCarrier
  /** the client knows that it is over */
  #told = false
  #clientEnded = false
  #holding = false
  #userEnded = false
  #grace: NodeJS.Timeout | null = null
  #stalled: NodeJS.Timeout | null = null

  constructor(user: JsonUser, carrier: JsonCarrier) {
    super({ allowHalfOpen: true, writableHighWaterMark: MAX_DATA })
    this.user = user
    this.#carrier = carrier
    this.on('error', () => {}) // for whoever uses it
  }

  receive(bytes: Buffer): void {
    if (this.#clientEnded || this.destroyed || bytes.length === 0) return
    this.bytesIn += bytes.length
    this.push(bytes)
    if (this.#userEnded) this.#startGrace()
    if (this.readableLength > HELD_AT_MOST) this.#hold(true)
  }

  /** The client's connection to the service is over. */
  receiveDisconnect(): void {
    if (this.#clientEnded || this.destroyed) return
    this.#clientEnded = true
    this.#told = true
    // Without an answer there was, as far as anybody can tell, no service.
    if (this.bytesIn === 0 && !this.#userEnded) this.destroy(new TunnelError('unreachable', 'the client disconnected'))
    else this.push(null)
    this.once('end', () => this.#startGrace())
  }

  fail(error: TunnelError): void {
    this.#told = true
    this.destroy(error)
  }

  override _read(): void {
    this.#hold(false)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: (error?: Error | null) => void): void {
    if (this.#told) {
      written()
      return
    }
    this.bytesOut += chunk.length
    this.#carrier.sendData(this.user, chunk, written)
  }

  override _final(finished: (error?: Error | null) => void): void {
    this.#userEnded = true
    if (!this.#clientEnded) this.#startGrace()
    finished()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.#grace !== null) clearTimeout(this.#grace)
    this.#hold(false)
    this.#disconnect()
    this.#carrier.over(this)
    callback(error)
  }

  #startGrace(): void {
    if (this.#grace !== null) clearTimeout(this.#grace)
    if (this.destroyed) return
    this.#grace = setTimeout(() => {
      if (this.#clientEnded) this.destroy()
      else this.#disconnect()
    }, GRACE_MS).unref()
  }

  /** Tells the client; what it still sends is not waited for. */
  #disconnect(): void {
    if (this.#told) return
    this.#told = true
    this.#carrier.sendDisconnect(this.user)
    if (this.destroyed) return
    this.#clientEnded = true
    this.push(null)
  }

  #hold(holding: boolean): void {
    if (holding === this.#holding) return
    this.#holding = holding
    this.#carrier.hold(this, holding)
    if (this.#stalled !== null) clearTimeout(this.#stalled)
    const stalled = () => this.destroy(new TunnelError('limit', 'the user takes nothing'))
    this.#stalled = holding ? setTimeout(stalled, STALL_MS) : null
  }
}
