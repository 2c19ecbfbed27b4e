import http2, { constants, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { durationMs } from '../../../shared/duration.js'
import type { Connection } from './connection.js'
import type { Entrance } from './entrance.js'
import type { ExchangeInit } from './exchange-init.js'
import { FloodGuard } from './flood-guard.js'
import { Http2Reply } from './reply-h2.js'
import { framingFault } from './request-framing.js'
import { Http2WebSocket } from './websocket-client.js'

const MAX_STREAMS = 128
/**
 * What a client may send on a stream that is not being read. Node hands received bytes over at once and gives the
 * connection's window back, so this times the number of streams is what one connection can make the gateway hold.
 */
const STREAM_WINDOW = 256 * 1024
const SESSION_WINDOW = MAX_STREAMS * STREAM_WINDOW
/** A connection without a request under way, and without frames, for this long is closed. */
const IDLE_SESSION_MS = 120_000
/** How often to see whether the end of an answer has left, while its client takes nothing. */
const LOOK_AGAIN_MS = 50

/** The HTTP/2 side (RFC 9113): one session per connection, every stream an exchange. */
export class Http2Server {
  readonly #entrance: Entrance
  readonly #sessions = new Set<ServerHttp2Session>()

  constructor(entrance: Entrance) {
    this.#entrance = entrance
  }

  /** Takes over a TLS connection that negotiated h2. */
  accept(connection: Connection): void {
    const { limits } = this.#entrance.snapshot()
    const session = http2.performServerHandshake(connection.socket as TLSSocket, {
      settings: {
        enableConnectProtocol: true,
        maxConcurrentStreams: MAX_STREAMS,
        initialWindowSize: STREAM_WINDOW,
        maxHeaderListSize: limits.headerBytes + 8_192,
      },
      maxHeaderListPairs: limits.headerCount + 16,
      maxSessionInvalidFrames: 50,
      // Streams cancelled in one go still count for a moment: a browser's next page must not cost it the connection.
      maxSessionRejectedStreams: 2 * MAX_STREAMS,
      maxOutstandingPings: 10,
      maxSettings: 32,
      maxSessionMemory: 64,
      strictSingleValueFields: false, // what a backend repeats is the client's to judge, as on HTTP/1.1
    })
    this.#sessions.add(session)
    session.setLocalWindowSize(SESSION_WINDOW)
    session.setTimeout(IDLE_SESSION_MS, () => {
      if (connection.busy === 0) session.close()
    })
    // The preface comes at once (RFC 9113 section 3.4); whoever sends none is not going to send a request.
    const prefaceDue = setTimeout(() => session.destroy(), durationMs(limits.headersTimeout))
    session.once('remoteSettings', () => clearTimeout(prefaceDue))
    session.on('error', () => session.destroy()) // the peer broke the protocol or the connection; its streams report it
    session.on('close', () => {
      clearTimeout(prefaceDue)
      this.#sessions.delete(session)
    })
    // The socket may be half-open for the sake of HTTP/1.1; HTTP/2 frames have to flow both ways, so its end is the end.
    connection.socket.on('end', () => session.destroy())
    const guard = new FloodGuard(() => endFlooding(session))
    session.on('ping', () => guard.count('ping'))
    session.on('remoteSettings', () => guard.count('settings'))
    session.on('stream', (stream, headers, _flags, raw) =>
      this.#onStream(connection, guard, stream, headers, raw as unknown as string[]),
    )
    if (this.#entrance.draining) session.close()
  }

  /** Tells every client to open no more streams here; sessions end with their last one. */
  drain(): void {
    for (const session of this.#sessions) session.close()
  }

  destroy(): void {
    for (const session of this.#sessions) session.destroy()
  }

  #onStream(
    connection: Connection,
    guard: FloodGuard,
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    raw: string[],
  ): void {
    const reply = new Http2Reply(stream)
    stream.on('close', () => {
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR && !reply.broken) guard.count('reset')
    })
    if (headers[':method'] === 'CONNECT' && headers[':protocol'] === undefined) {
      // RFC 9113 section 8.5: a tunnel to anywhere, which a gateway to its own apps does not offer.
      stream.respond({ ':status': 405, allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' }, { endStream: true })
      this.#entrance.refused(connection, 'CONNECT', String(headers[':authority'] ?? ''), 405, 'CONNECT is not served.')
      return
    }
    const isWebSocket = headers[':method'] === 'CONNECT' && headers[':protocol'] === 'websocket'
    const method = isWebSocket ? 'GET' : String(headers[':method'] ?? '')
    const target = String(headers[':path'] ?? '')
    const init: Omit<ExchangeInit, 'id' | 'snapshot'> = {
      connection,
      reply,
      protocol: isWebSocket ? 'h2-websocket' : 'h2',
      method,
      target,
      authority: headers[':authority'] ?? null,
      headers: raw,
      bodySource: isWebSocket || stream.endAfterHeaders ? null : stream,
      refusal: framingFault({ version: '2', method, target, headers: raw }),
    }
    const webSocket = isWebSocket ? new Http2WebSocket(stream, reply) : undefined
    this.#entrance.enter(init, webSocket)
    if (init.bodySource !== null || isWebSocket) {
      stream.on('finish', () => {
        if (webSocket?.accepted !== true) refuseRest(stream)
      })
    }
  }
}

/**
 * The answer is complete and the client still sends: it is told to stop, without blame (RFC 9113 section 8.1). Trailers
 * leave after the stream has finished for Node, and a reset would overtake them.
 */
function refuseRest(stream: ServerHttp2Stream, waitMs = 0): void {
  if (stream.readableEnded || stream.destroyed || stream.closed) return
  if (stream.state.localClose === 1) stream.close(constants.NGHTTP2_NO_ERROR)
  else setTimeout(refuseRest, waitMs, stream, LOOK_AGAIN_MS).unref()
}

function endFlooding(session: ServerHttp2Session): void {
  if (session.destroyed) return
  session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM)
}
