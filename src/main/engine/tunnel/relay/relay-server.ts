import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Fault } from '../../../../shared/fault.js'
import { formatAuthority } from '../../../../shared/hostname.js'
import { AGENT_PATH } from '../control-messages.js'
import { OwnConnections } from './own-connections.js'
import type { Relay } from './relay.js'
import { apiListener } from './relay-api.js'
import { Strangers } from './strangers.js'

export interface RelayServerOptions {
  relay: Relay
  host: string
  /** 0 for any that is free */
  port: number
  /** PEM; null to serve without TLS */
  tls: { cert: string; key: string } | null
  /** Nobody else has a reason to come than the gateway of this process. */
  ownOnly?: boolean
  strangers?: Strangers
  /** milliseconds for the head of a request; agents keep their connection once they have it */
  patienceMs?: number
}

/** Connections at once that have not become an agent's, and those that have. */
const MAX_CONNECTIONS = 2_000
const HANDSHAKE_MS = 10_000
/** Milliseconds that agents have to hang up when the relay ends. */
const GOODBYE_MS = 1_000
/** Milliseconds for the head of a request; all of it may take half as long again. */
const PATIENCE_MS = 10_000

/** The door to the network: agents, and operators with a token. */
export class RelayServer {
  readonly url: string
  readonly #relay: Relay
  readonly #server: http.Server | https.Server
  readonly #sockets = new Set<Socket>()

  /** @throws Fault `port-taken`, `port-forbidden`, `listen-failed` or `certificate-invalid` */
  static async open(options: RelayServerOptions): Promise<RelayServer> {
    const { relay, host, port, tls, ownOnly = false, patienceMs = PATIENCE_MS, strangers = new Strangers() } = options
    const own = ownOnly ? new OwnConnections() : null
    const server = makeServer(tls, patienceMs)
    server.maxConnections = MAX_CONNECTIONS
    serve(server, relay, own, turnAway(server, strangers))
    const listening = once(server, 'listening')
    server.listen({ host, port })
    await listening.catch((error: NodeJS.ErrnoException) => {
      throw listenFault(formatAuthority(host, port), error)
    })
    server.on('error', () => {}) // such as no more files to be had
    const bound = (server.address() as AddressInfo).port
    own?.watch(bound)
    server.once('close', () => own?.unwatch(bound))
    relay.url = `${tls === null ? 'ws' : 'wss'}://${formatAuthority(host, bound)}${AGENT_PATH}`
    return new RelayServer(relay, server)
  }

  private constructor(relay: Relay, server: http.Server | https.Server) {
    this.url = relay.url
    this.#relay = relay
    this.#server = server
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Serves with another certificate from now on; connections stay. @throws Fault `certificate-invalid` */
  renew(tls: { cert: string; key: string }): void {
    if (!(this.#server instanceof https.Server)) return
    try {
      this.#server.setSecureContext({ ...tls, minVersion: 'TLSv1.2' })
    } catch (cause) {
      throw certificateFault(cause)
    }
  }

  /** Lets nobody in any more, and ends the relay. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await this.#relay.close()
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, GOODBYE_MS)
    await closed
    clearTimeout(timer)
  }
}

/** Those whom an address may not have any more go before anything else is done with them. @returns lets one be no stranger */
function turnAway(server: http.Server | https.Server, strangers: Strangers): (socket: Place) => void {
  const leaves = new Map<string, () => void>()
  server.prependListener('connection', (socket: Socket) => {
    const leave = strangers.enter(socket.remoteAddress ?? '')
    if (leave === null) {
      socket.destroy()
      return
    }
    const place = placeOf(socket)
    leaves.set(place, leave)
    socket.once('close', () => {
      leave()
      leaves.delete(place)
    })
  })
  return (socket) => leaves.get(placeOf(socket))?.()
}

/** Over TLS, what comes is another socket than what was accepted. */
type Place = Pick<Socket, 'remoteAddress' | 'remotePort'>

function placeOf({ remoteAddress, remotePort }: Place): string {
  return `${remoteAddress} ${remotePort}`
}

/** @param own by which strangers are told from this process; null where everybody may come */
function serve(
  server: http.Server | https.Server,
  relay: Relay,
  own: OwnConnections | null,
  admitted: (socket: Place) => void,
): void {
  const api = apiListener(relay, 'network')
  const known = new WeakMap<Duplex, Promise<boolean>>()
  if (own !== null) server.on('connection', (socket: Socket) => known.set(socket, own.recognise(socket)))
  const admit = (socket: Duplex, work: () => void) => {
    if (own === null) work()
    else void known.get(socket)?.then((isOwn) => (isOwn ? work() : socket.destroy()))
  }
  server.on('request', (request, response) => admit(request.socket, () => api(request, response)))
  server.on('upgrade', (request, socket, head) =>
    admit(socket, () => {
      if (relay.door.upgrade(request, socket, head)) admitted(request.socket)
    }),
  )
}

function makeServer(tls: RelayServerOptions['tls'], patienceMs: number): http.Server | https.Server {
  const timeouts = {
    headersTimeout: patienceMs,
    requestTimeout: 1.5 * patienceMs,
    connectionsCheckingInterval: patienceMs / 5,
  }
  if (tls === null) return http.createServer(timeouts)
  try {
    return https.createServer({ ...timeouts, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MS })
  } catch (cause) {
    throw certificateFault(cause)
  }
}

function certificateFault(cause: unknown): Fault {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `The certificate or its key can not be used: ${reason}.`
  return new Fault('certificate-invalid', message, 'Both must be PEM files, and belong to each other.', { cause })
}

function listenFault(where: string, error: NodeJS.ErrnoException): Fault {
  if (error.code === 'EADDRINUSE') return new Fault('port-taken', `${where} is taken.`, 'Choose another with --listen.')
  if (error.code === 'EACCES') {
    return new Fault('port-forbidden', `${where} may not be used by this user.`, 'Choose a port from 1024 on.')
  }
  const message = `${where} can not be listened on: ${error.code ?? error.message}.`
  return new Fault('listen-failed', message, 'Choose an address of this machine with --listen.', { cause: error })
}
