import type { Duplex } from 'node:stream'
import type { Fault } from '../../../../shared/fault.js'
import type { RelayMessage } from '../control-messages.js'
import type { TunnelTarget } from '../frames.js'
import { splice } from '../splice.js'
import { TunnelError, type TunnelStream } from '../tunnel-stream.js'
import type { AgentEvent, AgentProxy, AgentStatus, TcpTarget } from './agent-events.js'
import type { AllowFacts } from './allow-list.js'
import { BackOff } from './back-off.js'
import { dialTarget } from './dial-target.js'
import type { RelayAccess } from './open-relay.js'
import { type Publication, Publications } from './publications.js'
import type { Ending } from './refusals.js'
import { RelaySession } from './relay-session.js'

const DIAL_MS = 10_000
const PING_MS = 10_000
const MAX_STREAMS = 4_096
const ASK_AGAIN_MS = 1_000

export interface AgentOptions {
  access: RelayAccess
  /** What TCP targets are judged by; asked for anew with each connection. Without it none is connected. */
  facts?: () => Promise<AllowFacts>
  /** Takes a connection for something that is published. Without it nothing can be published. */
  serveApp?: (name: string, stream: Duplex, client: string) => void
  onEvent?: (event: AgentEvent) => void
  /** milliseconds to connect to a target */
  dialMs?: number
  /** milliseconds between two pings; a relay that does not answer one before the next is taken for gone */
  pingMs?: number
}

/**
 * The end of a tunnel that dials out: it connects to a relay, connects what users of the relay ask for, and connects again
 * whenever the connection is lost, until it is closed or the relay refuses it for good.
 */
export class TunnelAgent {
  /** Resolves when it has stopped: with the reason, or with null when it was closed. */
  readonly ended: Promise<Fault | null>
  readonly #options: AgentOptions
  readonly #publications = new Publications()
  readonly #backOff = new BackOff()
  readonly #end: (fault: Fault | null) => void
  #session: RelaySession
  #state: AgentStatus['state'] = 'connecting'
  #welcomedBefore = false
  #agent: string | null = null
  #proxies: readonly AgentProxy[] = []
  #opened = 0
  #failed = 0
  #retry: NodeJS.Timeout | undefined
  #askAgain: NodeJS.Timeout | undefined

  constructor(options: AgentOptions) {
    this.#options = options
    const { promise, resolve } = Promise.withResolvers<Fault | null>()
    this.ended = promise
    this.#end = resolve
    this.#session = this.#connect()
  }

  status(): AgentStatus {
    const link = this.#session.link
    return {
      state: this.#state,
      agent: this.#agent,
      latencyMs: this.#state === 'connected' ? (link?.latencyMs ?? null) : null,
      streams: link?.streams ?? 0,
      opened: this.#opened,
      failed: this.#failed,
      proxies: this.#proxies,
      published: this.#publications.list(),
    }
  }

  /** Asks for a name, now and after each reconnect; events tell what became of it. */
  publish(publication: Publication): void {
    this.#publications.add(publication, Date.now())
    this.#askFor()
  }

  /** Gives a name back. */
  unpublish(name: string): void {
    const known = this.#publications.remove(name)
    if (known && this.#state === 'connected') this.#session.link?.control({ type: 'unpublish', name })
  }

  /** Ends for good, and every stream with it. */
  close(): void {
    this.#stop(null)
  }

  #connect(): RelaySession {
    const { access, facts, serveApp } = this.#options
    return new RelaySession({
      access,
      serves: [...(facts === undefined ? [] : ['tcp' as const]), ...(serveApp === undefined ? [] : ['apps' as const])],
      welcomedBefore: this.#welcomedBefore,
      maxStreams: MAX_STREAMS,
      pingMs: this.#options.pingMs ?? PING_MS,
      welcomed: (agent) => this.#welcomed(agent),
      message: (message) => this.#take(message),
      open: (stream, target, client) => void this.#open(stream, target, client),
      over: (ending, lastedMs) => this.#lost(ending, lastedMs),
    })
  }

  #welcomed(agent: string): void {
    this.#state = 'connected'
    this.#agent = agent
    this.#tell({ type: 'connected', agent, again: this.#welcomedBefore })
    this.#welcomedBefore = true
    this.#askFor()
  }

  #lost(ending: Ending, lastedMs: number | null): void {
    clearTimeout(this.#askAgain)
    this.#publications.disconnected()
    if (ending.final !== null) {
      this.#stop(ending.final)
      return
    }
    this.#state = 'waiting'
    const wait = this.#backOff.next(performance.now(), lastedMs, Math.random())
    const retryMs = Math.max(wait, ending.retryAfterMs)
    this.#tell({ type: 'waiting', reason: ending.reason, retryMs, wasConnected: lastedMs !== null })
    this.#retry = setTimeout(() => {
      this.#state = 'connecting'
      this.#session = this.#connect()
    }, retryMs)
  }

  #stop(fault: Fault | null): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    clearTimeout(this.#retry)
    clearTimeout(this.#askAgain)
    this.#session.close()
    this.#tell({ type: 'ended', fault })
    this.#end(fault)
  }

  #take(message: RelayMessage): void {
    switch (message.type) {
      case 'welcome':
        break
      case 'proxies':
        this.#proxies = message.proxies
        this.#tell({ type: 'proxies', proxies: message.proxies })
        break
      case 'published':
        this.#published(message)
        break
      case 'refused':
        this.#refused(message.name, message.reason)
        break
      case 'unpublished':
        if (this.#publications.remove(message.name)) this.#tell(message)
        break
    }
  }

  #published({ type, name, url, expires, lifetimeMs }: Extract<RelayMessage, { type: 'published' }>): void {
    // By the clock of this machine, which may be another one than the relay's.
    const own = expires === null || lifetimeMs == null ? expires : new Date(Date.now() + lifetimeMs).toISOString()
    if (this.#publications.published(name, url, own)) this.#tell({ type, name, url, expires: own })
  }

  #refused(name: string, reason: string): void {
    if (!this.#publications.has(name)) return
    const retrying = this.#publications.refused(name, reason)
    this.#tell({ type: 'refused', name, reason, retrying })
    if (!retrying) return
    clearTimeout(this.#askAgain)
    this.#askAgain = setTimeout(() => this.#askFor(), ASK_AGAIN_MS)
  }

  #askFor(): void {
    if (this.#state !== 'connected') return
    for (const name of this.#publications.takeExpired(Date.now())) {
      this.#tell({ type: 'unpublished', name, reason: 'its time is over' })
    }
    for (const message of this.#publications.outstanding(Date.now())) this.#session.link?.control(message)
  }

  /** Never rejects. */
  async #open(stream: TunnelStream, target: TunnelTarget, client: string): Promise<void> {
    const { link } = this.#session
    try {
      if (target.kind === 'app') this.#serveApp(stream, target.name, client)
      else await this.#dial(stream, target)
      this.#opened += 1
      link?.accept(stream)
    } catch (thrown) {
      const error = thrown instanceof TunnelError ? thrown : new TunnelError('unreachable', 'the agent failed')
      const wanted = !stream.destroyed
      stream.destroy(error)
      if (!wanted) return
      this.#failed += 1
      this.#tell({ type: 'failed', target, client, reason: error.message })
    }
  }

  #serveApp(stream: TunnelStream, name: string, client: string): void {
    const { serveApp } = this.#options
    if (serveApp === undefined || !this.#publications.has(name)) {
      throw new TunnelError('unreachable', `"${name}" is not published by this agent`)
    }
    serveApp(name, stream, client)
  }

  async #dial(stream: TunnelStream, target: TcpTarget): Promise<void> {
    const { facts: ask } = this.#options
    if (ask === undefined) throw new TunnelError('forbidden', 'this connection of the agent is for apps alone')
    const unwanted = new AbortController()
    stream.on('close', () => unwanted.abort())
    const given = await ask()
    const { relay } = this.#session
    const facts = relay === null ? given : { ...given, reservedPlaces: [...given.reservedPlaces, relay] }
    const timeoutMs = this.#options.dialMs ?? DIAL_MS
    const begun = performance.now()
    const socket = await dialTarget(target, { facts, timeoutMs, signal: unwanted.signal })
    if (stream.destroyed) {
      socket.destroy()
      return
    }
    const { remoteAddress: address = '' } = socket
    splice(socket, stream, () => {})
    this.#tell({ type: 'dialled', target, address, connectMs: performance.now() - begun, stream })
  }

  #tell(event: AgentEvent): void {
    this.#options.onEvent?.(event)
  }
}
