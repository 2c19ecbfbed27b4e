import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

/** One request as an upstream received it. */
export interface ReceivedRequest {
  method: string
  /** the request target, byte for byte */
  target: string
  version: string
  /** [name, value] as they arrived, in order */
  fields: [string, string][]
  body: Buffer
  trailers: [string, string][]
  /** port of the peer: tells connections apart */
  connection: number
  /** values of a field, by lower-case name */
  values(name: string): string[]
}

export interface TestUpstream {
  readonly port: number
  readonly url: string
  /** complete requests, in order of completion */
  readonly requests: ReceivedRequest[]
  /** request heads that arrived, whether or not their body did */
  readonly heads: number
  /** connections open now */
  readonly connections: ReadonlySet<Socket>
  last(): ReceivedRequest
  close(): Promise<void>
}

/** @param request already read to its end unless `options.early` */
export type Responder = (request: IncomingMessage, response: ServerResponse, received: ReceivedRequest) => void

export interface UpstreamOptions {
  host?: string
  /** answer as soon as the head has arrived; the body is the responder's to read */
  early?: boolean
  tls?: { cert: string; key: string }
  expectContinue?: boolean
}

/** A well-behaved HTTP/1.1 server that remembers what it was sent. */
export async function startUpstream(
  respond: Responder = (_request, response) => response.end('ok'),
  options: UpstreamOptions = {},
): Promise<TestUpstream> {
  const requests: ReceivedRequest[] = []
  const connections = new Set<Socket>()
  let heads = 0
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    heads += 1
    const received = describe(request)
    if (options.early === true) {
      requests.push(received)
      respond(request, response, received)
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => {})
    await once(request, 'end').catch(() => {})
    if (!request.complete) return
    received.body = Buffer.concat(chunks)
    received.trailers = pairs(request.rawTrailers)
    requests.push(received)
    respond(request, response, received)
  }
  const server = options.tls === undefined ? http.createServer(handle) : https.createServer(options.tls, handle)
  server.maxHeadersCount = 0
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
  })
  server.listen(0, options.host ?? '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const scheme = options.tls === undefined ? 'http' : 'https'
  return {
    port,
    url: `${scheme}://${options.host === '::1' ? '[::1]' : '127.0.0.1'}:${port}`,
    requests,
    connections,
    get heads() {
      return heads
    },
    last: () => {
      const last = requests.at(-1)
      if (last === undefined) throw new Error('the upstream has received nothing')
      return last
    },
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function describe(request: IncomingMessage): ReceivedRequest {
  const fields = pairs(request.rawHeaders)
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    version: request.httpVersion,
    fields,
    body: Buffer.alloc(0),
    trailers: [],
    connection: request.socket.remotePort ?? 0,
    values: (name) => fields.filter(([field]) => field.toLowerCase() === name).map(([, value]) => value),
  }
}

export function pairs(raw: readonly string[]): [string, string][] {
  const out: [string, string][] = []
  for (let i = 0; i < raw.length; i += 2) out.push([raw[i] as string, raw[i + 1] as string])
  return out
}
