import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import type { RouteBackend } from './route-table.js'

/** What the request path needs of the backends; `upstreams/` provides it. */
export interface Upstreams {
  /**
   * Chooses a backend for one attempt.
   *
   * @param tried those that this exchange could not reach; they are not chosen again
   * @returns null when every backend has been tried
   */
  pick(
    target: { backends: RouteBackend[]; balance: string },
    connectTimeoutMs: number,
    tried: ReadonlySet<BackendHandle>,
  ): BackendHandle | null
}

export interface BackendHandle {
  readonly backend: RouteBackend
  /** host without brackets, lower-case */
  readonly host: string
  /** host and port as a Host header carries them; without the scheme's default port */
  readonly authority: string
  readonly secure: boolean
  /** requests that wait for a connection */
  readonly queued: number
  /** Returns the function that withdraws a request whose connection is still being made: the attempt to connect ends. */
  dispatch(options: Omit<Dispatcher.DispatchOptions, 'origin'>, handler: Dispatcher.DispatchHandler): () => void
  /**
   * Opens a connection of its own, for a tunnel: either half may end before the other.
   *
   * @param callback receives the connected (and, for TLS, verified) socket, or the reason there is none
   * @returns gives the attempt up, without a call of `callback`
   */
  connect(callback: (error: Error | null, socket: Socket | null) => void): () => void
}
