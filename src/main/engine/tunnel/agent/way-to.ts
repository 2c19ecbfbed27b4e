import type { ClientRequestArgs } from 'node:http'
import https from 'node:https'
import net, { type LookupFunction } from 'node:net'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import type { ClientOptions } from 'ws'
import { isLoopbackHost } from '../../../../shared/hostname.js'
import { connectSocket } from './connect-socket.js'

type Environment = Partial<Record<string, string>>

/**
 * How a WebSocket gets to a relay: by the proxy that the variables name, never so to this machine itself; otherwise
 * straight, with another attempt beside one that is not answered.
 *
 * @param timeoutMs for the connection, and for the handshake
 * @param signal aborts when the relay is not wanted any more
 */
export function wayTo(url: URL, env: Environment, timeoutMs: number, signal: AbortSignal): ClientOptions {
  const local = isLocal(url)
  if (!local && namesProxy(env)) return { agent: new https.Agent({ proxyEnv: env as NodeJS.ProcessEnv }) }
  const connect = (options: ClientRequestArgs & tls.ConnectionOptions, done: Done) => {
    const { host, port } = { host: options.host ?? '', port: Number(options.port) }
    connectSocket({ host, port, lookup: local ? toLoopback : undefined, timeoutMs, signal }).then((socket) => {
      const ready = url.protocol === 'wss:' ? secured(socket, host, options.ca) : socket
      done(null, ready.setTimeout(timeoutMs))
    }, done)
  }
  // As node:http calls it, with a callback; the types of ws know net.createConnection alone.
  return { createConnection: connect as unknown as NonNullable<ClientOptions['createConnection']> }
}

/**
 * Whether what failed was the connection to the proxy, as far as that can be told from one to the relay.
 *
 * @param error of it, of the first of several addresses
 */
export function isOfProxy(error: { hostname?: string; port?: number }, url: URL, env: Environment): boolean {
  const proxy = URL.parse(proxyOf(env))
  if (proxy === null || isLocal(url)) return false
  return error.hostname === proxy.hostname || (error.port === portOf(proxy) && error.port !== portOf(url))
}

function isLocal({ hostname }: URL): boolean {
  return isLoopbackHost(hostname.replace(/^\[|\]$/g, ''))
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' || protocol === 'wss:' ? 443 : 80
}

type Done = (error: Error | null, socket?: Duplex) => void

/** Whether a proxy is named at all; whether NO_PROXY has the relay is for Node to tell. */
function namesProxy(env: Environment): boolean {
  return proxyOf(env) !== ''
}

function proxyOf({ https_proxy, HTTPS_PROXY }: Environment): string {
  return https_proxy ?? HTTPS_PROXY ?? ''
}

function secured(socket: net.Socket, host: string, ca: tls.ConnectionOptions['ca']): tls.TLSSocket {
  const servername = net.isIP(host) === 0 ? host : ''
  return tls.connect({ socket, host, servername, ...(ca === undefined ? {} : { ca }) })
}

/** Names below .localhost are this machine, which not every resolver knows, and nobody else, whatever a resolver says. */
const toLoopback: LookupFunction = (_host, _options, callback) => {
  callback(null, [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ])
}
