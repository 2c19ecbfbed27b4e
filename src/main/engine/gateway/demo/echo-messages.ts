import { acceptWebSocket } from '../accept-websocket.js'
import type { Exchange } from '../exchange.js'
import type { WebSocketClient } from '../websocket-client.js'
import type { Tunnels } from '../websocket-tunnels.js'

const GOING_AWAY = 1001
/** What a client has been sent and has not read; beyond it nothing is read from the client either. */
const MAX_UNREAD_BYTES = 1024 * 1024

/** A WebSocket that sends back what it gets. @throws GatewayFault when the handshake is none, or there are too many */
export async function echoMessages(exchange: Exchange, tunnels: Tunnels, client: WebSocketClient): Promise<void> {
  const release = tunnels.reserve(exchange.snapshot.limits.tunnels)
  void exchange.reply.closed.then(release)
  const socket = await acceptWebSocket(exchange, client)
  exchange.firstByteMs = exchange.elapsed()
  const tunnel = { end: () => socket.close(GOING_AWAY, 'Portico is stopping') }
  tunnels.add(tunnel)
  socket.on('close', () => tunnels.delete(tunnel))
  socket.on('error', () => {}) // the client broke off or spoke no WebSocket; 'close' follows
  socket.on('message', (data, isBinary) => {
    const bytes = (data as Buffer).length
    exchange.bytesIn += bytes
    exchange.bytesOut += bytes
    if (socket.bufferedAmount > MAX_UNREAD_BYTES) socket.pause()
    socket.send(data, { binary: isBinary }, () => {
      if (socket.isPaused && socket.bufferedAmount <= MAX_UNREAD_BYTES) socket.resume()
    })
  })
}
