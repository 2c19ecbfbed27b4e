import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { RawHeaders } from './headers.js'

/** The client's side of a WebSocket handshake, before it is accepted or refused. */
export interface WebSocketClient {
  /** carries the frames once accepted */
  readonly duplex: Duplex
  /** bytes that arrived behind the handshake already */
  readonly head: Buffer
  /** Switches protocols: 101 on HTTP/1.1 (RFC 6455 section 4.2.2), 200 on HTTP/2 (RFC 8441 section 5). */
  accept(headers: RawHeaders): void
}

/** A handshake by Upgrade. Refusals go through the exchange's reply, as for any request. */
export class Http1WebSocket implements WebSocketClient {
  readonly #response: ServerResponse

  constructor(
    readonly request: IncomingMessage,
    response: ServerResponse,
    readonly duplex: Socket,
    readonly head: Buffer,
  ) {
    this.#response = response
  }

  accept(headers: RawHeaders): void {
    this.#response.detachSocket(this.duplex)
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket']
    for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`)
    this.duplex.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  }
}

/** A handshake by extended CONNECT on one stream. */
export class Http2WebSocket implements WebSocketClient {
  readonly head = Buffer.alloc(0)

  constructor(readonly duplex: ServerHttp2Stream) {}

  accept(headers: RawHeaders): void {
    const fields: RawHeaders = []
    for (let i = 0; i < headers.length; i += 2) {
      const name = (headers[i] as string).toLowerCase()
      if (name !== 'sec-websocket-accept') fields.push(name, headers[i + 1] as string)
    }
    if (!this.duplex.destroyed) this.duplex.respond([':status', '200', ...fields])
  }
}
