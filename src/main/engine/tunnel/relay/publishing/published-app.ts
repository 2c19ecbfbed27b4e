import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { SPLICED } from '../../splice.js'
import type { AgentConnection } from '../agent-link.js'
import type { TokenUses } from '../limits/token-uses.js'
import type { OwnConnections } from '../own-connections.js'
import { type ConnectionLimits, UserConnection } from '../user-connection.js'

export interface PublishedAppOptions {
  name: string
  agent: string
  login: { user: string; passwordHash: string } | null
  /** milliseconds since the epoch; null while an agent shows it */
  expires: number | null
  uses: TokenUses
  /** the gateway is in this process, and nobody else has a reason to come in */
  own: OwnConnections
  limits: ConnectionLimits
}

/** An app that an agent shows: the gateway comes in at a port of the loopback, and nobody else. */
export class PublishedApp {
  url = ''
  readonly options: PublishedAppOptions
  /** the agent's, by which it was asked for */
  readonly connections = new Set<AgentConnection>()
  readonly #server: net.Server
  readonly #sockets = new Set<Socket>()
  #port = 0

  constructor(options: PublishedAppOptions) {
    this.options = options
    this.#server = net.createServer({ ...SPLICED }, (socket) => void this.#serve(socket))
    this.#server.on('error', () => {}) // such as no more files to be had: the connection is lost, the listener is not
  }

  /** @returns the port */
  async listen(): Promise<number> {
    const listening = once(this.#server, 'listening')
    this.#server.listen({ host: '127.0.0.1', port: 0 })
    await listening
    this.#port = (this.#server.address() as AddressInfo).port
    this.options.own.watch(this.#port)
    return this.#port
  }

  close(): void {
    if (this.#port !== 0) this.options.own.unwatch(this.#port)
    this.#server.close()
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async #serve(socket: Socket): Promise<void> {
    const { name, uses, limits, own } = this.options
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
    if (!(await own.recognise(socket))) {
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
