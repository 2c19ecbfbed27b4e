import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { MAX_MESSAGE } from '../../src/main/engine/tunnel/frames.js'
import { type LinkEvents, TunnelLink } from '../../src/main/engine/tunnel/tunnel-link.js'
import { within } from './wait.js'

export interface TunnelPair {
  /** the side that opens streams */
  relay: TunnelLink
  /** the side that is asked for them */
  agent: TunnelLink
  relaySocket: WebSocket
  agentSocket: WebSocket
}

interface PairOptions {
  relay?: LinkEvents
  agent?: LinkEvents
  maxStreams?: number
  pingMs?: number
}

/** Both ends of a tunnel, over a real WebSocket on the loopback. */
export async function tunnelPair(options: PairOptions = {}): Promise<TunnelPair> {
  const { relaySocket, agentSocket } = await webSocketPair()
  const shared = { maxStreams: options.maxStreams ?? 100, pingMs: options.pingMs ?? 20_000 }
  const relay = new TunnelLink({ socket: relaySocket, ...shared, ...options.relay })
  const agent = new TunnelLink({ socket: agentSocket, ...shared, ...options.agent })
  return { relay, agent, relaySocket, agentSocket }
}

export async function webSocketPair(): Promise<{ relaySocket: WebSocket; agentSocket: WebSocket }> {
  const limits = { perMessageDeflate: false, maxPayload: MAX_MESSAGE }
  const server = http.createServer()
  const sockets = new WebSocketServer({ server, ...limits })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const accepted = once(sockets, 'connection')
  const agentSocket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    ...limits,
    generateMask: (mask) => mask.fill(0),
  })
  onTestFinished(() => {
    for (const socket of [agentSocket, ...sockets.clients]) socket.terminate()
    server.close()
  })
  const [[relaySocket]] = await within(Promise.all([accepted, once(agentSocket, 'open')]), 'a WebSocket')
  return { relaySocket: relaySocket as WebSocket, agentSocket }
}
