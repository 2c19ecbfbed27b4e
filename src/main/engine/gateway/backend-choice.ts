import { cookieValue } from './cookie.js'
import type { Exchange } from './exchange.js'
import { AnswerDropped, DialFailed, type GatewayFault, StreamRefused, UpstreamFailed } from './gateway-fault.js'
import { headerValue, type RawHeaders } from './headers.js'
import { noBackend } from './no-backend.js'
import { type FailureKind, isRefusal, mayRetry, pauseBefore, readRetryAfter } from './retry.js'
import type { CompiledRoute } from './route-table.js'
import type { BackendHandle, PickFacts, Upstreams } from './upstream-ports.js'
import type { UpstreamTarget } from './upstream-target.js'

const NONE: ReadonlySet<BackendHandle> = new Set()

/** The backends of one exchange: which one is next, and whether there is a next one. */
export class BackendChoice implements PickFacts {
  readonly client: string
  readonly sticky: string | null
  readonly target: UpstreamTarget
  /** milliseconds to wait before the next attempt */
  pauseMs = 0
  readonly #exchange: Exchange
  readonly #connectTimeoutMs: number
  readonly #upstreams: Upstreams
  #attempts = 0
  #freeUsed = false
  /** those that failed in this round; null while none has */
  #tried: Set<BackendHandle> | null = null
  /** chosen already, while its fellow's failure was looked at */
  #next: BackendHandle | null = null
  #lastFailure: GatewayFault | null = null

  constructor(exchange: Exchange, route: CompiledRoute, target: UpstreamTarget, upstreams: Upstreams) {
    this.client = exchange.connection.client
    this.sticky = target.sticky === null ? null : cookieValue(exchange.headers, target.sticky.cookie)
    this.target = target
    this.#exchange = exchange
    this.#connectTimeoutMs = route.timeouts.connect
    this.#upstreams = upstreams
    upstreams.budget(target).deposit()
  }

  /**
   * The backend for the next attempt.
   *
   * @throws GatewayFault the last failure, or why no backend gets requests
   */
  pick(): BackendHandle {
    const next = this.#next ?? this.#pick() ?? this.#startOver()
    this.#next = null
    if (next !== null) return next
    if (this.#lastFailure !== null && !(this.#lastFailure instanceof AnswerDropped)) throw this.#lastFailure
    throw noBackend(this.#exchange.appName ?? this.#exchange.host, this.#upstreams.refusals(this.target))
  }

  /**
   * A kept connection was given up by the backend, or it did not take the request: that goes out once more, if it is safe.
   *
   * @param thrown what the attempt ended with
   */
  retriesStale(thrown: unknown): boolean {
    const failure = thrown instanceof StreamRefused ? 'unprocessed' : 'stale'
    if (this.#freeUsed || this.#mayRetry(failure) !== 'free') return false
    this.#freeUsed = true
    this.pauseMs = 0
    return true
  }

  /** An attempt has failed. @returns whether there is another one, after `pauseMs` */
  retries(backend: BackendHandle, thrown: unknown): boolean {
    const kind = kindOf(thrown)
    if (kind === null) return false
    this.#lastFailure = thrown as GatewayFault
    return this.#again(backend, kind, null)
  }

  /** A backend has answered. @returns whether the answer is dropped and the request sent again, after `pauseMs` */
  drops(backend: BackendHandle, status: number, raw: RawHeaders): boolean {
    if (!isRefusal(status) || !this.target.retry.statuses) return false
    if (!this.#again(backend, 'refused', readRetryAfter(headerValue(raw, 'retry-after'), Date.now()))) return false
    this.#lastFailure = new AnswerDropped(backend.backend.url, status)
    return true
  }

  /** The cookie that keeps the client with the backend that answers; null when it has it, or needs none. */
  newCookie(backend: BackendHandle): string | null {
    const { sticky } = this.target
    if (sticky === null) return null
    const value = this.#upstreams.stickyValue(this.target, backend)
    if (value === this.sticky) return null
    const age = sticky.maxAgeSeconds === null ? '' : `; Max-Age=${sticky.maxAgeSeconds}`
    return `${sticky.cookie}=${value}; Path=/; HttpOnly; Secure; SameSite=Lax${age}`
  }

  #again(backend: BackendHandle, failure: FailureKind, retryAfterMs: number | null): boolean {
    this.#attempts += 1
    if (this.#mayRetry(failure) === 'no') return false
    this.#tried ??= new Set()
    this.#tried.add(backend)
    const next = this.#pick()
    const pauseMs = pauseBefore(
      {
        failure,
        attempts: this.#attempts,
        backoffMs: this.target.retry.backoffMs,
        retryAfterMs,
        elsewhere: next !== null,
      },
      Math.random(),
    )
    if (pauseMs === null) return false
    // A backend that cannot be connected to has had no work of it, so that asking another one multiplies nothing.
    const counts = failure !== 'dial' || next === null
    if (counts && !this.#upstreams.budget(this.target).withdraw()) return false
    this.pauseMs = pauseMs
    this.#next = pauseMs === 0 ? next : null // after a pause another may be the better one
    return true
  }

  #mayRetry(failure: FailureKind): 'no' | 'free' | 'counted' {
    const { method, bodyState, reply } = this.#exchange
    return mayRetry({
      failure,
      method,
      body: bodyState,
      begun: reply.headersSent,
      attempts: this.#attempts,
      freeUsed: this.#freeUsed,
      policy: this.target.retry,
    })
  }

  #pick(): BackendHandle | null {
    return this.#upstreams.pick(this.target, this, this.#connectTimeoutMs, this.#tried ?? NONE)
  }

  /** All have been tried: the first may have come back. */
  #startOver(): BackendHandle | null {
    if (this.#tried === null) return null
    this.#tried = null
    return this.#pick()
  }
}

/** Null for what is not the backend's failure. A 504 of the gateway's own is a backend that did not answer in time. */
export function kindOf(thrown: unknown): FailureKind | null {
  if (thrown instanceof StreamRefused) return 'unprocessed'
  if (thrown instanceof DialFailed) return 'dial'
  if (!(thrown instanceof UpstreamFailed)) return null
  return thrown.status === 504 ? 'refused' : 'broken'
}
