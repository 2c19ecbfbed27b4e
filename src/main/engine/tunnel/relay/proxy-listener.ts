import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { formatAuthority } from '../../../../shared/hostname.js'
import { SPLICED } from '../splice.js'
import type { Agents } from './agents.js'
import type { AuditLog } from './audit-log.js'
import type { TokenUses } from './limits/token-uses.js'
import type { ProxyRecord, ProxyStats } from './relay-schemas.js'
import { type ConnectionLimits, UserConnection } from './user-connection.js'

/** What the connections of all proxies share. */
export interface ProxyContext {
  agents: Agents
  uses: TokenUses
  audit: AuditLog
  limits: ConnectionLimits
}

/** Users who come at once wait to be taken; those that the system turns away come back a second later, or three. */
const BACKLOG = 4_096
/** Open connections that are told one by one. */
const TOLD_AT_MOST = 100

/** A port of this machine that leads to what an agent reaches. */
export class ProxyListener {
  readonly record: ProxyRecord
  /** why it does not listen; null when it does */
  error: string | null = 'not yet'
  readonly #context: ProxyContext
  readonly #server: net.Server
  readonly #open = new Set<UserConnection>()
  #total = 0
  #refused = 0
  #bytesIn = 0
  #bytesOut = 0
  #connectMs: number | null = null

  /** @param record its port is the one that it gets when it is 0 */
  constructor(record: ProxyRecord, context: ProxyContext) {
    this.record = record
    this.#context = context
    this.#server = net.createServer({ ...SPLICED }, (socket) => void this.#serve(socket))
    // Such as no more files to be had: the connection is lost, the listener is not.
    this.#server.on('error', () => {})
  }

  /** @returns the port @throws NodeJS.ErrnoException when it cannot be had */
  async listen(): Promise<number> {
    const { address, localPort } = this.record
    const listening = once(this.#server, 'listening')
    this.#server.listen({ host: address, port: localPort, backlog: BACKLOG })
    try {
      await listening
    } catch (error) {
      this.error = (error as NodeJS.ErrnoException).code ?? String(error)
      throw error
    }
    this.error = null
    return (this.#server.address() as AddressInfo).port
  }

  /** Takes no more connections and ends those that are open. */
  async close(reason: string): Promise<void> {
    for (const connection of this.#open) connection.end(reason)
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }

  /** What has passed so far, and what is open. */
  get stats(): ProxyStats {
    const open = [...this.#open]
    const sum = (of: (one: UserConnection) => number) => open.reduce((total, one) => total + of(one), 0)
    return {
      id: this.record.id,
      client_id: this.record.agent,
      local_port: this.record.localPort,
      open: open.length,
      total: this.#total,
      refused: this.#refused,
      bytes_in: this.#bytesIn + sum(({ bytesIn }) => bytesIn),
      bytes_out: this.#bytesOut + sum(({ bytesOut }) => bytesOut),
      connect_ms: this.#connectMs,
      connections: open.slice(-TOLD_AT_MOST).map(({ view }) => view),
    }
  }

  async #serve(socket: Socket): Promise<void> {
    const { agents, uses, audit, limits } = this.#context
    const { id: proxy, agent, remoteHost, remotePort, localPort } = this.record
    socket.on('error', () => {})
    const connections = agents.of(agent, localPort)
    const target = { kind: 'tcp', host: remoteHost, port: remotePort } as const
    const connection = new UserConnection({ socket, target, proxy, connections, uses, limits })
    const about = { proxy, agent, from: connection.client }
    this.#total += 1
    this.#open.add(connection)
    try {
      await connection.carry(() => {
        this.#connectMs = connection.connectMs
        audit.note({ event: 'connection-opened', ...about, remote: formatAuthority(remoteHost, remotePort) })
      })
      const { bytesIn, bytesOut, reason } = connection
      const seconds = Math.round(connection.lastedMs / 10) / 100
      audit.note({ event: 'connection-closed', ...about, bytesIn, bytesOut, seconds, reason })
    } catch (error) {
      this.#refused += 1
      audit.note({ event: 'connection-refused', ...about, reason: (error as Error).message })
    } finally {
      this.#open.delete(connection)
      this.#bytesIn += connection.bytesIn
      this.#bytesOut += connection.bytesOut
    }
  }
}
