import type { Socket } from 'node:net'
import { formatAuthority } from '../../../../shared/hostname.js'
import type { TunnelTarget } from '../frames.js'
import { splice } from '../splice.js'
import { TunnelError } from '../tunnel-stream.js'
import type { AgentConnection, AgentStream } from './agent-link.js'
import { type Dialled, dialAgent } from './dial-agent.js'
import { Throttled } from './limits/throttled.js'
import type { TokenUses } from './limits/token-uses.js'
import type { ConnectionView } from './relay-schemas.js'

export interface ConnectionLimits {
  /** milliseconds without a byte either way */
  idleMs: number
  /** milliseconds from its begin, whatever it does */
  lifetimeMs: number
  /** milliseconds that an agent has to connect */
  dialMs: number
}

export const CONNECTION_LIMITS: ConnectionLimits = { idleMs: 3_600_000, lifetimeMs: 86_400_000, dialMs: 15_000 }

export interface UserConnectionOptions {
  /** made with the options `SPLICED` */
  socket: Socket
  target: TunnelTarget
  /** id of what it came by */
  proxy: string
  connections: readonly AgentConnection[]
  uses: TokenUses
  limits: ConnectionLimits
}

/** One user, of a proxy or of the gateway on its way to a published app, from the connection to its end. */
export class UserConnection {
  readonly client: string
  readonly since = Date.now()
  readonly #began = performance.now()
  /** milliseconds until the agent had connected; null before */
  connectMs: number | null = null
  /** why it ended; `done` when both sides had closed it */
  reason = 'done'
  readonly #options: UserConnectionOptions
  #stream: AgentStream | null = null

  constructor(options: UserConnectionOptions) {
    const { remoteAddress = '', remotePort = null } = options.socket
    this.client = formatAuthority(remoteAddress, remotePort)
    this.#options = options
  }

  /** milliseconds since its begin, whatever the clock did */
  get lastedMs(): number {
    return performance.now() - this.#began
  }

  /** bytes from the user */
  get bytesIn(): number {
    return this.#stream?.bytesOut ?? 0
  }

  /** bytes to the user */
  get bytesOut(): number {
    return this.#stream?.bytesIn ?? 0
  }

  get view(): ConnectionView {
    const { client, bytesIn, bytesOut, connectMs } = this
    const opened_at = new Date(this.since).toISOString()
    return { client, opened_at, bytes_in: bytesIn, bytes_out: bytesOut, connect_ms: connectMs }
  }

  /**
   * Carries it to its end.
   *
   * @param opened called when the agent has connected
   * @throws TunnelError when no agent could; the user got a reset then
   */
  async carry(opened: () => void): Promise<void> {
    const { socket, limits } = this.#options
    const lifetime = setTimeout(() => this.end('lifetime'), limits.lifetimeMs).unref()
    socket.setTimeout(limits.idleMs, () => this.end('idle'))
    socket.setNoDelay(true)
    try {
      const dialled = await this.#dial()
      try {
        opened()
        await this.#splice(dialled)
      } finally {
        dialled.use.release()
      }
    } finally {
      clearTimeout(lifetime)
      if (!socket.destroyed) socket.resetAndDestroy()
    }
  }

  /** Ends it at once. @param reason for the audit log */
  end(reason: string): void {
    const { socket } = this.#options
    if (socket.destroyed) return
    this.reason = reason
    socket.resetAndDestroy()
  }

  async #dial(): Promise<Dialled> {
    const { socket, target, proxy, connections, uses, limits } = this.#options
    const began = performance.now()
    const gone = new AbortController()
    const leave = () => gone.abort()
    socket.once('close', leave)
    const options = { connections, uses, target, client: this.client, proxy, patienceMs: limits.dialMs }
    try {
      const dialled = await dialAgent({ ...options, signal: gone.signal })
      this.connectMs = performance.now() - began
      return dialled
    } finally {
      socket.off('close', leave)
    }
  }

  #splice({ stream, use }: Dialled): Promise<void> {
    const { socket } = this.#options
    this.#stream = stream
    if (socket.destroyed || stream.destroyed) {
      // One of both ended in the moment of the other's begin.
      if (this.reason === 'done') this.reason = 'reset'
      stream.destroy(new TunnelError('reset', 'the user has gone'))
      return Promise.resolve()
    }
    const paced = use.bandwidth === null ? stream : new Throttled(stream, use.bandwidth)
    const note = (error: Error) => {
      if (this.reason === 'done') this.reason = error instanceof TunnelError ? error.error : 'reset'
    }
    stream.on('error', note)
    socket.on('error', note)
    return new Promise((resolve) => splice(socket, paced, resolve))
  }
}
