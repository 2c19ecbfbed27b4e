import type { RawData, WebSocket } from 'ws'
import { FrameSender } from './frame-sender.js'
import {
  decodeFrame,
  type Frame,
  MAX_CONTROL,
  MalformedFrame,
  type TunnelErrorName,
  type TunnelTarget,
} from './frames.js'
import { TunnelError, TunnelStream } from './tunnel-stream.js'

/** The binary form of the protocol, as it is named in Sec-WebSocket-Protocol. */
export const TUNNEL_PROTOCOL = 'portico-tunnel.v1'
/** Close codes of the WebSocket; those from 4000 on are the protocol's own (RFC 6455 section 7.4.2). */
export const LINK_CLOSE = {
  done: 1000,
  goingAway: 1001,
  protocol: 1002,
  replaced: 4001,
  revoked: 4003,
  limit: 4008,
} as const

/** After so much that came, other connections have a turn, in bytes. */
const REST_AFTER = 256 * 1024
const LAST_STREAM = 0xffff_ffff

export interface LinkEvents {
  /** The peer asks for a connection: `accept` or destroy the stream. Without it an open frame is malformed. */
  open?: (stream: TunnelStream, target: TunnelTarget, client: string) => void
  /** A control message, parsed, not validated. */
  control?: (message: unknown) => void
  /** The peer did not keep to the protocol, and is being disconnected. */
  malformed?: (reason: string) => void
  /** The connection is over, and with it every stream. */
  closed?: () => void
}

export interface LinkOptions extends LinkEvents {
  /** open, of the binary subprotocol, its `binaryType` nodebuffer */
  socket: WebSocket
  /** streams that the peer may have open at once */
  maxStreams: number
  /** milliseconds between two pings; a peer of which nothing is heard until the next one is taken for dead */
  pingMs: number
  /** number of the first stream that is opened here; 1 unless told */
  firstStream?: number
}

/** One WebSocket that carries many connections, either end of it. */
export class TunnelLink {
  /** round trip of the last ping in milliseconds; null before its answer */
  latencyMs: number | null = null
  readonly #socket: WebSocket
  readonly #options: LinkOptions
  readonly #streams = new Map<number, TunnelStream>()
  /** calls back when the agent has connected a stream that was opened here */
  readonly #opening = new Map<TunnelStream, () => void>()
  readonly #sender: FrameSender
  readonly #pings: NodeJS.Timeout
  #nextStream: number
  #lastOpened = 0
  #ping: { token: number; at: number } | null = null
  #pingToken = 0
  /** bytes that came since the others had a turn */
  #arrived = 0
  /** something came since the last question */
  #heard = false
  #closed = false

  constructor(options: LinkOptions) {
    const { socket } = options
    this.#socket = socket
    this.#options = options
    this.#sender = new FrameSender(socket, () => this.close(LINK_CLOSE.limit, 'answers are not being read'))
    this.#nextStream = options.firstStream ?? 1
    this.#pings = setInterval(() => this.#sendPing(), options.pingMs).unref()
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary))
    socket.on('error', () => socket.terminate())
    socket.on('close', () => this.#lost())
    this.#sendPing()
  }

  /** streams open now */
  get streams(): number {
    return this.#streams.size
  }

  get closed(): boolean {
    return this.#closed
  }

  /**
   * Asks the peer to connect to a target. What is written before it has is sent along.
   *
   * @param client address of whom it is for
   * @param opened called when the peer has connected; a stream that fails before is destroyed with a TunnelError
   */
  open(target: TunnelTarget, client: string, opened: () => void): TunnelStream {
    const stream = new TunnelStream(this.#nextStream++, this)
    if (this.#closed || stream.id > LAST_STREAM) {
      stream.peerKnows = true
      // The agent comes back with a connection that has all of them.
      process.nextTick(() => this.close(LINK_CLOSE.goingAway, 'no numbers of streams are left'))
      process.nextTick(() => stream.destroy(new TunnelError('reset', 'the agent is not connected')))
      return stream
    }
    this.#lastOpened = stream.id
    this.#streams.set(stream.id, stream)
    this.#opening.set(stream, opened)
    this.#sender.send({ type: 'open', stream: stream.id, target, client })
    return stream
  }

  /** Tells the peer that what it asked for is connected. */
  accept(stream: TunnelStream): void {
    if (!stream.destroyed) this.#sender.send({ type: 'opened', stream: stream.id })
  }

  /** @param message becomes JSON */
  control(message: object): void {
    this.#sender.send({ type: 'control', stream: 0, text: JSON.stringify(message) })
  }

  /** Ends the connection; every stream of it ends with an error. */
  close(code: number, reason: string): void {
    if (this.#closed) return
    this.#socket.close(code, Buffer.from(reason).subarray(0, 120).toString())
    this.#lost()
  }

  ready(stream: TunnelStream): void {
    this.#sender.ready(stream)
  }

  grant(stream: TunnelStream, bytes: number): void {
    this.#sender.send({ type: 'window', stream: stream.id, bytes })
  }

  abort(stream: TunnelStream, error: TunnelErrorName, reason: string): void {
    this.#sender.send({ type: 'error', stream: stream.id, error, reason })
  }

  over(stream: TunnelStream): void {
    this.#opening.delete(stream)
    this.#streams.delete(stream.id)
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#closed) return
    this.#heard = true
    this.#rest((data as Buffer).length)
    try {
      if (!isBinary) throw new MalformedFrame('a text message')
      this.#take(decodeFrame(data as Buffer))
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error
      this.#options.malformed?.(error.message)
      this.close(LINK_CLOSE.protocol, error.message)
    }
  }

  /** Node reads a busy socket 32 times before it looks at another, so this one is not to be read for a moment. */
  #rest(bytes: number): void {
    this.#arrived += bytes
    if (this.#arrived < REST_AFTER || this.#socket.isPaused) return
    this.#arrived = 0
    this.#socket.pause()
    setImmediate(() => this.#socket.resume())
  }

  #take(frame: Frame): void {
    if (frame.type === 'control') this.#takeControl(frame.text)
    else if (frame.type === 'ping') this.#takePing(frame.answer, frame.token)
    else if (frame.type === 'open') this.#takeOpen(frame.stream, frame.target, frame.client)
    else this.#takeForStream(frame)
  }

  #takeForStream(frame: Exclude<Frame, { type: 'control' | 'ping' | 'open' }>): void {
    const stream = this.#streams.get(frame.stream)
    if (stream === undefined) {
      // What was sent before the sender heard that the stream is over.
      if (frame.stream <= this.#lastOpened) return
      throw new MalformedFrame(`a ${frame.type} frame on stream ${frame.stream}, which was not opened`)
    }
    if (!this.#tell(stream, frame)) stream.destroy(new TunnelError('protocol', `a ${frame.type} frame out of place`))
  }

  /** @returns false when the stream's state does not allow the frame */
  #tell(stream: TunnelStream, frame: Exclude<Frame, { type: 'control' | 'ping' | 'open' }>): boolean {
    switch (frame.type) {
      case 'opened': {
        const opened = this.#opening.get(stream)
        this.#opening.delete(stream)
        opened?.()
        return opened !== undefined
      }
      case 'data':
        return stream.receive(frame.bytes)
      case 'window':
        return stream.receiveCredit(frame.bytes)
      case 'close':
        return stream.receiveClose()
      case 'error':
        stream.receiveError(frame.error, frame.reason)
        return true
    }
  }

  #takeOpen(id: number, target: TunnelTarget, client: string): void {
    const { open, maxStreams } = this.#options
    if (open === undefined) throw new MalformedFrame('an open frame of the side that opens nothing')
    if (id <= this.#lastOpened) throw new MalformedFrame(`stream ${id} after stream ${this.#lastOpened}`)
    this.#lastOpened = id
    const stream = new TunnelStream(id, this)
    // Its error is for whoever uses it.
    stream.on('error', () => {})
    this.#streams.set(id, stream)
    if (this.#streams.size > maxStreams) stream.destroy(new TunnelError('limit', `more than ${maxStreams} connections`))
    else open(stream, target, client)
  }

  #takeControl(text: string): void {
    if (text.length > MAX_CONTROL) throw new MalformedFrame('a control frame that is too long')
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch {
      throw new MalformedFrame('a control frame that is not JSON')
    }
    this.#options.control?.(message)
  }

  #takePing(answer: boolean, token: number): void {
    if (!answer) this.#sender.send({ type: 'ping', stream: 0, answer: true, token })
    if (!answer || this.#ping === null || this.#ping.token !== token) return
    this.latencyMs = performance.now() - this.#ping.at
    this.#ping = null
  }

  #sendPing(): void {
    const heard = this.#heard
    this.#heard = false
    // On a slow link an answer may wait behind megabytes of data, which are answer enough.
    if (this.#ping !== null && heard) return
    if (this.#ping !== null) {
      // After a pause of this process, what came meanwhile is told behind the timers.
      setImmediate(() => this.#giveUp())
      return
    }
    this.#pingToken = (this.#pingToken + 1) >>> 0
    this.#ping = { token: this.#pingToken, at: performance.now() }
    this.#sender.send({ type: 'ping', stream: 0, answer: false, token: this.#pingToken })
  }

  /** Nothing was heard of the peer for too long. */
  #giveUp(): void {
    if (this.#heard || this.#closed) return
    this.#socket.terminate()
    this.#lost()
  }

  #lost(): void {
    if (this.#closed) return
    this.#closed = true
    this.#sender.stop()
    clearInterval(this.#pings)
    for (const stream of [...this.#streams.values()]) stream.receiveError('reset', 'the tunnel is closed')
    this.#options.closed?.()
  }
}
