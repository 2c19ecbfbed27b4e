import { once } from 'node:events'
import http from 'node:http'
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import WebSocket, { type ServerOptions, WebSocketServer } from 'ws'
import type { TestGateway } from './gateway.js'
import { connectH2 } from './h2-client.js'
import { StreamSocket } from './stream-socket.js'
import { within } from './wait.js'

export interface SocketUpstream {
  readonly port: number
  readonly url: string
  readonly server: WebSocketServer
  /** handshakes that arrived */
  readonly handshakes: http.IncomingMessage[]
  /** TCP connections open now */
  readonly connections: ReadonlySet<Socket>
  /** the next WebSocket that opens here */
  next(): Promise<WebSocket>
  close(): Promise<void>
}

export interface SocketUpstreamOptions extends ServerOptions {
  listenHost?: string
  tls?: { cert: string; key: string }
}

/** A WebSocket server of the `ws` library. @param onSocket called with each WebSocket that opens */
export async function startSocketUpstream(
  onSocket: (socket: WebSocket) => void = () => {},
  { listenHost = '127.0.0.1', tls, ...options }: SocketUpstreamOptions = {},
): Promise<SocketUpstream> {
  const web = tls === undefined ? http.createServer() : https.createServer(tls)
  const server = new WebSocketServer({ maxPayload: 64 * 1024 * 1024, ...options, server: web })
  const connections = new Set<Socket>()
  const handshakes: http.IncomingMessage[] = []
  web.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
  })
  const opened: WebSocket[] = []
  const waiting: ((socket: WebSocket) => void)[] = []
  server.on('connection', (socket, request) => {
    socket.on('error', () => {})
    handshakes.push(request)
    onSocket(socket)
    const taker = waiting.shift()
    if (taker === undefined) opened.push(socket)
    else taker(socket)
  })
  web.listen(0, listenHost)
  await once(web, 'listening')
  const { port } = web.address() as AddressInfo
  const host = listenHost === '::1' ? '[::1]' : listenHost
  return {
    port,
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    server,
    handshakes,
    connections,
    next: () => {
      const socket = opened.shift()
      if (socket !== undefined) return Promise.resolve(socket)
      return within(new Promise((resolve) => waiting.push(resolve)), 'a WebSocket at the upstream')
    },
    close: async () => {
      for (const client of server.clients) client.terminate()
      for (const socket of connections) socket.destroy()
      const closed = once(web, 'close')
      web.close()
      await closed
    },
  }
}

/** A way for a client to reach the gateway. */
export interface Door {
  readonly name: 'HTTP/1.1' | 'HTTP/2'
  readonly acceptedStatus: 101 | 200
  connect(gateway: TestGateway, path?: string, options?: DoorOptions): Promise<WebSocket>
}

export interface DoorOptions extends WebSocket.ClientOptions {
  protocols?: string[]
  app?: string
}

export const HTTP1: Door = { name: 'HTTP/1.1', acceptedStatus: 101, connect: (...args) => opened(overHttp1(...args)) }
export const HTTP2: Door = { name: 'HTTP/2', acceptedStatus: 200, connect: overHttp2 }
export const DOORS: readonly Door[] = [HTTP1, HTTP2]

/** A WebSocket over HTTP/1.1 Upgrade that is still connecting. */
export function overHttp1(
  gateway: TestGateway,
  path = '/',
  { protocols = [], app = 'app', ...rest }: DoorOptions = {},
): WebSocket {
  return new WebSocket(`wss://${app}.localhost:${gateway.httpsPort}${path}`, protocols, {
    ca: gateway.ca,
    ...({ servername: `${app}.localhost`, lookup: loopback } as object),
    maxPayload: 64 * 1024 * 1024,
    ...rest,
  })
}

export async function opened(socket: WebSocket): Promise<WebSocket> {
  await within(
    new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve())
      socket.once('error', reject)
    }),
    'the WebSocket opens',
  )
  return socket
}

const SESSIONS = new WeakMap<TestGateway, Promise<ClientHttp2Session>>()

/** The session that all WebSockets over HTTP/2 of one gateway share. */
export function sessionOf(gateway: TestGateway): Promise<ClientHttp2Session> {
  let session = SESSIONS.get(gateway)
  if (session === undefined) {
    session = connectH2(gateway).then(async (connected) => {
      connected.setLocalWindowSize(8 * 1024 * 1024)
      if (connected.remoteSettings?.enableConnectProtocol !== true) await once(connected, 'remoteSettings')
      return connected
    })
    SESSIONS.set(gateway, session)
  }
  return session
}

/** Ends the session of a gateway, if it has one. */
export async function endSession(gateway: TestGateway): Promise<void> {
  ;(await SESSIONS.get(gateway))?.destroy()
}

/** Opens a stream by extended CONNECT (RFC 8441 section 4), without waiting for its answer. */
export async function extendedConnect(
  gateway: TestGateway,
  path = '/',
  headers: readonly (readonly [string, string])[] = [['sec-websocket-version', '13']],
): Promise<ClientHttp2Stream> {
  const session = await sessionOf(gateway)
  const fields = [
    [':method', 'CONNECT'],
    [':protocol', 'websocket'],
    [':scheme', 'https'],
    [':authority', `app.localhost:${gateway.httpsPort}`],
    [':path', path],
    ...headers,
  ].flat()
  return session.request(fields as unknown as http.OutgoingHttpHeaders, { endStream: false })
}

async function overHttp2(
  gateway: TestGateway,
  path = '/',
  { protocols = [], ...rest }: DoorOptions = {},
): Promise<WebSocket> {
  const session = await sessionOf(gateway)
  const agent = new http.Agent()
  agent.createConnection = () => new StreamSocket(session, gateway.httpsPort) as unknown as Socket
  return opened(new WebSocket(`ws://app.localhost${path}`, protocols, { agent, maxPayload: 64 * 1024 * 1024, ...rest }))
}

/** The next message of a WebSocket. */
export async function message(socket: WebSocket, deadlineMs = 10_000): Promise<{ data: Buffer; isBinary: boolean }> {
  const [data, isBinary] = (await within(once(socket, 'message'), 'a message', deadlineMs)) as [Buffer, boolean]
  return { data, isBinary }
}

/** How a WebSocket closed. */
export async function closed(socket: WebSocket): Promise<{ code: number; reason: string }> {
  if (socket.readyState === WebSocket.CLOSED) throw new Error('the WebSocket had closed before it was asked how')
  const [code, reason] = (await within(once(socket, 'close'), 'the close of a WebSocket')) as [number, Buffer]
  return { code, reason: reason.toString() }
}

function loopback(_name: string, options: { all?: boolean }, callback: (...args: unknown[]) => void): void {
  if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }])
  else callback(null, '127.0.0.1', 4)
}
