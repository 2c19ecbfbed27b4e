import type { IncomingMessage, ServerResponse } from 'node:http'
import { constants, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { RawHeaders } from './headers.js'
import type { Http2Reply } from './reply-h2.js'

/** The client's side of a WebSocket handshake, and of the tunnel that follows when it is accepted. */
export interface WebSocketClient {
  /** carries the frames once accepted */
  readonly duplex: Duplex
  /** bytes that arrived behind the handshake already */
  readonly head: Buffer
  /** HTTP version of the handshake */
  readonly version: string
  /** status of an accepted handshake: 101 on HTTP/1.1 (RFC 6455 section 4.2.2), 200 on HTTP/2 (RFC 8441 section 5) */
  readonly acceptedStatus: 101 | 200
  /** the client broke the connection or stream off, instead of ending it */
  readonly aborted: boolean
  /** Switches protocols. */
  accept(headers: RawHeaders): void
  /** Waits no longer for the client to end its half, behind an end of the gateway's in order. */
  leave(): void
  /** Ends the tunnel so that the client cannot take it for an orderly end. */
  breakOff(): void
}

/** A handshake by Upgrade. Refusals go through the exchange's reply, as for any request. */
export class Http1WebSocket implements WebSocketClient {
  readonly acceptedStatus = 101
  readonly version: string
  readonly #response: ServerResponse

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    readonly duplex: Socket,
    readonly head: Buffer,
  ) {
    this.version = request.httpVersion
    this.#response = response
  }

  get aborted(): boolean {
    return this.duplex.errored !== null
  }

  accept(headers: RawHeaders): void {
    this.#response.detachSocket(this.duplex)
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket']
    for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`)
    this.duplex.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  }

  leave(): void {
    this.duplex.destroy()
  }

  breakOff(): void {
    this.duplex.destroy()
  }
}

/** A handshake by extended CONNECT on one stream. */
export class Http2WebSocket implements WebSocketClient {
  readonly head = Buffer.alloc(0)
  readonly version = '2.0'
  readonly acceptedStatus = 200
  /** the stream carries a tunnel: its end is the tunnel's affair */
  accepted = false
  readonly #reply: Http2Reply

  constructor(
    readonly duplex: ServerHttp2Stream,
    reply: Http2Reply,
  ) {
    this.#reply = reply
  }

  get aborted(): boolean {
    return this.duplex.aborted || this.duplex.rstCode !== constants.NGHTTP2_NO_ERROR
  }

  accept(headers: RawHeaders): void {
    if (this.duplex.destroyed) return
    this.accepted = true
    const fields: RawHeaders = []
    for (let i = 0; i < headers.length; i += 2) {
      const name = (headers[i] as string).toLowerCase()
      if (name !== 'sec-websocket-accept') fields.push(name, headers[i + 1] as string)
    }
    this.duplex.respond([':status', '200', ...fields])
  }

  /** RFC 8441 section 5: what a reset is to TCP, RST_STREAM with CANCEL is here. */
  /** RFC 9113 section 8.1: the answer is whole, and nothing more is wanted. */
  leave(): void {
    this.duplex.close(constants.NGHTTP2_NO_ERROR)
  }

  breakOff(): void {
    this.#reply.broken = true
    if (!this.duplex.destroyed) this.duplex.close(constants.NGHTTP2_CANCEL)
  }
}
