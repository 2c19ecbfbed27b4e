import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Exchange } from './exchange.js'
import type { WebSocketClient } from './websocket-client.js'
import { acceptedFields, acceptOf, readHandshake } from './websocket-handshake.js'

/** A message of a client is never longer than this. */
const MAX_MESSAGE_BYTES = 1024 * 1024
/** Nor may it come in more pieces than this: each costs far more memory than a byte. */
const MAX_PARTS = 16 * 1024
/** How long a client has to answer a close before its connection is broken off. */
const CLOSE_MS = 1_000

/**
 * Accepts a handshake and speaks WebSocket on what follows, whether it came by Upgrade or by extended CONNECT.
 *
 * @throws GatewayFault when it is no valid handshake
 */
export async function acceptWebSocket(exchange: Exchange, client: WebSocketClient): Promise<WebSocket> {
  const handshake = readHandshake(exchange.headers, client.version)
  const { WebSocket } = await import('ws') // with the first one: an idle gateway stays small
  const socket = new (WebSocket as unknown as ServerSide)(null, undefined, { autoPong: true, closeTimeout: CLOSE_MS })
  client.accept(acceptedFields(['Sec-WebSocket-Accept', acceptOf(handshake.key)], null, exchange.answerEdit))
  exchange.status = client.acceptedStatus
  exchange.phase = 'streaming'
  exchange.openEnded = true // that it is idle is nobody's fault
  exchange.onInterrupt(
    () => socket.terminate(),
    () => socket.terminate(),
  )
  socket.setSocket(client.duplex, client.head, {
    allowSynchronousEvents: true,
    maxPayload: MAX_MESSAGE_BYTES,
    maxFragments: MAX_PARTS,
    maxBufferedChunks: MAX_PARTS,
    skipUTF8Validation: false,
  })
  return socket
}

/**
 * What the library's own server does when a handshake is done; its types leave it out, because its server writes the
 * answer of HTTP/1.1 in the same breath. The version is pinned, and a test that connects fails when this moves.
 */
type ServerSide = new (
  address: null,
  protocols: undefined,
  options: { autoPong: boolean; closeTimeout: number },
) => WebSocket & {
  setSocket(
    socket: Duplex,
    head: Buffer,
    options: {
      allowSynchronousEvents: boolean
      maxPayload: number
      maxFragments: number
      maxBufferedChunks: number
      skipUTF8Validation: boolean
    },
  ): void
}
