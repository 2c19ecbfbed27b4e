import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import Client from 'undici/lib/dispatcher/client.js'

/** A request's handler, which may be told what kind of connection the request goes out on. */
export type RequestHandler = Dispatcher.DispatchHandler & { reusedConnection?: boolean }

/** One connection of a pool, which knows what request it was given last: while it connects, the one it connects for. */
export class RequestedClient extends Client {
  requested: Dispatcher.DispatchHandler | null = null
  /** the connection made last, for a request that has gone out on it since */
  socket: Socket | null = null

  override dispatch(options: Dispatcher.DispatchOptions, handler: RequestHandler): boolean {
    this.requested = handler
    handler.reusedConnection = this.socket !== null && !this.socket.destroyed
    return super.dispatch(options, handler)
  }
}

/** The request that a connection was being made for is not wanted any more. */
export class Withdrawn extends Error {
  override readonly name = 'Withdrawn'
}
