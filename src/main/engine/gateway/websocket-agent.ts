import http from 'node:http'
import type { Socket } from 'node:net'

/** Gives http.request a connection that exists already. */
export class SocketAgent extends http.Agent {
  readonly #socket: Socket

  constructor(socket: Socket) {
    super({ keepAlive: false })
    this.#socket = socket
  }

  override createConnection(): Socket {
    return this.#socket
  }
}
