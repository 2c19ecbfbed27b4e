import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2'
import type { Socket } from 'node:net'

/** Requests at once on one connection at most, whatever the backend allows. */
const MAX_STREAMS = 256
/** gRPC servers take pings that come more often than every five minutes for an attack. */
const PING_AFTER_MS = 310_000
const PING_ANSWER_MS = 5_000
/** A connection on which a request got no answer in time is asked whether anybody is there, this often at most. */
const SUSPECT_AGAIN_MS = 60_000

/** One request on its way over HTTP/2. */
export interface OpenedStream {
  readonly stream: ClientHttp2Stream
  /** the connection had carried a request before */
  readonly reused: boolean
  /** the connection has ended under it */
  readonly lost: boolean
  /** once the stream has failed: the backend did nothing of the request (RFC 9113 section 8.7) */
  readonly unprocessed: boolean
  /** No answer came in time: the connection gets no more requests until its backend has shown that it is there. */
  suspect(): void
}

/** One HTTP/2 connection to a backend (RFC 9113). */
export class Http2Connection {
  /** requests under way */
  streams = 0
  /** since when there are none; performance.now() milliseconds */
  idleSince = performance.now()
  /** it takes no further request: the backend or this side is ending it */
  closing = false
  /** the last request that the backend may have worked on, once it has said so */
  lastStream = Number.POSITIVE_INFINITY
  readonly #session: ClientHttp2Session
  readonly #socket: Socket
  readonly #changed: () => void
  #capacity = 0
  #used = false
  #bytesRead = 0
  #heardAt = performance.now()
  #pinging: NodeJS.Timeout | null = null
  #suspectedAt = Number.NEGATIVE_INFINITY

  /** @param changed called when there may be room for a request, or when it takes no more */
  constructor(session: ClientHttp2Session, socket: Socket, changed: () => void) {
    this.#session = session
    this.#socket = socket
    this.#changed = changed
    this.#settle()
    session.on('remoteSettings', () => {
      this.#settle()
      changed()
    })
    session.on('goaway', (_code, lastStream) => {
      this.lastStream = lastStream
      this.#retire()
    })
    session.on('close', () => this.#retire())
  }

  /** Requests that may be sent now. */
  get room(): number {
    if (this.closing || this.#pinging !== null) return 0
    if (this.#session.closed || this.#session.destroyed || this.#socket.destroyed) return 0
    return this.#capacity - this.streams
  }

  get lost(): boolean {
    return this.#session.destroyed || this.#socket.destroyed
  }

  /**
   * Sends the head of a request.
   *
   * @param fields names and values in turn, pseudo-header fields first
   * @throws TypeError when HTTP/2 cannot carry them
   */
  open(fields: readonly string[], endStream: boolean): OpenedStream {
    const stream = this.#session.request(fields, { endStream, waitForTrailers: !endStream })
    const opened = new Opened(this, stream, this.#used)
    this.#used = true
    this.streams += 1
    stream.once('close', () => {
      this.streams -= 1
      if (this.streams === 0) this.idleSince = performance.now()
      this.#changed()
    })
    return opened
  }

  /** Looked at regularly: ends it when it is of no use, asks the backend for a sign of life when it is silent for long. */
  check(now: number, idleMs: number): void {
    if (this.streams === 0) {
      if (now - this.idleSince >= idleMs) this.close()
      return
    }
    if (this.#socket.bytesRead !== this.#bytesRead) {
      this.#bytesRead = this.#socket.bytesRead
      this.#heardAt = now
    } else if (now - this.#heardAt >= PING_AFTER_MS) {
      this.#heardAt = now
      this.#ping()
    }
  }

  suspect(): void {
    const now = performance.now()
    if (now - this.#suspectedAt < SUSPECT_AGAIN_MS) return
    this.#suspectedAt = now
    this.#ping()
  }

  /** Lets running requests end. */
  close(): void {
    this.closing = true
    if (!this.#session.closed) this.#session.close()
    this.#changed()
  }

  destroy(): void {
    this.closing = true
    this.#session.destroy()
  }

  #retire(): void {
    if (this.#pinging !== null) clearTimeout(this.#pinging)
    this.#pinging = null
    this.closing = true
    this.#changed()
  }

  #settle(): void {
    this.#capacity = Math.min(MAX_STREAMS, this.#session.remoteSettings.maxConcurrentStreams ?? MAX_STREAMS)
  }

  #ping(): void {
    if (this.#pinging !== null || this.lost) return
    this.#pinging = setTimeout(() => this.destroy(), PING_ANSWER_MS).unref()
    this.#session.ping((error) => {
      if (this.#pinging !== null) clearTimeout(this.#pinging)
      this.#pinging = null
      if (error === null) this.#changed()
    })
  }
}

class Opened implements OpenedStream {
  readonly #connection: Http2Connection

  constructor(
    connection: Http2Connection,
    readonly stream: ClientHttp2Stream,
    readonly reused: boolean,
  ) {
    this.#connection = connection
  }

  get lost(): boolean {
    return this.#connection.lost
  }

  get unprocessed(): boolean {
    const { id, rstCode } = this.stream
    return id === undefined || rstCode === constants.NGHTTP2_REFUSED_STREAM || id > this.#connection.lastStream
  }

  suspect(): void {
    this.#connection.suspect()
  }
}
