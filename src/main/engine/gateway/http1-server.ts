import http, { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { durationMs } from '../../../shared/duration.js'
import { answerBrokenRequest } from './broken-request.js'
import type { Connection } from './connection.js'
import type { Entrance } from './entrance.js'
import { GatewayFault } from './gateway-fault.js'
import { Http1Reply } from './reply-h1.js'
import { framingFault } from './request-framing.js'
import type { Snapshot } from './snapshot.js'
import { Http1WebSocket } from './websocket-client.js'

/** How often header and idle timeouts are checked; a client may exceed them by this much. */
const CHECK_INTERVAL_MS = 2_500
const KEEP_ALIVE_MS = 65_000
/** Most requests of one connection in progress at a time. */
const MAX_PIPELINED = 100
/** How long and how much of a body that nobody wants is read, so that the client gets to see its answer. */
const LINGER_MS = 10_000

/**
 * The HTTP/1.x side: Node's parser in strict mode does the framing (RFC 9112), everything else is the exchange's.
 * Connections are handed in by the listener; the server itself listens nowhere.
 */
export class Http1Server {
  readonly #entrance: Entrance
  readonly #server: http.Server

  constructor(entrance: Entrance) {
    this.#entrance = entrance
    const { limits } = entrance.snapshot()
    this.#server = http.createServer({
      maxHeaderSize: limits.headerBytes,
      headersTimeout: durationMs(limits.headersTimeout),
      requestTimeout: 0, // a floor for the body's rate bounds it instead: large uploads may take their time
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      insecureHTTPParser: false,
      requireHostHeader: false, // refused on the request path, with a page and a log entry
      shouldUpgradeCallback: isWebSocketUpgrade,
    })
    this.#server.maxHeadersCount = 0 // Node would drop fields beyond its count silently; the exchange refuses them
    Object.assign(this.#server, { httpAllowHalfOpen: true })
    this.#server.on('request', (request, response) => this.#onRequest(request, response))
    this.#server.on('checkContinue', (request, response) => this.#onRequest(request, response))
    this.#server.on('checkExpectation', (request, response) => this.#onRequest(request, response))
    this.#server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket as Socket, head))
    this.#server.on('connect', (request, socket) => this.#onConnect(request, socket as Socket))
    this.#server.on('clientError', (error, socket) => this.#onClientError(error, socket))
    this.#checkTimeouts()
  }

  /** Takes over a connection whose bytes are HTTP/1.x. */
  accept(connection: Connection): void {
    CONNECTIONS.set(connection.socket, connection)
    this.#server.emit('connection', connection.socket)
  }

  /** New limits apply to connections accepted from now on. */
  apply({ limits }: Snapshot): void {
    Object.assign(this.#server, { maxHeaderSize: limits.headerBytes })
    this.#server.headersTimeout = durationMs(limits.headersTimeout)
  }

  /** Ends idle connections; busy ones end with their current answer. */
  drain(): void {
    this.#server.keepAliveTimeout = 1
    this.#server.close()
    this.#server.closeIdleConnections()
  }

  /** After `drain`: connections are kept again. */
  reopen(): void {
    this.#server.keepAliveTimeout = KEEP_ALIVE_MS
    this.#checkTimeouts()
  }

  destroy(): void {
    this.#server.closeAllConnections()
  }

  /** Node starts its timeout checks when a server begins to listen, and ends them with `close`; this one never listens. */
  #checkTimeouts(): void {
    this.#server.emit('listening')
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const connection = CONNECTIONS.get(request.socket)
    if (connection === undefined) return void request.socket.destroy()
    // The answer before this request ends the connection: it was refused, and what follows may be its own body.
    if (LATEST.get(request.socket)?.response.shouldKeepAlive === false) return void request.resume()
    // Node drops what came in one piece behind an upgrade that was not taken: the client is told to ask again elsewhere.
    if (this.#entrance.draining || request.headers.upgrade !== undefined) response.shouldKeepAlive = false
    if (connection.busy + 1 >= MAX_PIPELINED) endPipeline(request, response)
    LATEST.set(request.socket, { request, response })
    const { target, authority } = splitTarget(request.url ?? '')
    const method = request.method ?? ''
    const version = request.httpVersion === '1.0' ? '1.0' : '1.1'
    this.#entrance.enter({
      connection,
      reply: new Http1Reply(response),
      protocol: `http/${version}`,
      method,
      target,
      authority,
      headers: request.rawHeaders,
      bodySource: hasBody(request) ? request : null,
      refusal: framingFault({ version, method, target, headers: request.rawHeaders }),
    })
    if (hasBody(request)) response.on('finish', () => endLinger(request))
  }

  #onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const connection = CONNECTIONS.get(socket)
    if (connection === undefined) return void socket.destroy()
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket)
    response.on('finish', () => socket.destroySoon())
    const { target, authority } = splitTarget(request.url ?? '')
    this.#entrance.enter(
      {
        connection,
        reply: new Http1Reply(response),
        protocol: 'websocket',
        method: request.method ?? '',
        target,
        authority,
        headers: request.rawHeaders,
        bodySource: null,
        refusal: framingFault({ version: '1.1', method: 'GET', target, headers: request.rawHeaders }),
      },
      new Http1WebSocket(request, response, socket, head),
    )
  }

  /** RFC 9110 section 9.3.6: Portico forwards to its apps only and is nobody's proxy. */
  #onConnect(request: IncomingMessage, socket: Socket): void {
    const connection = CONNECTIONS.get(socket)
    const fault = new GatewayFault('method-not-allowed', 405, 'CONNECT is not served.')
    answerBrokenRequest(socket, 405, fault.message)
    if (connection !== undefined)
      this.#entrance.refused(connection, request.method ?? '', request.url ?? '', 405, fault.message)
  }

  #onClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
    const answer = statusOf(error)
    const latest = LATEST.get(socket)
    if (answer === null) {
      socket.destroy()
    } else if (latest === undefined || latest.response.writableFinished) {
      this.#refuse(socket as Socket, answer)
    } else if (latest.request.complete) {
      // The broken bytes came behind a good request, which has its answer first (RFC 9112 section 9.3.2).
      latest.response.once('finish', () => setImmediate(() => this.#refuse(socket as Socket, answer)))
    } else {
      failBody(latest, new GatewayFault('bad-request', answer.status, answer.message, 'Send a well-formed body.'))
    }
  }

  #refuse(socket: Socket, { status, message }: { status: number; message: string }): void {
    if (!answerBrokenRequest(socket, status, message) && !socket.writableEnded) socket.destroy()
    const connection = CONNECTIONS.get(socket)
    if (connection !== undefined) this.#entrance.refused(connection, '-', '-', status, message)
  }
}

interface Latest {
  request: IncomingMessage
  response: ServerResponse
}

const CONNECTIONS = new WeakMap<Duplex, Connection>()
/** the request that began last on a connection: the one whose bytes are being parsed */
const LATEST = new WeakMap<Duplex, Latest>()

/** The exchange hears of a broken body as of any other failure of it; the connection ends with the answer. */
function failBody({ request, response }: Latest, fault: GatewayFault): void {
  response.shouldKeepAlive = false
  if (request.listenerCount('error') > 0) request.emit('error', fault)
  else if (response.writableEnded || response.headersSent) request.socket.destroy()
}

/**
 * Only a WebSocket handshake leaves the request path; h2c and other offers are answered as plain requests (RFC 9110
 * section 7.8). So is a handshake behind requests that have no answer yet: Node would hand the socket over before them.
 */
function isWebSocketUpgrade(request: IncomingMessage): boolean {
  if (request.method !== 'GET' || request.headers.upgrade?.toLowerCase() !== 'websocket') return false
  return CONNECTIONS.get(request.socket)?.busy === 0
}

function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length']
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

/** An absolute-form target (RFC 9112 section 3.2.2) is a path plus an authority that overrules Host. */
function splitTarget(url: string): { target: string; authority: string | null } {
  if (url.startsWith('/')) return { target: url, authority: null }
  const match = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url)
  if (match === null) return { target: url, authority: null }
  const rest = match[2] as string
  return { target: rest.startsWith('/') ? rest : `/${rest}`, authority: match[1] as string }
}

/** The answer is out, but the client is still sending: give it a while to notice, then hang up. */
function endLinger(request: IncomingMessage): void {
  if (request.complete || request.socket.destroyed) return
  request.resume()
  const timer = setTimeout(() => request.socket.destroy(), LINGER_MS)
  request.once('close', () => clearTimeout(timer))
  request.once('end', () => clearTimeout(timer))
}

/**
 * This request is the last one of its connection, and no more is read from it: what follows is for the client to send
 * again elsewhere (RFC 9112 section 9.3.2).
 */
function endPipeline(request: IncomingMessage, response: ServerResponse): void {
  response.shouldKeepAlive = false
  if (request.complete || !hasBody(request)) request.socket.pause()
}

function statusOf(error: NodeJS.ErrnoException): { status: number; message: string } | null {
  switch (error.code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return null
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, message: 'The request head is too large.' }
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 413, message: 'The chunk extensions are too large.' }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, message: 'The request head did not arrive in time.' }
    case 'HPE_INVALID_EOF_STATE':
      return null
    default:
      return error.code?.startsWith('HPE_')
        ? { status: 400, message: `The request is not valid HTTP (${error.code}).` }
        : null
  }
}
