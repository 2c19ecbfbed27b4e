import type { Connection } from './connection.js'
import type { ExchangeInit } from './exchange-init.js'
import type { Snapshot } from './snapshot.js'
import type { WebSocketClient } from './websocket-client.js'

/** Where the protocol servers hand their requests in. */
export interface Entrance {
  /** the gateway is stopping or being turned off: connections should end with their current answer */
  readonly draining: boolean
  snapshot(): Snapshot
  /** Starts an exchange. It answers by itself. */
  enter(init: Omit<ExchangeInit, 'id' | 'snapshot'>, webSocket?: WebSocketClient): void
  /** Notes a request that was refused before it became an exchange. */
  refused(connection: Connection, method: string, target: string, status: number, error: string): void
}
