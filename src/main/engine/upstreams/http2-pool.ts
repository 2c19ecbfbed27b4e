import type { DialTarget } from './dial.js'
import { dialHttp2 } from './dial-http2.js'
import { Http2Connection, type OpenedStream } from './http2-connection.js'
import type { ConnectionLimits } from './target.js'

/** Requests that one connection is expected to take, until its backend has told how many. */
const EXPECTED_STREAMS = 100
/** How often connections are looked at, when their idle time is not shorter. */
const CHECK_MS = 1_000

/** A request for an HTTP/2 connection. */
export interface StreamRequest {
  /** names and values in turn, pseudo-header fields first */
  readonly fields: readonly string[]
  /** no body follows */
  readonly endStream: boolean
}

type Opened = (error: Error | null, opened: OpenedStream | null) => void

/** One backend's HTTP/2 connections: as few as its requests fit in. */
export class Http2Pool {
  readonly #target: DialTarget
  readonly #origin: string
  readonly #limits: ConnectionLimits
  #connections: Http2Connection[] = []
  /** how to end each attempt to connect */
  readonly #dialling = new Set<() => void>()
  /** in the order of their coming */
  readonly #waiting = new Map<StreamRequest, Opened>()
  #timer: NodeJS.Timeout | null = null
  #serving = false

  /** @param origin scheme, host and port */
  constructor(target: DialTarget, origin: string, limits: ConnectionLimits) {
    this.#target = target
    this.#origin = origin
    this.#limits = limits
  }

  get queued(): number {
    return this.#waiting.size
  }

  /**
   * Sends the head of a request as soon as there is room for it.
   *
   * @param opened called once, maybe at once; with an error when nothing was sent
   * @returns gives up waiting, without a call of `opened`
   */
  open(request: StreamRequest, opened: Opened): () => void {
    const connection = this.#waiting.size === 0 ? this.#free() : undefined
    if (connection !== undefined) {
      send(connection, request, opened)
      return ignore
    }
    this.#waiting.set(request, opened)
    this.#dialMore()
    return () => {
      if (!this.#waiting.delete(request) || this.#waiting.size > 0) return
      for (const giveUp of this.#dialling) giveUp()
      this.#dialling.clear()
    }
  }

  /** Lets running requests end. */
  close(): void {
    for (const connection of this.#connections) connection.close()
  }

  /** Ends every connection at once. */
  destroy(): void {
    for (const giveUp of this.#dialling) giveUp()
    this.#dialling.clear()
    this.#refuse(new Error('the gateway is stopping'))
    for (const connection of this.#connections) connection.destroy()
  }

  #free(): Http2Connection | undefined {
    for (const connection of this.#connections) if (connection.room > 0) return connection
    return undefined
  }

  #dialMore(): void {
    while (
      this.#waiting.size > this.#dialling.size * EXPECTED_STREAMS &&
      this.#connections.length + this.#dialling.size < this.#limits.max
    ) {
      const giveUp = dialHttp2(this.#target, this.#origin, (error, session, socket) => {
        this.#dialling.delete(giveUp)
        if (session === null || socket === null) return this.#failed(error as Error)
        this.#connections.push(new Http2Connection(session, socket, () => this.#serve()))
        this.#timer ??= setInterval(() => this.#check(), Math.min(CHECK_MS, Math.ceil(this.#limits.idleMs / 2))).unref()
        this.#serve()
      })
      this.#dialling.add(giveUp)
    }
  }

  /** Whoever waits learns of it when nothing else is being tried for them. */
  #failed(error: Error): void {
    if (this.#dialling.size === 0) this.#refuse(error)
  }

  #refuse(error: Error): void {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const opened of waiting) opened(error, null)
  }

  /** Something has changed: those that wait get what there is. */
  #serve(): void {
    if (this.#serving) return
    this.#serving = true
    this.#connections = this.#connections.filter((connection) => !(connection.closing && connection.streams === 0))
    for (const [request, opened] of this.#waiting) {
      const connection = this.#free()
      if (connection === undefined) break
      this.#waiting.delete(request)
      send(connection, request, opened)
    }
    this.#serving = false
    this.#dialMore()
  }

  #check(): void {
    const now = performance.now()
    for (const connection of [...this.#connections]) connection.check(now, this.#limits.idleMs)
    if (this.#connections.length > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }
}

function send(connection: Http2Connection, { fields, endStream }: StreamRequest, opened: Opened): void {
  let stream: OpenedStream
  try {
    stream = connection.open(fields, endStream)
  } catch (error) {
    opened(error instanceof Error ? error : new Error(String(error)), null)
    return
  }
  opened(null, stream)
}

function ignore(): void {}
