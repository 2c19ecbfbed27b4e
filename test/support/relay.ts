import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import net, { type AddressInfo, type Server, type Socket } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { AppendFile } from '../../src/main/engine/observe/access-log/append-file.js'
import { AGENT_HEADER } from '../../src/main/engine/tunnel/control-messages.js'
import { MAX_MESSAGE, type TunnelTarget } from '../../src/main/engine/tunnel/frames.js'
import { Relay, type RelayOptions } from '../../src/main/engine/tunnel/relay/relay.js'
import {
  type ProxyView,
  proxyWishSchema,
  type TokenMade,
  tokenWishSchema,
} from '../../src/main/engine/tunnel/relay/relay-schemas.js'
import { RelayServer } from '../../src/main/engine/tunnel/relay/relay-server.js'
import { splice } from '../../src/main/engine/tunnel/splice.js'
import { TUNNEL_PROTOCOL, TunnelLink } from '../../src/main/engine/tunnel/tunnel-link.js'
import { TunnelError, type TunnelStream } from '../../src/main/engine/tunnel/tunnel-stream.js'
import { within } from './wait.js'

export interface TestRelay {
  relay: Relay
  /** ws://127.0.0.1:PORT/agent */
  url: string
  port: number
  dataDir: string
  token(agent?: string, wish?: object): Promise<TokenMade>
  /** A proxy of a free port to a port of the loopback, as the agent reaches it. */
  proxy(remotePort: number, wish?: object): Promise<ProxyView>
  audit(): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

type StartOptions = Partial<Omit<RelayOptions, 'audit' | 'log' | 'version'>> & { port?: number; patienceMs?: number }

/** A relay on the loopback, with a data directory of its own unless one is given. */
export async function startRelay({ dataDir, port = 0, patienceMs, ...options }: StartOptions = {}): Promise<TestRelay> {
  const dir = dataDir ?? (await mkdtemp(path.join(os.tmpdir(), 'portico-relay-')))
  const auditFile = path.join(dir, 'audit.log')
  const audit = new AppendFile(auditFile, { maxBytes: 2 ** 20, maxAgeMs: null, keep: 1, gzip: false })
  const relay = await Relay.open({ dataDir: dir, version: '0.0.0', audit, log: pino({ enabled: false }), ...options })
  const server = await RelayServer.open({
    relay,
    host: '127.0.0.1',
    port,
    tls: null,
    ...(patienceMs === undefined ? {} : { patienceMs }),
  })
  let closing: Promise<void> | null = null
  const close = () => {
    closing ??= server.close()
    return closing
  }
  onTestFinished(async () => {
    await close()
    await rm(dir, { recursive: true, force: true })
  })
  return {
    relay,
    url: server.url,
    port: server.port,
    dataDir: dir,
    token: (agent = 'laptop', wish = {}) => relay.createToken(tokenWishSchema.parse({ client_id: agent, ...wish })),
    proxy: (remotePort, wish = {}) =>
      relay.createProxy(
        proxyWishSchema.parse({
          client_id: 'laptop',
          remote_host: '127.0.0.1',
          remote_port: remotePort,
          local_port: 0,
          ...wish,
        }),
      ),
    audit: async () => {
      const text = await readFile(auditFile, 'utf8').catch(() => '')
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    },
    close,
  }
}

export interface PlayedAgent {
  link: TunnelLink
  socket: WebSocket
  /** what the relay has told */
  messages: unknown[]
  /** what it was asked for */
  asked: { target: TunnelTarget; client: string }[]
  /** close code of the WebSocket */
  closed: Promise<number>
}

interface PlayOptions {
  agent?: string
  /** for its WebSocket */
  socket?: ClientOptions
  /** instead of connecting to the target */
  open?: (stream: TunnelStream, target: TunnelTarget, link: TunnelLink) => void
}

/** An agent that connects to whatever it is asked for. */
export async function playAgent(url: string, token: string, options: PlayOptions = {}): Promise<PlayedAgent> {
  const { agent = 'laptop', open = dial } = options
  const socket = agentSocket(url, token, agent, TUNNEL_PROTOCOL, options.socket)
  onTestFinished(() => socket.terminate())
  const played = { socket, messages: [] as unknown[], asked: [] as PlayedAgent['asked'] }
  const opened = new Promise<TunnelLink>((resolve, reject) => {
    // At once, so that what comes right behind the handshake finds its listener.
    socket.on('open', () => resolve(linkOf()))
    socket.on('error', reject)
  })
  const linkOf = () => {
    const link: TunnelLink = new TunnelLink({
      socket,
      maxStreams: 5_000,
      pingMs: 20_000,
      control: (message) => void played.messages.push(message),
      open: (stream, target, client) => {
        played.asked.push({ target, client })
        open(stream, target, link)
      },
    })
    return link
  }
  const closed = once(socket, 'close').then(([code]) => code as number)
  const link = await within(opened, 'the relay lets the agent in')
  return { ...played, link, closed }
}

function dial(stream: TunnelStream, target: TunnelTarget, link: TunnelLink): void {
  if (target.kind !== 'tcp') return
  const socket = net.connect({ host: target.host, port: target.port, allowHalfOpen: true })
  const failed = () => stream.destroy(new TunnelError('unreachable', 'refused'))
  socket.once('error', failed)
  socket.once('connect', () => {
    socket.off('error', failed)
    link.accept(stream)
    splice(socket, stream, () => {})
  })
}

export function agentSocket(
  url: string,
  token: string,
  agent = 'laptop',
  protocol: string = TUNNEL_PROTOCOL,
  options: ClientOptions = {},
): WebSocket {
  return new WebSocket(url, [protocol], {
    ...options,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE,
    generateMask: (mask) => mask.fill(0),
    headers: { authorization: `Bearer ${token}`, [AGENT_HEADER]: agent },
  })
}

/** The HTTP answer to an agent that is not let in. */
export async function refusedAgent(
  socket: WebSocket,
): Promise<{ status: number; body: { error: string; message: string } }> {
  onTestFinished(() => socket.terminate())
  socket.on('error', () => {})
  const [, response] = (await within(once(socket, 'unexpected-response'), 'a refusal')) as [unknown, IncomingMessage]
  return { status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(await response.toArray()).toString()) }
}

/** A TCP server on the loopback. */
export async function startService(serve: (socket: Socket) => void): Promise<{ port: number; server: Server }> {
  const sockets = new Set<Socket>()
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    serve(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, server }
}

/** A service that answers every byte with the same one, and ends when its user does. */
export function startEcho(): Promise<{ port: number; server: Server }> {
  return startService((socket) => socket.pipe(socket))
}

export async function connectUser(port: number): Promise<Socket> {
  const socket = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  await within(once(socket, 'connect'), 'a connection to the proxy')
  return socket
}

/** All that comes until the other side ends; with a reset, its error code at the end. */
export async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
  } catch (error) {
    return `${Buffer.concat(chunks)}[${(error as NodeJS.ErrnoException).code}]`
  }
  return Buffer.concat(chunks).toString()
}

/** Sends a text, ends, and tells what comes back. */
export async function ask(port: number, text: string): Promise<string> {
  const socket = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  socket.end(text)
  return within(readAll(socket), 'an answer')
}
