import type { Exchange } from './exchange.js'
import type { WebSocketClient } from './websocket-client.js'
import type { Tunnels } from './websocket-tunnels.js'

/** What answers for the host that the gateway keeps for its own window. */
export interface PanelHandler {
  /**
   * Answers one exchange for the panel's host, whose name is known to be right.
   *
   * @param tunnels where its WebSockets are counted, and ended when the gateway stops
   * @param webSocket the client's side of a WebSocket handshake; null for plain requests
   * @throws GatewayFault for what was refused before an answer was begun
   */
  handle(exchange: Exchange, tunnels: Tunnels, webSocket: WebSocketClient | null): Promise<void>
}
