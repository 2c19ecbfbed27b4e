import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { ProxyServer } from 'http-proxy-3'
import type { BackendChoice } from './backend-choice.js'
import { removeCookie } from './cookie.js'
import type { Exchange } from './exchange.js'
import { ClientGone, GatewayFault } from './gateway-fault.js'
import { forwardedRequestHeaders, upstreamHost } from './headers.js'
import { forwardedResponseHeaders } from './response-headers.js'
import { rewriteResponseHeaders } from './rewrite-response.js'
import type { CompiledRoute } from './route-table.js'
import { upstreamFault } from './upstream-fault.js'
import type { BackendHandle } from './upstream-ports.js'
import { hopOf, upstreamTarget } from './upstream-request.js'
import { SocketAgent } from './websocket-agent.js'
import type { WebSocketClient } from './websocket-client.js'
import { breakMessage, unfitAnswer, unspeakableHandshake } from './websocket-faults.js'
import { acceptedFields, type Handshake, handshakeFields, refusalFlaw, switchFlaw } from './websocket-handshake.js'
import { relayRefusal } from './websocket-refusal.js'
import { Tunnel, type TunnelBreak } from './websocket-tunnel.js'
import type { TunnelEnd } from './websocket-tunnel-end.js'
import type { Tunnels } from './websocket-tunnels.js'

export interface AttemptParts {
  exchange: Exchange
  route: CompiledRoute
  backend: BackendHandle
  /** connected */
  socket: Socket
  client: WebSocketClient
  end: TunnelEnd
  handshake: Handshake
  choice: BackendChoice
  pseudonym: string
  tunnels: Tunnels
  createProxyServer: HttpProxy['createProxyServer']
}

export type HttpProxy = typeof import('http-proxy-3')

/** As much of a head as is taken from a backend's ordinary answers. */
const MAX_RESPONSE_HEAD = 64 * 1024

/**
 * The handshake with one connected backend, through http-proxy-3. Settles when the tunnel is open or the backend's
 * refusal has been passed on; what becomes of an open tunnel shows in the exchange.
 */
export class WebSocketAttempt {
  readonly #parts: AttemptParts
  #settled = false
  #resolve!: () => void
  #reject!: (reason: unknown) => void

  constructor(parts: AttemptParts) {
    this.#parts = parts
  }

  /** @throws ClientGone, or GatewayFault when no answer was begun */
  run(): Promise<void> {
    const { exchange, createProxyServer } = this.#parts
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      exchange.phase = 'awaiting-response'
      exchange.lastActivity = performance.now()
      exchange.onInterrupt(
        () => this.#fail(new ClientGone()),
        (fault) => this.#fail(fault),
      )
      if (!this.#settled) this.#start(createProxyServer({}))
    })
  }

  #start(proxy: ProxyServer<typeof IncomingMessage, typeof ServerResponse>): void {
    const { socket, end } = this.#parts
    const path = upstreamTarget(this.#parts.exchange.sentTarget, this.#parts.route)
    proxy.on('error', (error) => this.#upstreamFailed(error))
    proxy.on('proxyReqWs', (request) => {
      request.path = path // http-proxy-3 drops an empty query
      request.once('upgrade', (response) => this.#onSwitch(response))
      request.once('response', (response) => this.#onRefusal(response))
    })
    const shell = {
      method: 'GET',
      url: path,
      httpVersion: '1.1',
      httpVersionMajor: 1,
      headers: { upgrade: 'websocket' },
    }
    try {
      proxy.ws(
        shell as unknown as IncomingMessage,
        end as unknown as Socket,
        Buffer.alloc(0),
        {
          target: 'http://backend.invalid', // the agent has the connection already, with or without TLS
          agent: new SocketAgent(socket),
          prependPath: false,
          toProxy: true,
          headers: this.#fields() as Record<string, string>,
          ssl: { maxHeaderSize: MAX_RESPONSE_HEAD },
        },
        (error: Error) => this.#upstreamFailed(error),
      )
    } catch (error) {
      this.#fail(unspeakableHandshake(error))
    }
  }

  #fields(): OutgoingHttpHeaders {
    const { exchange, route, backend, handshake, choice, pseudonym } = this.#parts
    const { preserveHost, sticky } = choice.target
    const forwarded = forwardedRequestHeaders(exchange.headers, hopOf(exchange, pseudonym), route.requestHeaders)
    if (sticky !== null) removeCookie(forwarded, sticky.cookie)
    const edited = exchange.requestEdit === null ? forwarded : exchange.requestEdit(forwarded)
    const host = upstreamHost(preserveHost, backend.host, backend.authority, exchange.clientAuthority)
    return handshakeFields(edited, host, handshake)
  }

  /** Runs before http-proxy-3's own listener, which writes its 101 head and connects the pipes. */
  #onSwitch(response: IncomingMessage): void {
    if (this.#settled) return
    const { exchange, route, client, handshake } = this.#parts
    if (client.duplex.destroyed) {
      this.#fail(new ClientGone())
      return
    }
    const flaw = switchFlaw(response.rawHeaders, handshake)
    if (flaw !== null) {
      this.#fail(this.#unfit(flaw))
      return
    }
    exchange.firstByteMs = exchange.elapsed()
    try {
      const headers = acceptedFields(this.#rewritten(response), route.responseHeaders, exchange.answerEdit)
      client.accept(headers)
      exchange.responseHeaders = headers
    } catch (error) {
      this.#fail(this.#unfit(error instanceof Error ? error.message : String(error)))
      return
    }
    this.#settled = true
    exchange.status = client.acceptedStatus
    exchange.phase = 'streaming'
    exchange.openEnded = true // an idle tunnel is nobody's fault
    this.#watchTunnel()
    this.#resolve()
  }

  #watchTunnel(): void {
    const { exchange, client, end, socket } = this.#parts
    const tunnel = new Tunnel({ client, end, backend: socket, onClosed: (reason) => this.#closed(tunnel, reason) })
    exchange.onInterrupt(
      () => {}, // the tunnel watches the client itself
      () => tunnel.break('stopped'),
    )
    this.#parts.tunnels.add(tunnel)
  }

  #onRefusal(response: IncomingMessage): void {
    if (this.#settled) return
    const { exchange, route, end, client } = this.#parts
    const flaw = refusalFlaw(response.statusCode ?? 0, client.acceptedStatus)
    if (flaw !== null) {
      this.#fail(this.#unfit(flaw))
      return
    }
    end.destroy() // http-proxy-3 relays nothing to a destroyed socket
    exchange.firstByteMs = exchange.elapsed()
    exchange.phase = 'streaming'
    const headers = this.#rewritten(response)
    relayRefusal(exchange, response, headers, route.responseHeaders).then(
      () => this.#refused(null),
      (error: Error) => this.#refused(error),
    )
  }

  #refused(error: Error | null): void {
    if (error === null) {
      this.#settle()
      this.#resolve()
    } else this.#upstreamFailed(error)
  }

  #rewritten(response: IncomingMessage): string[] {
    const { exchange, route, backend, choice } = this.#parts
    const headers = forwardedResponseHeaders(
      response.rawHeaders,
      exchange.reply.lowerCaseNames,
      route.keepServerHeaders,
    )
    rewriteResponseHeaders(headers, {
      backendUrl: backend.backend.url,
      publicOrigin: exchange.publicOrigin,
      stripPrefix: route.stripPrefix,
      addPrefix: route.addPrefix,
    })
    const cookie = choice.newCookie(backend)
    if (cookie !== null) headers.push(exchange.reply.lowerCaseNames ? 'set-cookie' : 'Set-Cookie', cookie)
    return headers
  }

  #closed(tunnel: Tunnel, reason: TunnelBreak | null): void {
    const { exchange, backend, tunnels } = this.#parts
    tunnels.delete(tunnel)
    if (reason !== null) exchange.error ??= breakMessage(reason, backend.backend.url)
  }

  #unfit(flaw: string): GatewayFault {
    return unfitAnswer(flaw, this.#parts.backend.backend.url)
  }

  #upstreamFailed(error: Error): void {
    const { exchange, backend } = this.#parts
    this.#fail(
      error instanceof GatewayFault
        ? error
        : upstreamFault(error, backend.backend.url, exchange.appName, exchange.reply.headersSent),
    )
  }

  #fail(reason: unknown): void {
    if (this.#settled) return
    this.#settle()
    this.#reject(reason)
  }

  #settle(): void {
    this.#settled = true
    this.#parts.end.destroy()
    this.#parts.socket.destroy()
  }
}
