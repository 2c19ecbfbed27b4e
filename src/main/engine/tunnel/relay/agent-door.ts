import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { atTime } from '../at-time.js'
import { AGENT_HEADER, AGENT_PATH, SERVES_HEADER } from '../control-messages.js'
import { MAX_MESSAGE } from '../frames.js'
import { TUNNEL_PROTOCOL, TunnelLink } from '../tunnel-link.js'
import { addressOf } from './address-of.js'
import type { AgentConnection, AgentLink } from './agent-link.js'
import type { Agents } from './agents.js'
import type { AuditLog } from './audit-log.js'
import { JsonLink, MAX_JSON_MESSAGE } from './json-link.js'
import { type Admission, JSON_PROTOCOL, judgeAgent, type Protocol, type Refusal } from './judge-agent.js'
import type { TokenStore } from './token-store.js'

export interface AgentDoorOptions {
  tokens: TokenStore
  agents: Agents
  audit: AuditLog
  /** connections of agents at once, of all together */
  maxAgents: number
  /** of these, made with one token */
  maxOfToken: number
  /** milliseconds between two pings; an agent that does not answer until the next one is taken for dead */
  pingMs: number
  /** An agent is connected. */
  joined: (connection: AgentConnection) => void
  /** A connection of an agent is over. */
  left: (connection: AgentConnection) => void
  /** An agent has sent a control message, which is not validated. */
  message: (connection: AgentConnection, message: unknown) => void
  /** their addresses are in X-Forwarded-For */
  behindGateway: boolean
}

/** A refused agent that does not hang up is hung up on, in milliseconds. */
const LINGER_MS = 2_000

/** Lets agents in: from the request for a WebSocket to the link that carries streams. */
export class AgentDoor {
  readonly #options: AgentDoorOptions
  readonly #sockets: Record<Protocol, WebSocketServer> = {
    [TUNNEL_PROTOCOL]: webSockets(TUNNEL_PROTOCOL, MAX_MESSAGE),
    [JSON_PROTOCOL]: webSockets(JSON_PROTOCOL, MAX_JSON_MESSAGE),
  }
  /** upgrades that are under way */
  #entering = 0

  constructor(options: AgentDoorOptions) {
    this.#options = options
  }

  /** The request to upgrade a connection, whatever for. @returns whether it is an agent's from now on */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    socket.on('error', () => socket.destroy())
    const path = (request.url ?? '').split('?', 1)[0]
    if (path !== AGENT_PATH) {
      refuse(socket, { status: 404, error: 'not-found', message: `Agents connect to ${AGENT_PATH}.` })
      return false
    }
    const judged = this.#judge(request)
    const from = addressOf(request, this.#options.behindGateway)
    if ('status' in judged) {
      const agent = header(request, AGENT_HEADER)?.slice(0, 64) ?? null
      this.#options.audit.note({ event: 'agent-refused', agent, from, status: judged.status })
      refuse(socket, judged)
      return false
    }
    this.#entering += 1
    socket.once('close', leave)
    const door = this
    function leave() {
      door.#entering -= 1
    }
    this.#sockets[judged.protocol].handleUpgrade(request, socket, head, (webSocket) => {
      socket.off('close', leave)
      leave()
      this.#enter(webSocket, judged, from, servesTcp(header(request, SERVES_HEADER)))
    })
    return true
  }

  /** Somebody was refused at the API beside it, for want of a token that lets them in. */
  noteRefused(request: IncomingMessage, status: number): void {
    const { audit, behindGateway } = this.#options
    const path = (request.url ?? '').split('?', 1)[0]?.slice(0, 100) ?? ''
    audit.note({ event: 'api-refused', from: addressOf(request, behindGateway), path, status })
  }

  #judge(request: IncomingMessage): Admission | Refusal {
    const { tokens, agents, maxAgents, maxOfToken } = this.#options
    const fields = {
      authorization: request.headers.authorization,
      agent: header(request, AGENT_HEADER),
      protocols: header(request, 'sec-websocket-protocol'),
      origin: request.headers.origin,
      host: request.headers.host,
      full: agents.size + this.#entering >= maxAgents,
      crowded: (id: string) => agents.countOf(id) >= maxOfToken,
    }
    return judgeAgent(fields, (token) => tokens.find(token))
  }

  #enter(socket: WebSocket, { agent, token, protocol }: Admission, address: string, servesTcp: boolean): void {
    const { agents, audit, joined, left, message } = this.#options
    const about = { agent, token: token.id, from: address }
    const events = {
      control: (sent: unknown) => message(connection, sent),
      malformed: (reason: string) => audit.note({ event: 'agent-malformed', ...about, reason }),
      closed: () => {
        expiry.cancel()
        agents.remove(connection)
        left(connection)
        audit.note({ event: 'agent-disconnected', ...about, protocol })
      },
    }
    const link = this.#linkOf(protocol, socket, events)
    const connection: AgentConnection = { agent, token, protocol, servesTcp, address, since: Date.now(), link }
    const expiry = atTime(token.expires === null ? null : Date.parse(token.expires), () =>
      agents.closeToken(token.id, 'the token has expired'),
    )
    agents.add(connection)
    audit.note({ event: 'agent-connected', ...about, protocol })
    joined(connection)
  }

  #linkOf(
    protocol: Protocol,
    socket: WebSocket,
    events: { control: (message: unknown) => void; malformed: (reason: string) => void; closed: () => void },
  ): AgentLink {
    const { pingMs } = this.#options
    if (protocol === JSON_PROTOCOL) return new JsonLink({ socket, pingMs, ...events })
    return new TunnelLink({ socket, pingMs, maxStreams: 0, ...events })
  }
}

function webSockets(protocol: Protocol, maxPayload: number): WebSocketServer {
  const handleProtocols = () => protocol
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload,
    handleProtocols,
  })
}

function refuse(socket: Duplex, { status, error, message }: Omit<Refusal, 'status'> & { status: number }): void {
  const body = JSON.stringify({ error, message })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: application/json',
    ...(status === 401 ? ['WWW-Authenticate: Bearer'] : []),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(timer))
  socket.resume()
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** @param serves as it came; agents that do not say so connect everything */
function servesTcp(serves: string | undefined): boolean {
  return serves === undefined || serves.split(',').some((name) => name.trim() === 'tcp')
}
