import type { WebSocket } from 'ws'
import { FrameBuffers } from './frame-buffers.js'
import { dataMessage, encodeFrame, type Frame, HEAD } from './frames.js'
import type { TunnelStream } from './tunnel-stream.js'
import { Turns } from './turns.js'

/** Data waits for its turn while this much has not been taken by the socket, in bytes: what is here, nothing goes past. */
const BUSY_ABOVE = 64 * 1024
/** A peer that makes this side answer without reading the answers is ended here, in bytes. */
const HELD_AT_MOST = 4 * 1024 * 1024

/** What one end of a tunnel sends: frames of its own at once, data of streams in turn. */
export class FrameSender {
  readonly #socket: WebSocket
  readonly #unread: () => void
  readonly #turns = new Turns<TunnelStream>()
  readonly #buffers = new FrameBuffers()
  #taking = false
  #stopped = false
  /** The socket has room again. */
  readonly #drained = () => {
    if (!this.#turns.empty) this.#takeTurns()
  }

  /** @param unread called instead of sending, when the peer does not read what it is sent */
  constructor(socket: WebSocket, unread: () => void) {
    this.#socket = socket
    this.#unread = unread
  }

  send(frame: Frame): void {
    if (this.#stopped) return
    if (this.#socket.bufferedAmount > HELD_AT_MOST) this.#unread()
    else this.#socket.send(encodeFrame(frame), this.#drained)
  }

  /** A stream has something to send, and is asked for it in its turn. */
  ready(stream: TunnelStream): void {
    if (stream.queued) return
    stream.queued = true
    this.#turns.add(stream)
    this.#takeTurns()
  }

  /** Nothing is sent any more. */
  stop(): void {
    this.#stopped = true
  }

  /** One frame of each stream in turn, as long as the socket takes them. */
  #takeTurns(): void {
    if (this.#taking) return
    this.#taking = true
    while (this.#socket.bufferedAmount < BUSY_ABOVE) {
      const stream = this.#turns.next()
      if (stream === undefined) break
      stream.queued = false
      const next = stream.destroyed ? null : stream.nextOutgoing()
      if (next === null) continue
      if (next === 'close') this.send({ type: 'close', stream: stream.id })
      else this.#sendData(stream.id, next.pieces, next.size)
      stream.sent()
      if (!stream.queued && stream.hasTurn) {
        stream.queued = true
        this.#turns.add(stream)
      }
    }
    this.#taking = false
  }

  #sendData(stream: number, pieces: readonly Buffer[], size: number): void {
    if (this.#stopped) return
    const buffer = this.#buffers.take(HEAD + size)
    this.#socket.send(dataMessage(buffer, stream, pieces), (error) => {
      if (error == null) this.#buffers.giveBack(buffer)
      this.#drained()
    })
  }
}
