import type { ClientHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import type { RouteBackend, UpstreamTarget } from './upstream-target.js'

/** What the request path needs of the backends; `upstreams/` provides it. */
export interface Upstreams {
  /**
   * Chooses a backend for one attempt among those that may get requests now.
   *
   * @param connectTimeoutMs time in which the backend must accept the connection
   * @param tried those that this exchange could not reach; they are not chosen again
   * @returns null when there is none left; `refusals` says why
   */
  pick(
    target: UpstreamTarget,
    facts: PickFacts,
    connectTimeoutMs: number,
    tried: ReadonlySet<BackendHandle>,
  ): BackendHandle | null
  /** Why the backends of a target get no requests now, one entry for each that does not. */
  refusals(target: UpstreamTarget): BackendRefusal[]
  /** The share of retries that the requests of a target may cause. */
  budget(target: UpstreamTarget): RetryBudget
  /** The cookie's value that leads back to this backend; only for targets that are sticky. */
  stickyValue(target: UpstreamTarget, backend: BackendHandle): string
}

/** What a choice may depend on. */
export interface PickFacts {
  /** the client's address, without port */
  readonly client: string
  /** value of the target's sticky cookie; null without */
  readonly sticky: string | null
}

export interface BackendRefusal {
  url: string
  /** one sentence */
  reason: string
  /** milliseconds until it is tried again; null when nobody knows */
  retryInMs: number | null
}

/** Keeps retries from multiplying an outage: they are a share of the requests that came in. */
export interface RetryBudget {
  /** A request has come. */
  deposit(): void
  /** A retry is about to be made. @returns false when there have been too many */
  withdraw(): boolean
}

/** One backend of one route. */
export interface BackendHandle {
  readonly backend: RouteBackend
  /** host without brackets, lower-case */
  readonly host: string
  /** host and port as a Host header carries them; without the scheme's default port */
  readonly authority: string
  readonly secure: boolean
  /** requests that wait for a connection */
  readonly queued: number
  /** An attempt begins: it counts as in flight until `release`, and may be a breaker's probe. */
  begin(): void
  /** The attempt brought a whole answer, or an answer without end has begun. @param status of HTTP; 101 for a tunnel */
  answered(status: number): void
  /**
   * The attempt failed, and not for the client's sake.
   *
   * @param kind "dial": there was no connection; "answer": there was, but no whole answer
   * @param reason one sentence
   */
  failed(kind: 'dial' | 'answer', reason: string): void
  /** The attempt, or the tunnel that came of it, is over. Called exactly once after each `begin`. */
  release(): void
  /** Returns the function that withdraws a request whose connection is still being made: the attempt to connect ends. */
  dispatch(options: Omit<Dispatcher.DispatchOptions, 'origin'>, handler: AttemptHandler): () => void
  /**
   * Sends the head of a request over HTTP/2, as soon as there is room for it on a connection.
   *
   * @param opened called once, maybe at once; with an error when nothing was sent
   * @returns gives up waiting, without a call of `opened`
   */
  openStream(request: StreamRequest, opened: (error: Error | null, stream: OpenedStream | null) => void): () => void
  /**
   * Opens a connection of its own, for a tunnel: either half may end before the other.
   *
   * @param callback receives the connected (and, for TLS, verified) socket, or the reason there is none
   * @returns gives the attempt up, without a call of `callback`
   */
  connect(callback: (error: Error | null, socket: Socket | null) => void): () => void
}

/** What `dispatch` tells of an attempt. */
export interface AttemptHandler extends Dispatcher.DispatchHandler {
  /**
   * Set before `onRequestStart`: the connection has carried a request before. When it ends without a byte of an answer,
   * it was most likely closing already as the request was sent, which says nothing of the backend.
   */
  reusedConnection?: boolean
}

/** The head of a request over HTTP/2. */
export interface StreamRequest {
  /** names and values in turn, pseudo-header fields first */
  readonly fields: readonly string[]
  /** no body follows */
  readonly endStream: boolean
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
