import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import Pool from 'undici/lib/dispatcher/pool.js'
import { Fault } from '../../../shared/fault.js'
import { SmoothRoundRobin } from './balance.js'
import { type DialTarget, dial } from './dial.js'
import { readEarlyAnswer } from './early-answer.js'
import { RequestedClient, Withdrawn } from './requested-client.js'

/** How one backend is reached; two equal ones share their connections. */
export interface BackendSpec {
  /** origin: scheme, host and port */
  url: string
  weight: number
  caFile: string | null
  serverName: string | null
  insecure: boolean
}

interface Target {
  backends: BackendSpec[]
  balance: string
}

/** Most connections to one backend; further requests wait in its queue. */
const MAX_CONNECTIONS = 1024
/** Below what common servers close idle connections at (Node 5 s), so that a request rarely meets a closing one. */
const IDLE_CONNECTION_MS = 4_000

const RETIRE_MS = 5_000

/** The connection pools of all backends, kept across config changes for those that stay. */
export class UpstreamPools {
  readonly #pools = new Map<string, BackendPool>()
  /** one rotation per list of backends of a route, for as long as the route's config lives */
  readonly #rotations = new WeakMap<BackendSpec[], Rotation>()

  /** See the gateway's `Upstreams`. */
  pick(target: Target, _facts: unknown, connectTimeoutMs: number, tried: ReadonlySet<object>): BackendPool | null {
    const rotation = this.#rotation(target, connectTimeoutMs)
    if (rotation.entries.length === 1) {
      const only = (rotation.entries[0] as RotationEntry).pool
      return tried.has(only) ? null : only
    }
    const left = tried.size === 0 ? rotation.entries : rotation.entries.filter(({ pool }) => !tried.has(pool))
    const chosen = target.balance === 'first' ? left.find(({ weight }) => weight > 0) : rotation.strategy.pick(left)
    return chosen?.pool ?? null
  }

  refusals(): [] {
    return []
  }

  budget(): { deposit(): void; withdraw(): boolean } {
    return { deposit() {}, withdraw: () => true }
  }

  stickyValue(): string {
    return ''
  }

  /** Closes the pools that no backend of the new config uses, once their requests have ended. */
  retain(backends: Iterable<{ spec: BackendSpec; connectTimeoutMs: number }>): void {
    const wanted = new Set<string>()
    for (const { spec, connectTimeoutMs } of backends) wanted.add(keyOf(spec, connectTimeoutMs))
    for (const [key, pool] of this.#pools) {
      if (wanted.has(key)) continue
      this.#pools.delete(key)
      // An exchange that began with the old config may be about to use it.
      setTimeout(() => pool.close(), RETIRE_MS).unref()
    }
  }

  /** Ends every connection at once. */
  async destroy(): Promise<void> {
    const pools = [...this.#pools.values()]
    this.#pools.clear()
    await Promise.all(pools.map((pool) => pool.destroy()))
  }

  #rotation(target: Target, connectTimeoutMs: number): Rotation {
    let rotation = this.#rotations.get(target.backends)
    if (rotation === undefined) {
      const entries = target.backends.map((spec) => ({ weight: spec.weight, pool: this.#pool(spec, connectTimeoutMs) }))
      rotation = { strategy: new SmoothRoundRobin(), entries }
      this.#rotations.set(target.backends, rotation)
    }
    return rotation
  }

  #pool(spec: BackendSpec, connectTimeoutMs: number): BackendPool {
    const key = keyOf(spec, connectTimeoutMs)
    let pool = this.#pools.get(key)
    if (pool === undefined) {
      pool = new BackendPool(spec, connectTimeoutMs)
      this.#pools.set(key, pool)
    }
    return pool
  }
}

interface RotationEntry {
  weight: number
  pool: BackendPool
}

interface Rotation {
  strategy: SmoothRoundRobin<RotationEntry>
  entries: RotationEntry[]
}

/** One backend and its keep-alive connections. */
export class BackendPool {
  readonly host: string
  readonly authority: string
  readonly secure: boolean
  readonly #target: DialTarget
  readonly #pool: InstanceType<typeof Pool>
  /** how to end each attempt to connect, by the request that it is made for */
  readonly #dialling = new Map<Dispatcher.DispatchHandler, () => void>()
  /** requests given up while they waited for their turn: no connection is made for them any more */
  readonly #withdrawn = new WeakSet<Dispatcher.DispatchHandler>()

  constructor(
    readonly backend: BackendSpec,
    connectTimeoutMs: number,
  ) {
    const url = new URL(backend.url)
    this.host = url.hostname.replace(/^\[|\]$/g, '')
    this.authority = url.host
    this.secure = url.protocol === 'https:'
    const target: DialTarget = {
      ca: backend.caFile === null ? undefined : readCa(backend.caFile),
      serverName: backend.serverName ?? this.host,
      insecure: backend.insecure,
      host: this.host,
      port: Number(url.port) || (this.secure ? 443 : 80),
      secure: this.secure,
      timeoutMs: connectTimeoutMs,
    }
    this.#target = target
    this.#pool = new Pool(url.origin, {
      connections: MAX_CONNECTIONS,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: IDLE_CONNECTION_MS,
      keepAliveMaxTimeout: 60_000,
      maxHeaderSize: 64 * 1024,
      // The gateway watches every exchange itself: these timers would also run while a client is slow.
      headersTimeout: 0,
      bodyTimeout: 0,
      factory: (origin, options) => this.#client(origin, options),
    })
  }

  begin(): void {}

  answered(): void {}

  failed(): void {}

  release(): void {}

  get queued(): number {
    return this.#pool.stats.queued
  }

  /** See the gateway's `BackendHandle`. */
  dispatch(options: Omit<Dispatcher.DispatchOptions, 'origin'>, handler: Dispatcher.DispatchHandler): () => void {
    const { serverName } = this.#target
    this.#pool.dispatch(
      { ...options, origin: this.backend.url, reset: false, servername: serverName } as Dispatcher.DispatchOptions,
      handler,
    )
    return () => {
      this.#withdrawn.add(handler)
      this.#dialling.get(handler)?.()
    }
  }

  /** See the gateway's `BackendHandle`. */
  connect(callback: (error: Error | null, socket: Socket | null) => void): () => void {
    return dial({ ...this.#target, allowHalfOpen: true }, callback)
  }

  /** Lets running requests end. */
  close(): void {
    void this.#pool.close()
  }

  async destroy(): Promise<void> {
    await this.#pool.destroy()
  }

  /** One connection of the pool. It is made for the request it was given first, and not without it. */
  #client(origin: URL, options: object): Dispatcher {
    const client: RequestedClient = new RequestedClient(origin, {
      ...options,
      connect: (_options, callback) => {
        const { requested } = client
        const settle = (error: Error | null, socket: Socket | null) => {
          if (requested !== null) this.#dialling.delete(requested)
          if (socket === null) return callback(error as Error, null)
          readEarlyAnswer(socket)
          callback(null, socket as never)
        }
        if (requested !== null && this.#withdrawn.has(requested)) {
          setImmediate(settle, new Withdrawn(), null)
          return
        }
        const giveUp = dial(this.#target, settle)
        if (requested === null) return
        this.#dialling.set(requested, () => {
          giveUp()
          settle(new Withdrawn(), null)
        })
      },
    })
    return client
  }
}

function readCa(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new Fault(
      'certificate-invalid',
      `The CA file ${file} of a backend cannot be read.`,
      'Correct "caFile" in the config.',
      { cause },
    )
  }
}

function keyOf(spec: BackendSpec, connectTimeoutMs: number): string {
  return JSON.stringify([spec.url, spec.caFile, spec.serverName, spec.insecure, connectTimeoutMs])
}
