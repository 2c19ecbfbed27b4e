import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import net, { type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface ConnectProxy {
  readonly port: number
  /** what it was asked for, `HOST:PORT`, with the credentials that came along */
  readonly asked: { target: string; credentials: string | null }[]
}

interface ProxyOptions {
  /** `USER:PASSWORD` without which it connects nobody */
  credentials?: string
  /** answers every CONNECT with it */
  refusal?: number
}

/** An HTTP proxy (CONNECT, RFC 9110 section 9.3.6) of a network in which every name is this machine. */
export async function startConnectProxy({ credentials, refusal }: ProxyOptions = {}): Promise<ConnectProxy> {
  const asked: ConnectProxy['asked'] = []
  const sockets = new Set<Socket>()
  const server = http.createServer((_, response) => response.writeHead(405).end())
  server.on('connection', (socket) => sockets.add(socket))
  server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const given = credentialsOf(request)
    asked.push({ target: request.url ?? '', credentials: given })
    socket.on('error', () => {})
    if (refusal !== undefined) return void socket.end(`HTTP/1.1 ${refusal} Refused\r\nContent-Length: 0\r\n\r\n`)
    if (credentials !== undefined && given !== credentials) return void socket.end(UNKNOWN)
    const onward = net.connect(Number(/:(\d+)$/.exec(request.url ?? '')?.[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.write(head)
      socket.pipe(onward).pipe(socket)
    })
    sockets.add(onward.on('error', () => socket.destroy()))
    socket.on('close', () => onward.destroy())
    onward.on('close', () => socket.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, asked }
}

const UNKNOWN =
  'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="corp"\r\nContent-Length: 0\r\n\r\n'

function credentialsOf({ headers }: IncomingMessage): string | null {
  const [, encoded] = /^Basic (.+)$/.exec(headers['proxy-authorization'] ?? '') ?? []
  return encoded === undefined ? null : Buffer.from(encoded, 'base64').toString()
}
