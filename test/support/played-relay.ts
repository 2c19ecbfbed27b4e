import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { AGENT_HEADER, type RelayMessage } from '../../src/main/engine/tunnel/control-messages.js'
import { MAX_MESSAGE, type TunnelTarget } from '../../src/main/engine/tunnel/frames.js'
import { splice } from '../../src/main/engine/tunnel/splice.js'
import { TUNNEL_PROTOCOL, TunnelLink } from '../../src/main/engine/tunnel/tunnel-link.js'
import type { TunnelStream } from '../../src/main/engine/tunnel/tunnel-stream.js'
import { until, within } from './wait.js'

/** Why an agent is refused, as the HTTP answer to its upgrade. */
export interface PlayedRefusal {
  status: number
  body?: string
  headers?: Record<string, string>
}

interface PlayedOptions {
  /** 0 for any free one */
  port?: number
  /** speaks TLS with it */
  certificate?: { cert: string; key: string }
  refusal?: PlayedRefusal | null
  /** says nothing after the upgrade */
  silent?: boolean
  /** what it answers to control messages */
  answer?: (message: { type: string; name: string; lifetimeMs: number | null }) => RelayMessage | null
}

/** An agent's connection, as the relay has it. */
export interface PlayedAgent {
  link: TunnelLink
  socket: WebSocket
  headers: http.IncomingHttpHeaders
  /** control messages so far */
  messages: unknown[]
}

/** The relay's side of the protocol for tests of the agent: it lets agents in as it is told, and opens streams. */
export class PlayedRelay {
  readonly agents: PlayedAgent[] = []
  /** header fields of each request for an upgrade */
  readonly requests: http.IncomingHttpHeaders[] = []
  refusal: PlayedRefusal | null
  readonly #server: http.Server
  readonly #secure: boolean
  readonly #ports = new Set<net.Server>()
  readonly #sockets = new Set<net.Socket>()

  static async start(options: PlayedOptions = {}): Promise<PlayedRelay> {
    const relay = new PlayedRelay(options)
    await once(relay.#server.listen(options.port ?? 0, '127.0.0.1'), 'listening')
    return relay
  }

  private constructor(options: PlayedOptions) {
    const { certificate } = options
    this.refusal = options.refusal ?? null
    this.#secure = certificate !== undefined
    this.#server = certificate === undefined ? http.createServer() : https.createServer(certificate)
    const limits = { perMessageDeflate: false, maxPayload: MAX_MESSAGE, handleProtocols: () => TUNNEL_PROTOCOL }
    const sockets = new WebSocketServer({ noServer: true, ...limits })
    this.#server.on('connection', (socket: net.Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {})
    })
    this.#server.on('upgrade', (request: http.IncomingMessage, socket: net.Socket, head: Buffer) => {
      this.requests.push(request.headers)
      if (this.refusal !== null) return void socket.end(written(this.refusal))
      sockets.handleUpgrade(request, socket, head, (webSocket) => this.#enter(webSocket, request, options))
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `${this.#secure ? 'wss' : 'ws'}://127.0.0.1:${this.port}`
  }

  /** The newest connection, which is open. */
  async agent(): Promise<PlayedAgent> {
    await until(() => this.agents.at(-1)?.link.closed === false, 'an agent is connected')
    return this.agents.at(-1) as PlayedAgent
  }

  /** Opens a stream and waits until the agent has connected it. Rejects with its TunnelError. */
  async open(target: TunnelTarget, client = '192.0.2.7:1234'): Promise<TunnelStream> {
    const { link } = await this.agent()
    return within(
      new Promise((resolve, reject) => {
        const stream: TunnelStream = link.open(target, client, () => resolve(stream))
        stream.on('error', reject)
      }),
      'the agent answers',
    )
  }

  /** A port of the relay that leads to a target behind the agent. */
  async listen(target: TunnelTarget): Promise<number> {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      this.#sockets.add(socket)
      const link = this.agents.at(-1)?.link
      if (link === undefined || link.closed) return void socket.on('error', () => {}).resetAndDestroy()
      splice(
        socket,
        link.open(target, '192.0.2.7:1234', () => {}),
        () => this.#sockets.delete(socket),
      )
    })
    this.#ports.add(server)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return (server.address() as AddressInfo).port
  }

  /** Ends as a process that is killed does. @returns its port */
  async kill(): Promise<number> {
    const { port } = this
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const server of this.#ports) server.close()
    for (const socket of this.#sockets) socket.resetAndDestroy()
    await closed
    return port
  }

  #enter(socket: WebSocket, { headers }: http.IncomingMessage, { silent, answer }: PlayedOptions): void {
    const messages: unknown[] = []
    const control = (message: unknown) => {
      messages.push(message)
      const answered = answer?.(message as { type: string; name: string; lifetimeMs: number | null })
      if (answered != null) link.control(answered)
    }
    const link = new TunnelLink({ socket, maxStreams: 0, pingMs: 20_000, control })
    this.agents.push({ link, socket, headers, messages })
    const agent = String(headers[AGENT_HEADER] ?? 'of-the-token')
    if (silent !== true) link.control({ type: 'welcome', agent, streams: 1_000 } satisfies RelayMessage)
  }
}

function written({ status, body = '', headers = {} }: PlayedRefusal): string {
  const fields = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)) })
  return `HTTP/1.1 ${status} Refused\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}
