import type { Socket } from 'node:net'
import { noteAnswer, noteFailure } from './attempt-outcome.js'
import { BackendChoice } from './backend-choice.js'
import type { Exchange } from './exchange.js'
import type { ForwardContext } from './forward-http.js'
import { ClientGone, type GatewayFault } from './gateway-fault.js'
import { pauseFor } from './pause.js'
import type { CompiledRoute } from './route-table.js'
import type { TargetSource } from './target-source.js'
import { dialFault } from './upstream-fault.js'
import type { BackendHandle } from './upstream-ports.js'
import type { UpstreamTarget } from './upstream-target.js'
import { type HttpProxy, WebSocketAttempt } from './websocket-attempt.js'
import type { WebSocketClient } from './websocket-client.js'
import { readHandshake } from './websocket-handshake.js'
import { TunnelEnd } from './websocket-tunnel-end.js'
import type { Tunnels } from './websocket-tunnels.js'

export interface WebSocketContext extends ForwardContext {
  tunnels: Tunnels
}

/** Well below the two hours of most systems: a peer that vanished without a word is noticed. */
const KEEP_ALIVE_MS = 60_000

/**
 * Forwards a WebSocket handshake to a backend of its target, and with it the connection when the backend accepts. A
 * backend that cannot be dialled has seen nothing, so the next one is tried.
 *
 * @param source of the target, when it has to be waited for; else the target
 * @throws GatewayFault when no answer was begun; ClientGone when there is nobody left to answer
 */
export async function forwardWebSocket(
  exchange: Exchange,
  route: CompiledRoute,
  source: UpstreamTarget | TargetSource,
  context: WebSocketContext,
  client: WebSocketClient,
): Promise<void> {
  const handshake = readHandshake(exchange.headers, client.version)
  const release = context.tunnels.reserve(exchange.snapshot.limits.tunnels)
  void exchange.reply.closed.then(release)
  exchange.connection.socket.setKeepAlive(true, KEEP_ALIVE_MS)
  if (client.head.length > 0) client.duplex.unshift(client.head)
  const end = new TunnelEnd(client.duplex, exchange, () => exchange.clientEnded())
  try {
    const { createProxyServer } = await loadHttpProxy()
    const { backend, socket, choice } = await connect(exchange, route, source, context)
    void exchange.reply.closed.then(() => backend.release())
    const { pseudonym, tunnels } = context
    const attempt = new WebSocketAttempt({
      ...{ exchange, route, backend, choice, socket, client, end, handshake },
      ...{ pseudonym, tunnels, createProxyServer },
    })
    await attempt.run().catch((thrown: unknown) => {
      noteFailure(exchange, backend, thrown)
      throw thrown
    })
    noteAnswer(exchange, backend)
  } catch (thrown) {
    end.destroy()
    throw thrown
  }
}

/** Loaded with the first WebSocket: an idle gateway stays small. */
function loadHttpProxy(): Promise<HttpProxy> {
  return import('http-proxy-3')
}

interface Connected {
  backend: BackendHandle
  socket: Socket
  choice: BackendChoice
}

/**
 * Dials the backends in turn until one can be reached. The handshake itself is not repeated: a backend that took it and
 * failed may have opened its end.
 */
async function connect(
  exchange: Exchange,
  route: CompiledRoute,
  source: UpstreamTarget | TargetSource,
  { upstreams }: WebSocketContext,
): Promise<Connected> {
  const given = 'kind' in source
  let choice = new BackendChoice(exchange, route, given ? source : await source.first(), upstreams)
  for (;;) {
    const backend = choice.pick()
    backend.begin()
    try {
      const socket = await dialBackend(exchange, backend)
      exchange.connectMs = exchange.elapsed()
      return { backend, socket, choice }
    } catch (thrown) {
      noteFailure(exchange, backend, thrown)
      backend.release()
      if (!choice.retries(backend, thrown)) {
        const next = given ? null : await source.after(choice.target, thrown)
        if (next === null) throw thrown
        choice = new BackendChoice(exchange, route, next, upstreams)
      }
    }
    if (choice.pauseMs > 0) await pauseFor(exchange, choice.pauseMs)
  }
}

function dialBackend(exchange: Exchange, backend: BackendHandle): Promise<Socket> {
  const { url } = backend.backend
  exchange.attempting(url)
  return new Promise((resolve, reject) => {
    const giveUp = backend.connect((error, socket) => {
      if (socket === null) reject(dialFault(error ?? new Error('no connection'), url, exchange.appName))
      else resolve(socket.on('error', ignore))
    })
    const interrupt = (reason: ClientGone | GatewayFault) => {
      giveUp()
      reject(reason)
    }
    exchange.onInterrupt(() => interrupt(new ClientGone()), interrupt)
  })
}

/** The connection's errors reach the attempt and the tunnel by their own listeners; none may meet no listener at all. */
function ignore(): void {}
