import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import Pool from 'undici/lib/dispatcher/pool.js'
import { Fault } from '../../../shared/fault.js'
import { type DialTarget, dial } from './dial.js'
import { readEarlyAnswer } from './early-answer.js'
import type { OpenedStream } from './http2-connection.js'
import { Http2Pool, type StreamRequest } from './http2-pool.js'
import { RequestedClient, type RequestHandler, Withdrawn } from './requested-client.js'
import type { BackendSpec, ConnectionLimits } from './target.js'

/** One backend's keep-alive connections. */
export class BackendPool {
  /** how its connections are made */
  readonly dialTarget: DialTarget
  closed = false
  readonly #origin: string
  readonly #pool: InstanceType<typeof Pool>
  readonly #limits: ConnectionLimits
  /** made with the first request that wants it */
  #http2: Http2Pool | null = null
  /** how to end each attempt to connect, by the request that it is made for */
  readonly #dialling = new Map<Dispatcher.DispatchHandler, () => void>()
  /** requests given up while they waited for their turn: no connection is made for them any more */
  readonly #withdrawn = new WeakSet<Dispatcher.DispatchHandler>()

  /**
   * @param connectTimeoutMs time in which the backend must accept a connection
   * @throws Fault when its CA file cannot be read
   */
  constructor(spec: BackendSpec, connectTimeoutMs: number, limits: ConnectionLimits) {
    const url = new URL(spec.url)
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const secure = url.protocol === 'https:'
    this.#origin = url.origin
    this.#limits = limits
    this.dialTarget = {
      ca: spec.caFile === null ? undefined : readCa(spec.caFile),
      serverName: spec.serverName ?? host,
      insecure: spec.insecure,
      host,
      port: Number(url.port) || (secure ? 443 : 80),
      secure,
      timeoutMs: connectTimeoutMs,
    }
    this.#pool = new Pool(url.origin, {
      connections: limits.max,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: limits.idleMs,
      // A backend may ask for less by its Keep-Alive header, never for more than the config allows.
      keepAliveMaxTimeout: limits.idleMs,
      maxHeaderSize: 64 * 1024,
      // The gateway watches every exchange itself: these timers would also run while a client is slow.
      headersTimeout: 0,
      bodyTimeout: 0,
      factory: (origin, options) => this.#client(origin, options),
    })
  }

  get queued(): number {
    return this.#pool.stats.queued + (this.#http2?.queued ?? 0)
  }

  /** See the gateway's `BackendHandle`. */
  dispatch(options: Omit<Dispatcher.DispatchOptions, 'origin'>, handler: RequestHandler): () => void {
    const { serverName } = this.dialTarget
    this.#pool.dispatch(
      { ...options, origin: this.#origin, reset: false, servername: serverName } as Dispatcher.DispatchOptions,
      handler,
    )
    return () => {
      this.#withdrawn.add(handler)
      this.#dialling.get(handler)?.()
    }
  }

  /** See the gateway's `BackendHandle`. */
  openStream(request: StreamRequest, opened: (error: Error | null, stream: OpenedStream | null) => void): () => void {
    this.#http2 ??= new Http2Pool(this.dialTarget, this.#origin, this.#limits)
    return this.#http2.open(request, opened)
  }

  /** See the gateway's `BackendHandle`. */
  connect(callback: (error: Error | null, socket: Socket | null) => void): () => void {
    return dial({ ...this.dialTarget, allowHalfOpen: true }, callback)
  }

  /** Lets running requests end. */
  close(): void {
    this.closed = true
    this.#http2?.close()
    void this.#pool.close()
  }

  async destroy(): Promise<void> {
    this.closed = true
    this.#http2?.destroy()
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
          client.socket = socket
          callback(null, socket as never)
        }
        if (requested !== null && this.#withdrawn.has(requested)) {
          setImmediate(settle, new Withdrawn(), null)
          return
        }
        const giveUp = dial(this.dialTarget, settle)
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
