import { once } from 'node:events'
import { chmod, lstat, mkdir, rm } from 'node:fs/promises'
import net from 'node:net'
import type { Logger } from 'pino'
import type { Portal } from '../../../shared/contract.js'
import { Fault } from '../../../shared/fault.js'
import type { Platform } from '../../platform/platform.js'
import { ControlConnection } from './control-connection.js'
import { type ControlEndpoint, localEndpoint } from './endpoint.js'
import { EventFeed } from './event-feed.js'
import { ensurePrivateDir, isPrivateDir } from './private-dir.js'

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
    if (endpoint.directory !== null && endpoint.directory !== directory) await ensureShortDir(endpoint.directory)
    if (endpoint.directory !== null) await removeDeadSocket(endpoint.path)
    const control = new ControlSocket(endpoint.path, portal, log)
    await control.#listen(endpoint)
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

  async #listen({ path, directory }: ControlEndpoint): Promise<void> {
    const listening = once(this.#server, 'listening')
    // bind() makes the file with these rights before listen() lets anyone in, both inside this call: no moment is open.
    const before = directory === null ? null : process.umask(0o177)
    try {
      this.#server.listen(path)
    } finally {
      if (before !== null) process.umask(before)
    }
    await listening.catch((cause) => {
      throw listenFailed(path, cause)
    })
    if (directory !== null) await chmod(path, 0o600)
  }

  #accept(socket: net.Socket, portal: Portal, log: Logger): void {
    const connection = new ControlConnection(socket, { portal, feed: this.#feed, log })
    this.#connections.add(connection)
    socket.on('error', (err) => log.debug({ err }, 'a connection of the control socket failed'))
    socket.on('close', () => this.#connections.delete(connection))
    void connection.serve()
  }
}

async function ensureShortDir(directory: string): Promise<void> {
  await mkdir(directory, { mode: 0o700 }).catch(() => undefined)
  if (await isPrivateDir(directory)) return
  throw new Fault(
    'listen-failed',
    `The directory ${directory} for the control socket is missing or open to other users.`,
    'Remove it, or choose a data directory with a shorter path by --data-dir.',
  )
}

async function removeDeadSocket(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => null)
  if (stats === null) return
  if (!stats.isSocket()) {
    throw new Fault('listen-failed', `${path} is in the way: it is not a socket.`, 'Move it elsewhere and start again.')
  }
  await rm(path)
}

function listenFailed(path: string, cause: unknown): Fault {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
  return new Fault(
    'listen-failed',
    `The control socket ${path} cannot be opened: ${reason}.`,
    'Choose a data directory on a local disk with --data-dir.',
    { cause },
  )
}
