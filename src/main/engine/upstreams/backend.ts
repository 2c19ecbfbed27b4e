import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import type { BackendPool } from './backend-pool.js'
import { type BackendSettings, BackendState, type Outcome, type Standing } from './backend-state.js'
import type { OpenedStream } from './http2-connection.js'
import type { StreamRequest } from './http2-pool.js'
import type { RequestHandler } from './requested-client.js'
import type { BackendSpec } from './target.js'

/** All that a backend is made of, which the next config may make otherwise. */
export interface BackendMaking {
  spec: BackendSpec
  settings: BackendSettings
  /** where it stands in the config; null for one of a target that the config does not hold */
  place: { app: string; route: string } | null
  /** the connections to it, shared with those that are reached in the same way; throws a Fault when there can be none */
  openPool(): BackendPool
}

/** What a backend tells. */
export interface BackendObserver {
  /** monotonic, in milliseconds */
  now(): number
  /** @param before what was told of it until now; null when only figures changed */
  changed(backend: Backend, before: Standing | null): void
}

/**
 * One backend of one route, for as long as the config has it, and the gateway's handle of it: see `BackendHandle` for
 * what is not said here.
 */
export class Backend {
  readonly host: string
  readonly authority: string
  readonly secure: boolean
  readonly state: BackendState
  inFlight = 0
  readonly #observer: BackendObserver
  #making: BackendMaking
  #pool: BackendPool | null = null

  constructor(making: BackendMaking, observer: BackendObserver) {
    const url = new URL(making.spec.url)
    this.host = url.hostname.replace(/^\[|\]$/g, '')
    this.authority = url.host
    this.secure = url.protocol === 'https:'
    this.#making = making
    this.#observer = observer
    this.state = new BackendState(making.settings, (before) => observer.changed(this, before))
  }

  /** The config has changed; what is known stays, and so do the connections, unless they are made otherwise now. */
  remake(making: BackendMaking): void {
    this.#making = making
    this.state.configure(making.settings)
    if (this.#pool === null) return
    try {
      this.#pool = making.openPool()
    } catch {
      this.#pool = null // whoever needs it next is told why
    }
  }

  get place(): BackendMaking['place'] {
    return this.#making.place
  }

  get backend(): BackendSpec {
    return this.#making.spec
  }

  /** Makes sure of its connections. @throws Fault when there can be none */
  open(): void {
    void this.pool
  }

  /** Its connections, as far as they were needed. */
  get opened(): BackendPool | null {
    return this.#pool
  }

  /**
   * Its connections. Those of a former config may have been closed since it was chosen.
   *
   * @throws Fault when there can be none
   */
  get pool(): BackendPool {
    if (this.#pool === null || this.#pool.closed) this.#pool = this.#making.openPool()
    return this.#pool
  }

  get queued(): number {
    return this.#pool?.queued ?? 0
  }

  dispatch(options: Omit<Dispatcher.DispatchOptions, 'origin'>, handler: RequestHandler): () => void {
    return this.pool.dispatch(options, handler)
  }

  openStream(request: StreamRequest, opened: (error: Error | null, stream: OpenedStream | null) => void): () => void {
    return this.pool.openStream(request, opened)
  }

  connect(callback: (error: Error | null, socket: Socket | null) => void): () => void {
    return this.pool.connect(callback)
  }

  begin(): void {
    this.inFlight += 1
  }

  answered(status: number): void {
    if (status < 500 && this.state.settled) return // as nearly every request ends
    this.conclude('answered', status, null, false)
  }

  failed(kind: 'dial' | 'answer', reason: string): void {
    this.conclude(kind, 0, reason, false)
  }

  release(): void {
    this.inFlight -= 1
    if (this.inFlight === 0 && this.state.draining) this.#observer.changed(this, null)
  }

  /** @param probe the attempt was the one that decides whether the backend is back */
  conclude(outcome: Outcome, status: number, reason: string | null, probe: boolean): void {
    const failure = status >= 500 ? `It answered with status ${status}.` : reason
    this.state.conclude(outcome, failure, probe, this.#observer.now())
  }

  beginProbe(probe: object): boolean {
    return this.state.beginProbe(probe, this.#observer.now())
  }

  giveUpProbe(): void {
    this.state.giveUpProbe(this.#observer.now())
  }
}
