import type { Exchange } from '../exchange.js'
import type { Tunnels } from '../websocket-tunnels.js'

const TICK_MS = 1_000

/** Server-sent events, one a second, until the client has enough or the gateway stops. */
export function sendTicks(exchange: Exchange, tunnels: Tunnels): void {
  const { reply } = exchange
  const release = tunnels.reserve(exchange.snapshot.limits.tunnels)
  const headers = [
    'content-type',
    'text/event-stream',
    'cache-control',
    'no-store',
    'x-content-type-options',
    'nosniff',
  ]
  exchange.status = 200
  exchange.firstByteMs = exchange.elapsed()
  exchange.phase = 'streaming'
  exchange.openEnded = true
  reply.head(200, 'OK', headers, { bodiless: false, trailers: false })
  exchange.responseHeaders = headers
  let count = 0
  const tick = () => {
    // A client that does not read gets no more to leave unread.
    if (reply.pendingBytes > 0) return
    count += 1
    const event = Buffer.from(`id: ${count}\ndata: ${JSON.stringify({ count, time: new Date().toISOString() })}\n\n`)
    exchange.bytesOut += event.length
    reply.write(event)
  }
  const timer = setInterval(tick, TICK_MS)
  const stream = { end: () => reply.end() }
  tunnels.add(stream)
  void reply.closed.then(() => {
    clearInterval(timer)
    tunnels.delete(stream)
    release()
  })
  exchange.onInterrupt(
    () => clearInterval(timer),
    () => reply.destroy(),
  )
  tick()
}
