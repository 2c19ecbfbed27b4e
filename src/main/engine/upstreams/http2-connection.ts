import http2, {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  constants,
  type ServerOptions,
} from 'node:http2'
import type { Socket } from 'node:net'
import { type DialTarget, dial } from './dial.js'

/** Requests at once on one connection at most, whatever the backend allows. */
const MAX_STREAMS = 256
/**
 * What a backend may send on a stream that is not being read: with the number of streams, what one connection can make
 * the gateway hold. The connection's own window is given back at once, so that no stream waits for another.
 */
const STREAM_WINDOW = 256 * 1024
const SESSION_WINDOW = 16 * 1024 * 1024
/** gRPC servers take pings that come more often than every five minutes for an attack. */
const PING_AFTER_MS = 310_000
const PING_ANSWER_MS = 5_000
/** A connection on which a request got no answer in time is asked whether anybody is there, this often at most. */
const SUSPECT_AGAIN_MS = 60_000

/** The backend accepted the connection and does not speak HTTP/2 on it; nothing was sent. */
export class NotHttp2 extends Error {
  override readonly name = 'NotHttp2'
  readonly code = 'ERR_NOT_HTTP2'
}

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

/**
 * Connects and waits for the backend's SETTINGS: they come first and at once from whoever speaks HTTP/2 (RFC 9113 section
 * 3.4), so that a backend which does not is found out before anything was sent.
 *
 * @param origin scheme, host and port
 * @param callback receives the session, or the reason there is none
 * @returns gives the attempt up, without a call of `callback`
 */
export function dialHttp2(
  target: DialTarget,
  origin: string,
  callback: (error: Error | null, session: ClientHttp2Session | null, socket: Socket | null) => void,
): () => void {
  const begun = performance.now()
  let session: ClientHttp2Session | null = null
  let timer: NodeJS.Timeout | undefined
  let settled = false
  const giveUpDialling = dial({ ...target, protocols: ['h2'] }, (error, socket) => {
    if (socket === null) return settle(refusedProtocol(error as Error, origin))
    if (target.secure && 'alpnProtocol' in socket && socket.alpnProtocol !== 'h2') {
      socket.destroy()
      return settle(new NotHttp2(`${origin} does not offer HTTP/2 (ALPN "h2")`))
    }
    const left = Math.max(1, target.timeoutMs - (performance.now() - begun))
    timer = setTimeout(() => settle(new NotHttp2(`${origin} did not begin HTTP/2 in time`)), left)
    const opening = openSession(socket, origin)
    session = opening
    opening.on('error', () => settle(new NotHttp2(`${origin} does not speak HTTP/2`)))
    opening.on('close', () => settle(new NotHttp2(`${origin} does not speak HTTP/2`)))
    opening.once('remoteSettings', ({ maxConcurrentStreams }) => {
      if (maxConcurrentStreams === 0) return settle(new NotHttp2(`${origin} takes no HTTP/2 requests`))
      if (settled) return
      settled = true
      clearTimeout(timer)
      callback(null, opening, socket)
    })
  })
  return () => {
    if (settled) return
    settled = true
    clearTimeout(timer)
    giveUpDialling()
    session?.destroy()
  }

  function settle(error: Error): void {
    if (settled) return
    settled = true
    clearTimeout(timer)
    session?.destroy()
    callback(error, null, null)
  }
}

function openSession(socket: Socket, origin: string): ClientHttp2Session {
  const options: ClientSessionOptions & Pick<ServerOptions, 'strictSingleValueFields'> = {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW, maxHeaderListSize: 64 * 1024 },
    maxHeaderListPairs: 2_000,
    maxSessionMemory: 64,
    strictSingleValueFields: false, // what a client repeats is the backend's to judge, as on HTTP/1.1
  }
  const session = http2.connect(origin, options)
  session.setLocalWindowSize(SESSION_WINDOW)
  socket.on('end', () => session.destroy()) // frames have to flow both ways: its end is the end
  return session
}

/** A TLS server that knows ALPN and has no "h2" ends the handshake (RFC 7301 section 3.2). */
function refusedProtocol(error: Error, origin: string): Error {
  const code = 'code' in error ? String(error.code) : ''
  return code.includes('NO_APPLICATION_PROTOCOL') ? new NotHttp2(`${origin} does not offer HTTP/2 (ALPN "h2")`) : error
}
