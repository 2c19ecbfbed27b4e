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
  dispatch(options: Omit<Dispatcher.DispatchOptions, 'origin'>, handler: Dispatcher.DispatchHandler): void
  /** Opens a connection of its own, for a tunnel. Rejects with the socket's error. */
  readonly tunnelOptions: TunnelOptions
}

/** What a tunnel's own connection to the backend is dialled with. */
export interface TunnelOptions {
  connectTimeoutMs: number
  ca: Buffer | undefined
  serverName: string
  insecure: boolean
}
