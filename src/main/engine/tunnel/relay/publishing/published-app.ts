import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import type { AgentConnection } from '../agent-link.js'
import type { TokenUses } from '../limits/token-uses.js'
import { type ConnectionLimits, UserConnection } from '../user-connection.js'
import { hasField, readHead } from './read-head.js'

const HEADER = 'portico-relay-key'

export interface PublishedAppOptions {
  name: string
  agent: string
  login: { user: string; passwordHash: string } | null
  /** milliseconds since the epoch; null while an agent shows it */
  expires: number | null
  uses: TokenUses
  limits: ConnectionLimits
}

/** An app that an agent shows: the gateway comes in at a port of the loopback, with a key that nobody else has. */
export class PublishedApp {
  url = ''
  readonly options: PublishedAppOptions
  readonly key = { header: HEADER, value: randomBytes(32).toString('base64url') }
  /** the agent's, by which it was asked for */
  readonly connections = new Set<AgentConnection>()
  readonly #server: net.Server
  readonly #sockets = new Set<Socket>()

  constructor(options: PublishedAppOptions) {
    this.options = options
    this.#server = net.createServer({ allowHalfOpen: true }, (socket) => void this.#serve(socket))
    this.#server.on('error', () => {}) // such as no more files to be had: the connection is lost, the listener is not
  }

  /** @returns the port */
  async listen(): Promise<number> {
    const listening = once(this.#server, 'listening')
    this.#server.listen({ host: '127.0.0.1', port: 0 })
    await listening
    return (this.#server.address() as AddressInfo).port
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async #serve(socket: Socket): Promise<void> {
    const { name, uses, limits } = this.options
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
    const head = await readHead(socket)
    if (head === null || !hasField(head, HEADER, this.key.value)) {
      socket.destroy()
      return
    }
    const target = { kind: 'app', name } as const
    const connections = [...this.connections]
    const user = new UserConnection({ socket, target, proxy: name, connections, uses, limits })
    // The gateway tells its client that the app could not be reached.
    await user.carry(() => {}).catch(() => {})
  }
}
