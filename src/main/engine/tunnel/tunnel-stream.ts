import { Duplex } from 'node:stream'
import { ByteQueue } from './byte-queue.js'
import { INITIAL_WINDOW, MAX_DATA, type TunnelErrorName } from './frames.js'
import { Pieces } from './pieces.js'

/** What is granted anew once so much was read: often enough that a sender never has to wait for it. */
const GRANT_STEP = INITIAL_WINDOW / 4

/** A stream that did not end by both sides having closed it. */
export class TunnelError extends Error {
  override readonly name = 'TunnelError'
  readonly error: TunnelErrorName

  constructor(error: TunnelErrorName, reason: string) {
    super(reason)
    this.error = error
  }
}

/** The connection that a stream is part of. */
export interface StreamCarrier {
  /** The stream has something to send, and is asked for it in its turn. */
  ready(stream: TunnelStream): void
  grant(stream: TunnelStream, bytes: number): void
  /** Sends an error frame, unless the peer knows already. */
  abort(stream: TunnelStream, error: TunnelErrorName, reason: string): void
  /** Both directions are over. */
  over(stream: TunnelStream): void
}

/** What is to be sent next on a stream. */
export type Outgoing = { pieces: readonly Buffer[]; size: number } | 'close'

type Callback = (error?: Error | null) => void

/**
 * One connection inside the tunnel. Ending it leaves the other direction open; destroying it with an error resets the
 * peer's end. What is received and not yet read is never more than its window.
 */
export class TunnelStream extends Duplex {
  readonly id: number
  bytesIn = 0
  bytesOut = 0
  /** waits for its turn */
  queued = false
  /** the peer knows that the stream is over */
  peerKnows = false
  readonly #carrier: StreamCarrier
  #credit = INITIAL_WINDOW
  #window = INITIAL_WINDOW
  /** taken by the reader and not granted again yet */
  #read = 0
  /** handed over, and not taken before the reader asks for more */
  #handed = 0
  readonly #incoming = new ByteQueue()
  #wanted = false
  #peerClosed = false
  #ended = false
  readonly #pending = new Pieces()
  #written: Callback | null = null
  #finished: Callback | null = null

  constructor(id: number, carrier: StreamCarrier) {
    super({ allowHalfOpen: true, readableHighWaterMark: 1, writableHighWaterMark: MAX_DATA })
    this.id = id
    this.#carrier = carrier
  }

  /** The peer's data. @returns false when it sent more than it was granted */
  receive(bytes: Buffer): boolean {
    if (bytes.length > this.#window || this.#peerClosed) return false
    this.#window -= bytes.length
    this.bytesIn += bytes.length
    if (this.destroyed) return true
    if (this.#wanted && this.#incoming.empty) this.#handOver(bytes)
    else this.#incoming.add(bytes)
    return true
  }

  /** The peer sends no more. @returns false when it had said so before */
  receiveClose(): boolean {
    if (this.#peerClosed) return false
    this.#peerClosed = true
    this.#deliver()
    return true
  }

  /** The peer has read this much. @returns false when that is more than was sent */
  receiveCredit(bytes: number): boolean {
    if (this.#credit + bytes > INITIAL_WINDOW) return false
    this.#credit += bytes
    if (this.#pending.size > 0) this.#carrier.ready(this)
    return true
  }

  /** The peer has ended the stream, or the connection that it is part of is lost. */
  receiveError(error: TunnelErrorName, reason: string): void {
    this.peerKnows = true
    this.destroy(new TunnelError(error, reason))
  }

  /** What may be sent now; null when nothing. The carrier asks in turn. */
  nextOutgoing(): Outgoing | null {
    if (this.#pending.size === 0) {
      if (this.#finished === null) return null
      this.#settleFinished()
      return 'close'
    }
    const size = Math.min(this.sendable, MAX_DATA)
    if (size === 0) return null
    this.#credit -= size
    this.bytesOut += size
    return { pieces: this.#pending.take(size), size }
  }

  /** What was taken is on its way: the next write may come. */
  sent(): void {
    if (this.#pending.size > 0 || this.#written === null) return
    const written = this.#written
    this.#written = null
    written()
  }

  /** Whether it would be given something by `nextOutgoing`. */
  get hasTurn(): boolean {
    return this.#pending.size === 0 ? this.#finished !== null : this.#credit > 0
  }

  /** Bytes that may be sent now. */
  get sendable(): number {
    return Math.min(this.#pending.size, this.#credit)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: Callback): void {
    this.#add([chunk], written)
  }

  /** What was written while corked, or while something else was on its way, such as a head and its body. */
  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], written: Callback): void {
    this.#add(
      chunks.map(({ chunk }) => chunk),
      written,
    )
  }

  override _final(finished: Callback): void {
    this.#finished = finished
    this.#carrier.ready(this)
  }

  override _read(): void {
    const taken = this.#handed
    this.#handed = 0
    this.#wanted = true
    this.#used(taken)
    this.#deliver()
  }

  override _destroy(error: Error | null, callback: Callback): void {
    const complete = this.#peerClosed && this.writableFinished
    if (!this.peerKnows && !(complete && error === null)) {
      const told = error instanceof TunnelError ? error.error : 'reset'
      this.#carrier.abort(this, told, error?.message ?? 'the connection was closed')
    }
    this.peerKnows = true
    this.#incoming.clear()
    this.#pending.set([])
    this.#carrier.over(this)
    const [written, finished] = [this.#written, this.#finished]
    this.#written = null
    this.#finished = null
    callback(error)
    if (written === null && finished === null) return
    const ended = error ?? new TunnelError('reset', 'the connection was closed')
    written?.(ended)
    finished?.(ended)
  }

  #add(chunks: Buffer[], written: Callback): void {
    this.#pending.set(chunks)
    if (this.#pending.size === 0) {
      written()
      return
    }
    this.#written = written
    if (this.#credit > 0) this.#carrier.ready(this)
  }

  #deliver(): void {
    while (this.#wanted) {
      const chunk = this.#incoming.shift()
      if (chunk === undefined) break
      this.#handOver(chunk)
    }
    if (!this.#peerClosed || !this.#incoming.empty || this.#ended) return
    this.#ended = true
    this.push(null)
  }

  /** What the reader does not take at once is kept by the stream, and is part of the window still. */
  #handOver(chunk: Buffer): void {
    this.#wanted = this.push(chunk)
    if (this.#wanted) this.#used(chunk.length)
    else this.#handed = chunk.length
  }

  #used(bytes: number): void {
    this.#read += bytes
    if (this.#read < GRANT_STEP || this.#peerClosed || this.destroyed) return
    const granted = this.#read
    this.#read = 0
    this.#window += granted
    this.#carrier.grant(this, granted)
  }

  #settleFinished(): void {
    const finished = this.#finished
    this.#finished = null
    finished?.()
  }
}
