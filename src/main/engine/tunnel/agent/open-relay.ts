import type { IncomingMessage } from 'node:http'
import type { LookupFunction } from 'node:net'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { isLoopbackHost } from '../../../../shared/hostname.js'
import { AGENT_HEADER } from '../control-messages.js'
import { MAX_MESSAGE } from '../frames.js'
import { TUNNEL_PROTOCOL } from '../tunnel-link.js'
import { type Ending, failedConnection, passing, refusedUpgrade } from './refusals.js'

const HANDSHAKE_MS = 10_000
/** Of a refusal's body, in bytes. */
const MAX_BODY = 4_096

export interface RelayAccess {
  /** with the agents' path */
  url: URL
  token: string
  /** whom the token was made for; null leaves it to the token */
  agent: string | null
  /** PEM certificates of the authorities that are trusted; those of the runtime when left out */
  ca?: readonly string[]
}

export interface RelayPlace {
  address: string
  port: number
}

interface OpenHandlers {
  /** Called in the very moment in which messages may come. @param relay the address that answered */
  opened: (socket: WebSocket, relay: RelayPlace) => void
  /** It was not opened. Called instead of `opened`, once. */
  failed: (ending: Ending) => void
}

/**
 * Opens the WebSocket to a relay. Redirects are not followed: the token is for this relay.
 *
 * @param welcomedBefore see `refusedUpgrade`
 * @returns ends the attempt
 */
export function openRelay(access: RelayAccess, welcomedBefore: boolean, handlers: OpenHandlers): () => void {
  const socket = new WebSocket(access.url, [TUNNEL_PROTOCOL], {
    headers: {
      Authorization: `Bearer ${access.token}`,
      ...(access.agent === null ? {} : { [AGENT_HEADER]: access.agent }),
    },
    ...(access.ca === undefined ? {} : { ca: [...access.ca] }),
    ...(isLoopbackHost(access.url.hostname) ? { lookup: toLoopback } : {}),
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE,
    handshakeTimeout: HANDSHAKE_MS,
    // A mask of zero is none: it keeps scripts in browsers from writing what proxies take for HTTP, and there is neither here.
    generateMask: (mask) => mask.fill(0),
  })
  let settled = false
  const fail = (ending: Ending) => {
    if (settled) return
    settled = true
    handlers.failed(ending)
    socket.terminate()
  }
  socket.on('unexpected-response', (_request, response) => {
    void readTold(response).then((told) => {
      fail(refusedUpgrade(response.statusCode ?? 0, told, response.headers['retry-after'], welcomedBefore))
    })
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    fail(failedConnection(codeOf(error), error.message, welcomedBefore))
  })
  socket.on('close', () => fail(passing('the connection was lost')))
  let relay: RelayPlace = { address: '', port: 0 }
  socket.on('upgrade', ({ socket: { remoteAddress = '', remotePort = 0 } }) => {
    relay = { address: remoteAddress, port: remotePort }
  })
  socket.on('open', () => {
    settled = true
    handlers.opened(socket, relay)
  })
  return () => {
    settled = true
    socket.terminate()
  }
}

/** Names below .localhost are this machine, which not every resolver knows, and nobody else, whatever a resolver says. */
const toLoopback: LookupFunction = (_host, _options, callback) => {
  callback(null, [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ])
}

const refusalSchema = z.object({ message: z.string() })

/** The relay's sentence about a refusal; null when it has none. */
async function readTold(response: IncomingMessage): Promise<string | null> {
  response.setTimeout(HANDSHAKE_MS, () => response.destroy())
  let body = ''
  try {
    for await (const chunk of response) {
      body += String(chunk)
      if (body.length > MAX_BODY) return null
    }
    return refusalSchema.parse(JSON.parse(body)).message.replace(/\.$/, '')
  } catch {
    return null // whatever else answers there
  }
}

/** Several addresses that failed say the same in most cases. */
function codeOf(error: NodeJS.ErrnoException): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  return (first as NodeJS.ErrnoException).code ?? error.code ?? ''
}
