import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { ExchangeEntry } from '../../../shared/contract.js'
import { isLoopbackHost } from '../../../shared/hostname.js'
import { httpsPortOf, remoteHttpsPortOf } from '../../../shared/https-port.js'
import { BufferCollector } from './buffer-collector.js'
import type { Challenges } from './challenges.js'
import { Connection } from './connection.js'
import type { Entrance } from './entrance.js'
import { Exchange } from './exchange.js'
import type { ExchangeInit } from './exchange-init.js'
import { type ExchangeObserver, forward, handleExchange } from './handle-exchange.js'
import { HeldRequests } from './held-requests.js'
import { Http1Server } from './http1-server.js'
import { Http2Server } from './http2-server.js'
import { Listeners, type TlsProvider } from './listener.js'
import type { PanelHandler } from './panel-handler.js'
import type { AppProcesses } from './process-ports.js'
import type { Snapshot } from './snapshot.js'
import { Sweeper } from './sweeper.js'
import { UnreadReply } from './unread-reply.js'
import type { Upstreams } from './upstream-ports.js'
import type { WebSocketClient } from './websocket-client.js'
import { Tunnels } from './websocket-tunnels.js'

export interface GatewayOptions {
  snapshot: Snapshot
  tls: TlsProvider
  upstreams: Upstreams
  processes: AppProcesses
  /** answers for the panel's host */
  panel: PanelHandler
  /** what certificate authorities look for */
  challenges: Challenges
  /** hears of exchanges while they are under way */
  observer: ExchangeObserver
  /** receives one entry per exchange, when it has ended; without the exchange when a request never became one */
  record: (entry: ExchangeEntry, exchange: Exchange | null) => void
}

/** Sockets, protocol servers and the exchanges in progress. */
export class Gateway implements Entrance {
  readonly listeners: Listeners
  draining = false
  readonly #options: GatewayOptions
  readonly #http1: Http1Server
  readonly #http2: Http2Server
  readonly #sweeper = new Sweeper()
  readonly #tunnels = new Tunnels()
  /** names this gateway in Via, so that it knows its own requests when they come back */
  readonly #pseudonym = `portico-${randomBytes(4).toString('hex')}`
  readonly #idPrefix = randomBytes(4).toString('hex')
  #nextId = 0
  #snapshot: Snapshot
  /** counts the drains and what ended them: only the latest may cut off what is left */
  #round = 0
  #whenIdle: (() => void) | null = null
  readonly #context

  private constructor(options: GatewayOptions) {
    this.#options = options
    this.#snapshot = options.snapshot
    this.#http1 = new Http1Server(this)
    this.#http2 = new Http2Server(this)
    this.listeners = new Listeners(
      options.tls,
      {
        http1: (socket) => this.#http1.accept(this.#connection(socket)),
        http2: (socket) => this.#http2.accept(this.#connection(socket)),
      },
      options.snapshot.limits.connections,
      options.challenges,
    )
    const { processes } = options
    this.#context = {
      processes,
      held: new HeldRequests(processes),
      upstreams: options.upstreams,
      panel: options.panel,
      challenges: options.challenges,
      observer: options.observer,
      tunnels: this.#tunnels,
      pseudonym: this.#pseudonym,
      buffers: new BufferCollector(),
      httpsPort: (client: string) => (isLoopbackHost(client) ? httpsPortOf : remoteHttpsPortOf)(this.listeners.open),
      log: (exchange: Exchange) => this.#ended(exchange),
    }
  }

  /** Makes a gateway that listens nowhere yet. */
  static async create(options: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(options)
    await gateway.listeners.prepare(options.tls)
    return gateway
  }

  /** Exchanges in progress. */
  get inFlight(): number {
    return this.#sweeper.size
  }

  /** Exchanges in progress that are not the panel's own. Counted when asked. */
  get inFlightForApps(): number {
    return this.#sweeper.count(({ isPanel }) => !isPanel)
  }

  /** Exchanges in progress by app; '' for those of none. Counted when asked. */
  inFlightByApp(): Map<string, number> {
    const counts = new Map<string, number>()
    this.#sweeper.each(({ app, isPanel }) => {
      if (!isPanel) counts.set(app?.name ?? '', (counts.get(app?.name ?? '') ?? 0) + 1)
    })
    return counts
  }

  snapshot(): Snapshot {
    return this.#snapshot
  }

  /** New exchanges use the new snapshot; those under way keep theirs. */
  apply(snapshot: Snapshot): void {
    this.#snapshot = snapshot
    this.listeners.connectionLimit = snapshot.limits.connections
    this.#http1.apply(snapshot)
  }

  enter(init: Omit<ExchangeInit, 'id' | 'snapshot'>, webSocket: WebSocketClient | null = null): void {
    const exchange = new Exchange({
      ...init,
      id: `${this.#idPrefix}-${(this.#nextId++).toString(36)}`,
      snapshot: this.#snapshot,
    })
    this.#sweeper.add(exchange)
    void handleExchange(exchange, this.#context, webSocket)
  }

  /** See `PolicyServices.refetch`. */
  async refetch(of: Exchange, prepare: (own: Exchange) => void): Promise<void> {
    const { connection, snapshot, target, authority, headers } = of
    const init = { connection, snapshot, target, authority, headers, refusal: null, bodySource: null }
    const reply = new UnreadReply()
    const own = new Exchange({ ...init, id: `${of.id}-again`, reply, protocol: 'http/1.1', method: 'GET' })
    connection.delete(own) // it is none of what the client waits for
    const { host, clientAuthority, app, appName, route, sentTarget, requestEdit, identified } = of
    Object.assign(own, { host, clientAuthority, app, appName, route, sentTarget, requestEdit, identified })
    prepare(own)
    this.#sweeper.add(own)
    try {
      if (route !== null) await forward(own, route, this.#context, null)
    } catch (thrown) {
      own.fail(thrown)
    } finally {
      await own.reply.closed
      own.finish()
      this.#left(own)
    }
  }

  refused(connection: Connection, method: string, target: string, status: number, error: string): void {
    const entry: ExchangeEntry = {
      time: new Date().toISOString(),
      id: `${this.#idPrefix}-${(this.#nextId++).toString(36)}`,
      app: null,
      host: connection.sni ?? '',
      method,
      path: target,
      status,
      bytesIn: 0,
      bytesOut: 0,
      connectMs: null,
      firstByteMs: null,
      totalMs: 0,
      client: connection.client,
      protocol: 'http/1.1',
      backend: null,
      attempts: 0,
      error,
    }
    this.#options.record(entry, null)
  }

  /**
   * Stops accepting, lets exchanges in progress end, then ends what is left, unless `reopen` comes first.
   *
   * @param drainMs the longest to wait for them, in milliseconds
   */
  async drain(drainMs: number): Promise<void> {
    const round = ++this.#round
    this.draining = true
    await this.listeners.close()
    this.#http1.drain()
    this.#http2.drain()
    this.#tunnels.end()
    await this.#idle(drainMs)
    if (round !== this.#round) return
    this.#http1.destroy()
    this.#http2.destroy()
    this.listeners.destroy()
  }

  /** After a drain: connections are welcome again, once something listens. */
  reopen(): void {
    this.#round += 1
    this.draining = false
    this.#http1.reopen()
    this.#tunnels.reopen()
  }

  /** As `drain`, for good. */
  async stop(drainMs: number): Promise<void> {
    await this.drain(drainMs)
    this.listeners.detach()
  }

  #connection(socket: Socket | TLSSocket): Connection {
    return new Connection(socket, this.#snapshot.trusts, this.listeners.publicPort(socket.localPort))
  }

  #ended(exchange: Exchange): void {
    this.#options.record(exchange.finish(), exchange)
    this.#left(exchange)
  }

  #left(exchange: Exchange): void {
    this.#sweeper.delete(exchange)
    if (this.inFlight > 0 || this.#whenIdle === null) return
    this.#whenIdle()
    this.#whenIdle = null
  }

  async #idle(drainMs: number): Promise<void> {
    if (this.inFlight === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, drainMs)
      // A stop that is in a hurry also ends the patient one before it.
      const before = this.#whenIdle
      this.#whenIdle = () => {
        before?.()
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
