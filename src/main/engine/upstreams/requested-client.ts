import type { Dispatcher } from 'undici'
import Client from 'undici/lib/dispatcher/client.js'

/** One connection of a pool, which knows what request it was given last: while it connects, the one it connects for. */
export class RequestedClient extends Client {
  requested: Dispatcher.DispatchHandler | null = null

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.requested = handler
    return super.dispatch(options, handler)
  }
}

/** The request that a connection was being made for is not wanted any more. */
export class Withdrawn extends Error {
  override readonly name = 'Withdrawn'
}
