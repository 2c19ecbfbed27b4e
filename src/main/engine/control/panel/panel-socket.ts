import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import type { RawData, WebSocket } from 'ws'
import type { Portal } from '../../../../shared/contract.js'
import { Fault } from '../../../../shared/fault.js'
import { answerRequest, encodeAnswer } from '../answer-request.js'
import { type EventFeed, type Follower, MAX_PENDING_BYTES } from '../event-feed.js'
import { decodeClientFrame, encodeFrame } from '../protocol.js'
import { isLoopbackAddress } from './gate.js'
import { withoutMachineChanges } from './machine-owner.js'

/** Close codes (RFC 6455 section 7.4.1). By the last a window knows that it has to be logged in again. */
export const CLOSE = { goingAway: 1001, protocol: 1002, text: 1003, session: 1008 } as const
const PING_MS = 30_000

export interface PanelSocketParts {
  /** open */
  socket: WebSocket
  /** what the socket writes to */
  duplex: Duplex
  /** id of the session that it belongs to */
  session: string
  /** peer's address */
  client: string
  portal: Portal
  feed: EventFeed
  log: Logger
  /** notes that the session is in use; false when it has ended */
  touch: () => boolean
  /** notes what was received and sent, in bytes */
  meter: { bytesIn: number; bytesOut: number }
  /** milliseconds between two pings, 30 s unless told */
  pingMs?: number
}

/**
 * One window in a browser, speaking the frames of the control socket, one a message. As there, requests are carried out
 * one after another, and a window that sends without reading is not read from either.
 */
export class PanelSocket implements Follower {
  readonly session: string
  readonly client: string
  readonly #parts: PanelSocketParts
  readonly #waiting: string[] = []
  #busy = false
  #alive = true
  #closing = false

  constructor(parts: PanelSocketParts) {
    this.session = parts.session
    this.client = parts.client
    this.#parts = isLoopbackAddress(parts.client) ? parts : { ...parts, portal: withoutMachineChanges(parts.portal) }
    const { socket, duplex, feed } = parts
    const pings = setInterval(() => this.#ping(), parts.pingMs ?? PING_MS).unref()
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary))
    socket.on('pong', () => {
      this.#alive = true
    })
    socket.on('error', (err) => parts.log.debug({ err }, 'a window of the panel broke off'))
    socket.on('close', () => {
      clearInterval(pings)
      this.#closing = true
      feed.drop(this)
    })
    duplex.on('drain', () => this.#drained())
  }

  get pendingBytes(): number {
    return this.#parts.socket.bufferedAmount
  }

  send(line: string): void {
    const { socket, meter } = this.#parts
    if (socket.readyState !== socket.OPEN) return
    meter.bytesOut += Buffer.byteLength(line)
    socket.send(line)
  }

  /** Carries out nothing more and says why. @param code of `CLOSE` */
  close(code: number, reason: string): void {
    if (this.#closing) return
    this.#closing = true
    this.#waiting.length = 0
    this.#parts.feed.drop(this)
    this.#parts.socket.resume() // the answer to the close has to be read
    this.#parts.socket.close(code, reason)
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#closing) return
    if (isBinary) return void this.close(CLOSE.text, 'messages are text')
    const text = data.toString()
    this.#parts.meter.bytesIn += Buffer.byteLength(text)
    this.#waiting.push(text)
    if (!this.#busy) void this.#work()
  }

  async #work(): Promise<void> {
    const { socket } = this.#parts
    this.#busy = true
    socket.pause()
    while (!this.#closing && this.#waiting.length > 0 && this.pendingBytes < MAX_PENDING_BYTES)
      await this.#obey(this.#waiting.shift() as string)
    this.#busy = false
    if (!this.#closing && this.#waiting.length === 0 && this.pendingBytes < MAX_PENDING_BYTES) socket.resume()
  }

  async #obey(text: string): Promise<void> {
    const { feed, touch } = this.#parts
    if (!touch()) return void this.close(CLOSE.session, 'the session has ended')
    try {
      const frame = decodeClientFrame(text)
      if ('subscribe' in frame) feed.follow(frame.subscribe, this)
      else if ('unsubscribe' in frame) feed.unfollow(frame.unsubscribe, this)
      else this.send(encodeAnswer(await answerRequest(frame, this.#parts)))
    } catch (thrown) {
      this.send(encodeFrame({ id: null, fault: Fault.of(thrown).toJSON() }))
      this.close(CLOSE.protocol, 'not a message that is known here')
    }
  }

  #drained(): void {
    if (this.#closing) return
    this.#parts.feed.caughtUp(this)
    if (!this.#busy) void this.#work()
  }

  /** A window that does not answer is gone; one that does keeps its session in use. */
  #ping(): void {
    const { socket, touch } = this.#parts
    if (!touch()) return void this.close(CLOSE.session, 'the session has ended')
    if (!this.#alive && !this.#busy) return void socket.terminate() // one that waits for an answer is not read from
    this.#alive = false
    socket.ping()
  }
}
