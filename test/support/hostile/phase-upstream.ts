import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { until } from '../wait.js'

/** One request that the upstream holds in the phase of its path. */
export interface HeldRequest {
  path: string
  socket: Socket
  /** bytes of the request body that have been read */
  read: number
  /** bytes of the answer that have been written */
  written: number
  /** takes the request's body after all */
  readOn(): void
}

export interface PhaseUpstream {
  readonly url: string
  readonly held: readonly HeldRequest[]
  /** connections open now */
  readonly sockets: ReadonlySet<Socket>
  close(): Promise<void>
}

const CHUNK = Buffer.alloc(64 * 1024, 'd')

/** Holds every request in the phase that its path names, for as long as its connection lives; other paths get "ok". */
export async function startPhaseUpstream(): Promise<PhaseUpstream> {
  const held: HeldRequest[] = []
  const sockets = new Set<Socket>()
  const server = http.createServer((request, response) => {
    const path = request.url ?? ''
    const phase = path.slice(1).replace(/\?.*/, '')
    const hold = HOLDS[phase]
    if (hold === undefined) {
      request.resume()
      response.end('ok')
      return
    }
    const one = { path, socket: request.socket, read: 0, written: 0, readOn: () => void request.resume() }
    held.push(one)
    request.on('error', () => {})
    hold(request, response, one)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    held,
    sockets,
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Waits until nothing has been read or written for a while: whoever was to stall has stalled. */
export async function settled(upstream: PhaseUpstream, quietMs = 300): Promise<void> {
  let last = -1
  let since = performance.now()
  await until(
    () => {
      const moved = upstream.held
        .filter(({ path }) => path.includes('stalled'))
        .reduce((sum, { read, written }) => sum + read + written, 0)
      if (moved !== last) since = performance.now()
      last = moved
      return performance.now() - since > quietMs
    },
    'the stalled exchanges stand still',
    10_000,
  )
}

type Hold = (request: IncomingMessage, response: ServerResponse, held: HeldRequest) => void

const HOLDS: Record<string, Hold> = {
  'awaiting-response': (request) => void request.resume(),
  pipelined: (request) => void request.resume(),
  'silent-stream': (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: first\n\n')
  },
  'reading-download': (_request, response) => {
    const timer = setInterval(() => response.write(CHUNK), 20)
    response.on('close', () => clearInterval(timer))
  },
  'stalled-download': download,
  uploading: (request, _response, held) => {
    request.on('data', (chunk: Buffer) => {
      held.read += chunk.length
    })
  },
  'stalled-upload': () => {},
}

function download(_request: IncomingMessage, response: ServerResponse, held: HeldRequest): void {
  const fill = () => {
    for (;;) {
      held.written += CHUNK.length
      if (!response.write(CHUNK)) return
    }
  }
  response.on('drain', fill)
  fill()
}
