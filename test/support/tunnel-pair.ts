import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { MAX_MESSAGE } from '../../src/main/engine/tunnel/frames.js'
import { type LinkEvents, type LinkOptions, TunnelLink } from '../../src/main/engine/tunnel/tunnel-link.js'
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
  /** bytes that get from the agent to the relay in a second; the rest waits on the way, however much it is */
  rate?: number
  relay?: LinkEvents & Pick<LinkOptions, 'firstStream'>
  agent?: LinkEvents
  maxStreams?: number
  pingMs?: number
}

/** Both ends of a tunnel, over a real WebSocket on the loopback. */
export async function tunnelPair(options: PairOptions = {}): Promise<TunnelPair> {
  const { relaySocket, agentSocket } = await webSocketPair(options.rate)
  const shared = { maxStreams: options.maxStreams ?? 100, pingMs: options.pingMs ?? 20_000 }
  const relay = new TunnelLink({ socket: relaySocket, ...shared, ...options.relay })
  const agent = new TunnelLink({ socket: agentSocket, ...shared, ...options.agent })
  return { relay, agent, relaySocket, agentSocket }
}

/** @param rate see PairOptions */
export async function webSocketPair(rate?: number): Promise<{ relaySocket: WebSocket; agentSocket: WebSocket }> {
  const limits = { perMessageDeflate: false, maxPayload: MAX_MESSAGE }
  const server = http.createServer()
  const sockets = new WebSocketServer({ server, ...limits })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const accepted = once(sockets, 'connection')
  const { port } = server.address() as AddressInfo
  const agentSocket = new WebSocket(`ws://127.0.0.1:${rate === undefined ? port : await startSlowLine(port, rate)}`, {
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

const TICK_MS = 10

/** A way to a port on which a long queue waits, as before a modem. @returns its own port */
async function startSlowLine(to: number, rate: number): Promise<number> {
  const server = net.createServer((socket) => {
    const onward = net.connect(to, '127.0.0.1')
    const queue: Buffer[] = []
    const timer = setInterval(() => {
      for (let left = (rate * TICK_MS) / 1000; left > 0 && queue.length > 0; ) {
        const chunk = queue.shift() as Buffer
        if (chunk.length > left) queue.unshift(chunk.subarray(left))
        onward.write(chunk.subarray(0, left))
        left -= chunk.length
      }
    }, TICK_MS)
    socket.on('data', (chunk: Buffer) => queue.push(chunk))
    onward.pipe(socket)
    onward.on('error', () => {}).on('close', () => socket.destroy())
    socket
      .on('error', () => {})
      .on('close', () => {
        clearInterval(timer)
        onward.destroy()
      })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}
