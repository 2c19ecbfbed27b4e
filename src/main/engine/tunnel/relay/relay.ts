import path from 'node:path'
import type { Logger } from 'pino'
import { formatAuthority } from '../../../../shared/hostname.js'
import { AgentDoor } from './agent-door.js'
import type { AgentConnection } from './agent-link.js'
import { Agents } from './agents.js'
import { AuditLog, type LineFile } from './audit-log.js'
import { TokenUses } from './limits/token-uses.js'
import { Proxies } from './proxies.js'
import { fittingProxies } from './proxies-message.js'
import type { ProxyContext } from './proxy-listener.js'
import { Publications } from './publishing/publications.js'
import type { Publisher } from './publishing/publisher.js'
import type { RelayAdmin } from './relay-admin.js'
import { PROXIES_FILE, TOKENS_FILE } from './relay-files.js'
import type {
  ProxyRecord,
  ProxyStats,
  ProxyView,
  ProxyWish,
  RelayStatus,
  TokenMade,
  TokenRecord,
  TokenView,
  TokenWish,
} from './relay-schemas.js'
import { TokenStore, viewOfToken } from './token-store.js'
import { CONNECTION_LIMITS, type ConnectionLimits } from './user-connection.js'

export interface RelayOptions {
  /** absolute; nobody else writes there */
  dataDir: string
  version: string
  audit: LineFile
  log: Logger
  limits?: Partial<ConnectionLimits>
  maxAgents?: number
  maxOfToken?: number
  pingMs?: number
  retryMs?: number
  /** what gives apps their addresses; without one, none is published */
  publisher?: Publisher
  /** agents come through a gateway, which tells their addresses */
  behindGateway?: boolean
}

const DEFAULTS = { maxAgents: 1_000, maxOfToken: 100, pingMs: 15_000, retryMs: 2_000 }

/** Agents, tokens and proxies, and what an operator may do with them. It listens for users; who lets agents in is RelayServer. */
export class Relay implements RelayAdmin {
  readonly door: AgentDoor
  /** where agents connect to, once that is known */
  url = ''
  readonly #version: string
  readonly #startedAt = new Date().toISOString()
  readonly #tokens: TokenStore
  readonly #agents: Agents
  readonly #uses: TokenUses
  readonly #audit: AuditLog
  readonly #proxies: Proxies
  readonly #publications: Publications

  /** Reads what is kept and listens for the users of every proxy. @throws Fault `config-unreadable` */
  static async open(options: RelayOptions): Promise<Relay> {
    const tokens = await TokenStore.open(path.join(options.dataDir, TOKENS_FILE))
    const agents = new Agents()
    const context = {
      agents,
      uses: new TokenUses(),
      audit: new AuditLog(options.audit, options.log),
      limits: { ...CONNECTION_LIMITS, ...options.limits },
    }
    const proxies = await Proxies.open({
      ...context,
      file: path.join(options.dataDir, PROXIES_FILE),
      log: options.log,
      retryMs: options.retryMs ?? DEFAULTS.retryMs,
      tokens: () => tokens.records,
    })
    return new Relay(options, tokens, proxies, context)
  }

  private constructor(options: RelayOptions, tokens: TokenStore, proxies: Proxies, context: ProxyContext) {
    const { agents, uses, audit } = context
    this.#version = options.version
    this.#tokens = tokens
    this.#proxies = proxies
    this.#agents = agents
    this.#uses = uses
    this.#audit = audit
    this.#publications = new Publications({ ...context, publisher: options.publisher ?? null })
    this.door = new AgentDoor({
      tokens,
      agents,
      audit,
      maxAgents: options.maxAgents ?? DEFAULTS.maxAgents,
      maxOfToken: options.maxOfToken ?? DEFAULTS.maxOfToken,
      pingMs: options.pingMs ?? DEFAULTS.pingMs,
      joined: (connection) => this.#welcome(connection),
      left: (connection) => this.#publications.left(connection),
      message: (connection, message) => this.#publications.take(connection, message),
      behindGateway: options.behindGateway === true,
    })
    audit.note({ event: 'relay-started' })
  }

  /** The record of a token that is good; null for any other. */
  findToken(token: string): TokenRecord | null {
    return this.#tokens.find(token)
  }

  async createToken(wish: TokenWish): Promise<TokenMade> {
    const made = await this.#tokens.create(wish)
    this.#audit.note({ event: 'token-created', token: made.id, agent: made.client_id })
    return made
  }

  async listTokens(): Promise<TokenView[]> {
    return this.#tokens.records.map(viewOfToken)
  }

  async revokeToken(id: string): Promise<TokenView> {
    const record = await this.#tokens.revoke(id)
    this.#agents.closeToken(id, 'the token was revoked')
    this.#uses.forget(id)
    this.#audit.note({ event: 'token-revoked', token: id, agent: record.agent })
    return viewOfToken(record)
  }

  async createProxy(wish: ProxyWish, by = 'operator'): Promise<ProxyView> {
    const record = await this.#proxies.create(wish)
    this.#noteProxy('proxy-created', record, by)
    this.#tellProxies(record.agent)
    return this.#proxies.list().find(({ id }) => id === record.id)!
  }

  async listProxies(): Promise<ProxyView[]> {
    return this.#proxies.list()
  }

  async deleteProxy(id: string, by = 'operator'): Promise<ProxyView> {
    const view = this.#proxies.list().find((one) => one.id === id)
    const record = await this.#proxies.remove(id)
    this.#noteProxy('proxy-removed', record, by)
    this.#tellProxies(record.agent)
    return view!
  }

  async proxyStats(): Promise<ProxyStats[]> {
    return this.#proxies.stats()
  }

  async status(): Promise<RelayStatus> {
    return {
      version: this.#version,
      pid: process.pid,
      started_at: this.#startedAt,
      url: this.url,
      proxies: this.#proxies.records.length,
      tokens: this.#tokens.records.length,
      troubles: this.#audit.trouble === null ? [] : [`The audit log cannot be written: ${this.#audit.trouble}.`],
      agents: this.#agents.all.map((one) => ({
        client_id: one.agent,
        address: one.address,
        protocol: one.protocol,
        token_id: one.token.id,
        connected_at: new Date(one.since).toISOString(),
        streams: one.link.streams,
        latency_ms: one.link.latencyMs,
      })),
      published: this.#publications.views,
    }
  }

  /** Ends every connection, of users and agents. */
  async close(): Promise<void> {
    await this.#proxies.close()
    await this.#publications.close()
    this.#agents.closeAll()
    this.#audit.note({ event: 'relay-stopped' })
    await this.#audit.close()
  }

  #welcome(connection: AgentConnection): void {
    const { agent, token, link } = connection
    link.control({ type: 'welcome', agent, streams: token.limits.connections })
    link.control(fittingProxies(this.#proxiesOf(connection)))
  }

  #tellProxies(agent: string): void {
    const own = this.#agents.all.filter((one) => one.agent === agent)
    for (const connection of own) connection.link.control(fittingProxies(this.#proxiesOf(connection)))
  }

  #proxiesOf(connection: AgentConnection): ProxyRecord[] {
    return this.#proxies.records.filter((record) =>
      this.#agents.of(record.agent, record.localPort).includes(connection),
    )
  }

  #noteProxy(event: 'proxy-created' | 'proxy-removed', record: ProxyRecord, by: string): void {
    const local = formatAuthority(record.address, record.localPort)
    const remote = formatAuthority(record.remoteHost, record.remotePort)
    this.#audit.note({ event, proxy: record.id, agent: record.agent, local, remote, by })
  }
}
