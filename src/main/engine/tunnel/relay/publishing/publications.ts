import { isDeepStrictEqual } from 'node:util'
import { Fault } from '../../../../../shared/fault.js'
import { atTime } from '../../at-time.js'
import { type AgentMessage, agentMessageSchema } from '../../control-messages.js'
import { LINK_CLOSE } from '../../tunnel-link.js'
import type { AgentConnection } from '../agent-link.js'
import type { AuditLog } from '../audit-log.js'
import type { TokenUses } from '../limits/token-uses.js'
import { OwnConnections } from '../own-connections.js'
import type { RelayStatus } from '../relay-schemas.js'
import type { ConnectionLimits } from '../user-connection.js'
import { FairTurns } from './fair-turns.js'
import { assertBearable, refusalOfInvalid } from './judge-wish.js'
import { PublishedApp } from './published-app.js'
import type { Publisher, Visit } from './publisher.js'
import { Visitors } from './visitors.js'

type Wish = Extract<AgentMessage, { type: 'publish' }>

export interface PublicationsOptions {
  /** null where nothing is published */
  publisher: Publisher | null
  uses: TokenUses
  limits: ConnectionLimits
  audit: AuditLog
}

interface Shown {
  app: PublishedApp
  expiry: { cancel(): void }
  traffic: { requests: number; bytes_in: number; bytes_out: number }
}

/** Each takes the gateway a moment and the disk a write: an agent that asks for more before it was answered is ended. */
const WAITING_AT_MOST = 200

/** What agents have published, each for as long as a connection of its agent is there that has asked for it. */
export class Publications {
  readonly #options: PublicationsOptions
  readonly #shown = new Map<string, Shown>()
  /** how much each connection has asked for that was not begun */
  readonly #waiting = new WeakMap<AgentConnection, number>()
  readonly #gone = new WeakSet<AgentConnection>()
  /** agents of apps that are being taken away: what was on the way to them is still heard of */
  readonly #leaving = new Map<string, string>()
  readonly #own = new OwnConnections()
  readonly #visitors: Visitors
  readonly #turns = new FairTurns()
  #closed = false

  constructor(options: PublicationsOptions) {
    this.#options = options
    this.#visitors = new Visitors(options.audit)
    options.publisher?.onVisit((visit) => this.#visited(visit))
  }

  get views(): RelayStatus['published'] {
    return [...this.#shown.values()].map(({ app: { url, options }, traffic }) => {
      const expires_at = options.expires === null ? null : new Date(options.expires).toISOString()
      return { name: options.name, url, client_id: options.agent, expires_at, ...traffic }
    })
  }

  /** Takes a control message of an agent; what it does not know it passes over. */
  take(connection: AgentConnection, message: unknown): void {
    const parsed = agentMessageSchema.safeParse(message)
    if (!parsed.success) {
      const refusal = refusalOfInvalid(message)
      if (refusal !== null) connection.link.control({ type: 'refused', ...refusal })
      return
    }
    const wish = parsed.data
    const waiting = this.#waiting.get(connection) ?? 0
    if (waiting >= WAITING_AT_MOST) {
      connection.link.close(LINK_CLOSE.limit, 'too many wishes at once')
      return
    }
    this.#waiting.set(connection, waiting + 1)
    this.#turns.add(connection.agent, async () => {
      this.#waiting.set(connection, (this.#waiting.get(connection) ?? 1) - 1)
      if (this.#gone.has(connection) || this.#closed) return
      await (wish.type === 'publish' ? this.#publish(connection, wish) : this.#leave(connection, wish.name))
    })
  }

  /** The connection is over. */
  left(connection: AgentConnection): void {
    this.#gone.add(connection)
    this.#turns.add(connection.agent, async () => {
      for (const name of [...this.#shown.keys()]) await this.#leave(connection, name)
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#turns.idle()
    for (const name of [...this.#shown.keys()]) await this.#withdraw(name, 'relay stopped').catch(() => {})
  }

  async #publish(connection: AgentConnection, wish: Wish): Promise<void> {
    const { name } = wish
    try {
      const { app } = (await this.#standing(connection, wish)) ?? (await this.#show(connection, wish))
      const { expires } = app.options
      app.connections.add(connection)
      const until = expires === null ? null : new Date(expires).toISOString()
      const lifetimeMs = expires === null ? null : Math.max(0, Math.ceil(expires - Date.now()))
      connection.link.control({ type: 'published', name, url: app.url, expires: until, lifetimeMs })
    } catch (thrown) {
      connection.link.control({ type: 'refused', name, reason: Fault.of(thrown).message })
    }
  }

  /**
   * What is shown under a name that is asked for, and goes on; null when it is free. An agent that asks for its own name with
   * another login means to change it: what it showed before ends. Unless it only comes back, and was away meanwhile.
   */
  async #standing(connection: AgentConnection, { name, login, again }: Wish): Promise<Shown | null> {
    const shown = this.#shown.get(name)
    if (shown === undefined) return null
    const { options, connections } = shown.app
    if (options.agent !== connection.agent) throw new Fault('conflict', 'The name is taken.')
    if (isDeepStrictEqual(options.login, login)) return shown
    if (again === true) throw new Fault('conflict', 'The agent has published it anew.')
    assertBearable(login)
    const others = [...connections].filter((one) => one !== connection)
    await this.#withdraw(name, 'published anew')
    for (const { link } of others) {
      link.control({ type: 'unpublished', name, reason: 'The agent has published it anew, with another login' })
    }
    return null
  }

  async #show(connection: AgentConnection, { name, lifetimeMs, login }: Wish): Promise<Shown> {
    const { publisher, uses, limits, audit } = this.#options
    const { agent, token } = connection
    if (publisher === null) throw new Fault('not-supported', 'This relay has no domain to publish apps in.')
    assertBearable(login)
    const own = [...this.#shown.values()].filter(({ app }) => app.options.agent === agent)
    if (own.length >= token.limits.proxies) throw new Fault('overloaded', `The agent may publish ${own.length} apps.`)
    const expires = lifetimeMs === null ? null : Math.min(Date.now() + lifetimeMs, LAST_TIME)
    const app = new PublishedApp({ name, agent, login, expires, uses, limits, own: this.#own })
    try {
      const port = await app.listen()
      app.url = await publisher.publish({ name, port, login })
    } catch (thrown) {
      app.close()
      // What else the relay's operator has there is nobody's business.
      const { code } = Fault.of(thrown)
      throw code === 'conflict' || code === 'config-invalid' ? new Fault('conflict', 'The name is taken.') : thrown
    }
    const expiry = atTime(expires, () => this.#turns.add(agent, () => this.#expire(shown)))
    const shown: Shown = { app, expiry, traffic: { requests: 0, bytes_in: 0, bytes_out: 0 } }
    this.#shown.set(name, shown)
    audit.note({ event: 'app-published', name, agent, url: app.url })
    return shown
  }

  async #expire({ app }: Shown): Promise<void> {
    const { name } = app.options
    if (this.#shown.get(name)?.app !== app) return
    await this.#withdraw(name, 'its time is over')
    for (const { link } of app.connections) link.control({ type: 'unpublished', name, reason: 'Its time is over' })
  }

  async #leave(connection: AgentConnection, name: string): Promise<void> {
    const shown = this.#shown.get(name)
    if (shown?.app.connections.delete(connection) === true && shown.app.connections.size === 0)
      await this.#withdraw(name, 'the agent has left')
  }

  #visited(visit: Visit): void {
    const shown = this.#shown.get(visit.name)
    if (shown !== undefined) count(shown.traffic, visit)
    const agent = shown?.app.options.agent ?? this.#leaving.get(visit.name)
    if (agent !== undefined) this.#visitors.note(visit, agent)
  }

  async #withdraw(name: string, reason: string): Promise<void> {
    const shown = this.#shown.get(name)
    if (shown === undefined) return
    this.#shown.delete(name)
    shown.expiry.cancel()
    shown.app.close()
    const { agent } = shown.app.options
    this.#options.audit.note({ event: 'app-unpublished', name, agent, url: shown.app.url })
    this.#leaving.set(name, agent)
    try {
      await this.#options.publisher?.withdraw(name)
    } finally {
      this.#leaving.delete(name)
      this.#visitors.end(name, reason)
    }
  }
}

function count(traffic: Shown['traffic'], { bytesIn, bytesOut }: Visit): void {
  traffic.requests += 1
  traffic.bytes_in += bytesIn
  traffic.bytes_out += bytesOut
}

/** The last that a Date can be. */
const LAST_TIME = 8.64e15
