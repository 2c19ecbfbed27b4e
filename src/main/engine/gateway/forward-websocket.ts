import type { Exchange } from './exchange.js'
import type { ForwardContext } from './forward-http.js'
import { GatewayFault } from './gateway-fault.js'
import type { CompiledRoute, RouteTarget } from './route-table.js'
import type { WebSocketClient } from './websocket-client.js'

export async function forwardWebSocket(
  exchange: Exchange,
  _route: CompiledRoute,
  _target: Extract<RouteTarget, { kind: 'upstream' }>,
  _context: ForwardContext,
  _client: WebSocketClient,
): Promise<void> {
  throw new GatewayFault('not-supported', 501, `No WebSocket for ${exchange.host} yet.`)
}
