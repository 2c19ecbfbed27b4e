import { once } from 'node:events'
import net from 'node:net'
import type { Logger } from 'pino'
import type { Portal } from '../../../shared/contract.js'
import type { Platform } from '../../platform/platform.js'
import { ControlConnection } from './control-connection.js'
import { localEndpoint } from './endpoint.js'
import { EventFeed } from './event-feed.js'
import { listenPrivately } from './listen-privately.js'
import { ensurePrivateDir } from './private-dir.js'

export interface ControlSocketOptions {
  dataDir: string
  platform: Platform
  /** what the commands are carried out by and the events come from */
  portal: Portal
  log: Logger
}

const MAX_CONNECTIONS = 64
const CLOSE_GRACE_MS = 1_000

/** The engine's door for this user's other processes: a unix socket of mode 0600, or a named pipe on Windows. */
export class ControlSocket {
  readonly path: string
  readonly #server: net.Server
  readonly #feed: EventFeed
  readonly #connections = new Set<ControlConnection>()

  private constructor(path: string, portal: Portal, log: Logger) {
    this.path = path
    this.#feed = new EventFeed(portal)
    this.#server = net.createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket, portal, log))
    this.#server.maxConnections = MAX_CONNECTIONS
    this.#server.on('error', (err) => log.error({ err }, 'the control socket failed'))
  }

  /**
   * Opens the door of a data directory. The caller holds its InstanceLock: a socket that is left there is a dead one.
   *
   * @throws Fault `listen-failed` when the socket cannot be made; `forbidden` or `usage` when its directory is not private
   */
  static async open({ dataDir, platform, portal, log }: ControlSocketOptions): Promise<ControlSocket> {
    const directory = await ensurePrivateDir(dataDir, platform)
    const endpoint = localEndpoint(directory, platform)
    const control = new ControlSocket(endpoint.path, portal, log)
    await listenPrivately(control.#server, endpoint, directory)
    return control
  }

  /** How many events were not sent because their followers did not read; all connections together. */
  get missedEvents(): number {
    return this.#feed.missed
  }

  /** Takes no more connections, lets the answers under way be given for up to a second, and hangs up. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    await Promise.all([...this.#connections].map((connection) => connection.close(CLOSE_GRACE_MS)))
    await closed
  }

  #accept(socket: net.Socket, portal: Portal, log: Logger): void {
    const connection = new ControlConnection(socket, { portal, feed: this.#feed, log })
    this.#connections.add(connection)
    socket.on('error', (err) => log.debug({ err }, 'a connection of the control socket failed'))
    socket.on('close', () => this.#connections.delete(connection))
    void connection.serve()
  }
}
