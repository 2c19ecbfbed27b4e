import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { AGENT_HEADER, SERVES_HEADER } from '../control-messages.js'
import { MAX_MESSAGE } from '../frames.js'
import { TUNNEL_PROTOCOL } from '../tunnel-link.js'
import { type Ending, failedConnection, passing, refusedByProxy, refusedUpgrade } from './refusals.js'
import { isOfProxy, wayTo } from './way-to.js'

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
  /** variables that may name a proxy: HTTPS_PROXY and NO_PROXY, in either case; those of this process when left out */
  env?: Partial<Record<string, string>>
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

/** What an agent connects. */
export type Service = 'tcp' | 'apps'

/**
 * Opens the WebSocket to a relay. Redirects are not followed: the token is for this relay.
 *
 * @param serves so that a relay sends its users elsewhere with what is not among them
 * @param welcomedBefore see `refusedUpgrade`
 * @returns ends the attempt
 */
export function openRelay(
  access: RelayAccess,
  serves: readonly Service[],
  welcomedBefore: boolean,
  handlers: OpenHandlers,
): () => void {
  const abandoned = new AbortController()
  const { env = process.env } = access
  const socket = new WebSocket(access.url, [TUNNEL_PROTOCOL], {
    headers: {
      Authorization: `Bearer ${access.token}`,
      ...(access.agent === null ? {} : { [AGENT_HEADER]: access.agent }),
      [SERVES_HEADER]: serves.length === 0 ? 'none' : serves.join(', '),
    },
    ...(access.ca === undefined ? {} : { ca: [...access.ca] }),
    ...wayTo(access.url, env, HANDSHAKE_MS, abandoned.signal),
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
    abandoned.abort()
    handlers.failed(ending)
    socket.terminate()
  }
  socket.on('unexpected-response', (_request, response) => {
    void readTold(response).then((told) => {
      fail(refusedUpgrade(response.statusCode ?? 0, told, response.headers['retry-after'], welcomedBefore))
    })
  })
  socket.on('error', (error: NodeJS.ErrnoException & { statusCode?: number }) => {
    if (error.code === 'ERR_PROXY_TUNNEL') fail(refusedByProxy(error.statusCode ?? 0, welcomedBefore))
    else if (isOfProxy(firstOf(error), access.url, env))
      fail(passing(`the proxy of HTTPS_PROXY is not reached: ${codeOf(error)}`))
    else fail(failedConnection(codeOf(error), error.message, welcomedBefore))
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
    abandoned.abort()
    socket.terminate()
  }
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
  return firstOf(error).code ?? error.code ?? ''
}

function firstOf(error: NodeJS.ErrnoException): NodeJS.ErrnoException & { hostname?: string; port?: number } {
  return error instanceof AggregateError ? error.errors[0] : error
}
