import { answerChallenge } from './answer-challenge.js'
import type { Challenges } from './challenges.js'
import { replyDemo } from './demo/reply-demo.js'
import type { Exchange } from './exchange.js'
import { findRoute } from './find-route.js'
import { forwardHttp } from './forward-http.js'
import { forwardProcess, type ProcessContext } from './forward-process.js'
import { forwardWebSocket } from './forward-websocket.js'
import { GatewayFault } from './gateway-fault.js'
import { headerValues, isLoop } from './headers.js'
import { identifyHost } from './identify-host.js'
import type { PanelHandler } from './panel-handler.js'
import { askPolicies } from './policies/ask-policies.js'
import type { Decision } from './policies/decision.js'
import { requestLimits } from './policies/request-limits.js'
import { redirectTo, redirectToHttps } from './redirect.js'
import { replyStatic } from './reply-static.js'
import type { CompiledRoute } from './route-table.js'
import type { WebSocketClient } from './websocket-client.js'

/** Hears of exchanges while they are under way; their end is told by `HandleContext.log`. */
export interface ExchangeObserver {
  /** The head has arrived; nothing is known of its app yet. */
  arrived(exchange: Exchange): void
  /** Host and, where there is one, app are known. */
  owned(exchange: Exchange): void
}

export interface HandleContext extends ProcessContext {
  observer: ExchangeObserver
  /** port at which a client's address reaches the HTTPS listener, for redirects from plain HTTP; null without one */
  httpsPort(client: string): number | null
  /** answers for the host that the snapshot keeps for the panel */
  panel: PanelHandler
  /** what certificate authorities look for */
  challenges: Challenges
  log(exchange: Exchange): void
}

/**
 * The request path, top to bottom: identify the host, match a route, ask the policies, forward, reply, log. HTTP/1.1,
 * HTTP/2, Upgrade and extended CONNECT all come through here. Never rejects.
 *
 * @param webSocket the client's side of a WebSocket handshake; null for plain requests
 */
export async function handleExchange(
  exchange: Exchange,
  context: HandleContext,
  webSocket: WebSocketClient | null = null,
): Promise<void> {
  try {
    context.observer.arrived(exchange)
    if (exchange.refusal !== null) throw exchange.refusal
    identify(exchange)
    context.observer.owned(exchange)
    if (!exchange.connection.encrypted) {
      if (answerChallenge(exchange, context.challenges)) return
      return redirectToHttps(exchange, context.httpsPort(exchange.connection.client))
    }
    const { isPanel } = exchange
    if (exchange.target === '*' && !isPanel) return answerForItself(exchange)
    const route = isPanel ? null : findRoute(exchange)
    if (settled(exchange, requestLimits(exchange))) return
    if (route === null) return await context.panel.handle(exchange, context.tunnels, webSocket)
    refuseLoop(exchange, context.pseudonym)
    if (route.policies !== null) {
      const decision = askPolicies(route.policies, exchange)
      if (settled(exchange, decision instanceof Promise ? await decision : decision)) return
    }
    await forward(exchange, exchange.route ?? route, context, webSocket)
  } catch (thrown) {
    exchange.fail(thrown)
  } finally {
    await exchange.reply.closed
    context.log(exchange)
  }
}

/** Carries a policy's decision out. @returns whether the exchange is answered by it */
function settled(exchange: Exchange, decision: Decision): boolean {
  switch (decision.kind) {
    case 'continue':
      return false
    case 'respond':
      throw decision.fault
    case 'answer':
      exchange.respond(decision.status, decision.headers, decision.body)
      return true
    case 'answered':
      return true
  }
}

function identify(exchange: Exchange): void {
  const identified = identifyHost(
    { sni: exchange.connection.sni, hostFields: headerValues(exchange.headers, 'host'), authority: exchange.authority },
    exchange.snapshot.table,
  )
  exchange.host = identified.host
  exchange.clientAuthority = identified.authority
  exchange.app = identified.app
}

/** Has a route answer an exchange. @throws GatewayFault, ClientGone when no answer was begun */
export async function forward(
  exchange: Exchange,
  route: CompiledRoute,
  context: HandleContext,
  webSocket: WebSocketClient | null,
): Promise<void> {
  const { target } = route
  switch (target.kind) {
    case 'upstream':
      if (webSocket !== null) return forwardWebSocket(exchange, route, target, context, webSocket)
      return forwardHttp(exchange, route, target, context)
    case 'static':
      return replyStatic(exchange, route, target)
    case 'redirect':
      return redirectTo(exchange, target)
    case 'demo':
      return replyDemo(exchange, context, webSocket)
    case 'process':
      return forwardProcess(exchange, route, context, webSocket)
  }
}

/** OPTIONS for no resource in particular asks what the server itself can do (RFC 9110 section 9.3.7). */
function answerForItself(exchange: Exchange): void {
  exchange.respond(204, ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'], '')
}

function refuseLoop(exchange: Exchange, pseudonym: string): void {
  if (!isLoop(exchange.headers, pseudonym)) return
  throw new GatewayFault(
    'loop',
    508,
    `The request for ${exchange.host} came back to Portico: its backend leads to Portico itself.`,
    'Point the backend at the port that the app itself listens on.',
  )
}
