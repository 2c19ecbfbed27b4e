import path from 'node:path'
import type { Logger } from 'pino'
import { type Config, panelHost } from '../../../../shared/config.js'
import type { Portal } from '../../../../shared/contract.js'
import { Fault } from '../../../../shared/fault.js'
import type { PanelSession } from '../../../../shared/window-schemas.js'
import type { HostFacts } from '../../engine-options.js'
import { acceptWebSocket } from '../../gateway/accept-websocket.js'
import type { Exchange } from '../../gateway/exchange.js'
import { GatewayFault, toGatewayFault } from '../../gateway/gateway-fault.js'
import { headerValue, headerValues } from '../../gateway/headers.js'
import type { PanelHandler } from '../../gateway/panel-handler.js'
import type { WebSocketClient } from '../../gateway/websocket-client.js'
import type { Tunnels } from '../../gateway/websocket-tunnels.js'
import { EventFeed } from '../event-feed.js'
import { isLoopbackAddress, judgeRequest, LOGIN_PATH, type PanelRequest, panelOrigin } from './gate.js'
import { LoginTokens } from './login-tokens.js'
import { IDLE_MS, PanelSessions } from './panel-sessions.js'
import { CLOSE, PanelSocket } from './panel-socket.js'
import { plainPage } from './plain-page.js'
import { sessionCookie, sessionSecrets } from './session-cookie.js'
import { sendWindowFile } from './window-files.js'

export interface PanelOptions {
  /** absolute */
  dataDir: string
  /** absolute; where the window was built to; null when there is none */
  rendererDir: string | null
  log: Logger
  /** port of the HTTPS listener; null while there is none */
  httpsPort: () => number | null
  settings: () => Config['panel']
  /** null while there are none */
  scrape: () => MetricsSource | null
  /** whether a peer on this machine is another user's; without, nobody is known to be */
  isOtherUsers?: HostFacts['isOtherUsers']
}

/** Where the metrics are had. */
export interface MetricsSource {
  page(): Promise<{ type: string; text: string }>
  /** whether an Authorization field shows the token that stands for a session */
  accepts(authorization: string | undefined): boolean
}

const MAX_SOCKETS = 64
const HOW_TO_ENTER = 'Run "portico open" on this machine: it opens the panel in your browser.'

/** The window in a browser: who may come in, its files, and the contract over a WebSocket. */
export class Panel implements PanelHandler {
  readonly #options: PanelOptions
  readonly #tokens = new LoginTokens()
  readonly #sessions: PanelSessions
  readonly #sockets: Set<PanelSocket>
  #contract: { portal: Portal; feed: EventFeed } | null = null

  /** Reads who is logged in. Answers no commands before `serve`. */
  static async open(options: PanelOptions): Promise<Panel> {
    const sockets = new Set<PanelSocket>()
    const sessions = await PanelSessions.open({
      file: path.join(options.dataDir, 'panel-sessions.json'),
      log: options.log,
      onEnded: (id) => {
        for (const socket of sockets) if (socket.session === id) socket.close(CLOSE.session, 'the session has ended')
      },
    })
    return new Panel(options, sessions, sockets)
  }

  private constructor(options: PanelOptions, sessions: PanelSessions, sockets: Set<PanelSocket>) {
    this.#options = options
    this.#sessions = sessions
    this.#sockets = sockets
  }

  /** From now on its WebSockets speak for this portal. */
  serve(portal: Portal): void {
    this.#contract = { portal, feed: new EventFeed(portal) }
  }

  /**
   * Makes a link that logs one browser in.
   *
   * @param sameUser for no browser of another user of this machine: others see the arguments of programs
   * @throws Fault `conflict` when the panel is off or cannot be reached
   */
  link(sameUser = false): { url: string } {
    const host = panelHost(this.#options.settings())
    const port = this.#options.httpsPort()
    if (host === null)
      throw new Fault('conflict', 'The panel is switched off.', 'Set "enabled" to true under "panel" in the config.')
    if (port === null) throw new Fault('conflict', 'Portico listens on no HTTPS port yet.', 'Try again in a moment.')
    return { url: `${panelOrigin(host, port)}${LOGIN_PATH}?token=${this.#tokens.issue(sameUser)}` }
  }

  /** Who is logged in, the latest first. */
  sessions(): PanelSession[] {
    return this.#sessions.list()
  }

  /** Logs a browser out and closes its windows. @throws Fault `not-found` */
  async revoke(id: string): Promise<void> {
    if (await this.#sessions.revoke(id)) return
    throw new Fault('not-found', 'There is no such session; it may have ended.', 'Look at the list again.')
  }

  /** The config has changed: windows that may not be open any more are closed. */
  reload(): void {
    const settings = this.#options.settings()
    for (const socket of this.#sockets) {
      const welcome = settings.enabled && (settings.lan || isLoopbackAddress(socket.client))
      if (!welcome) socket.close(CLOSE.goingAway, 'the panel is closed')
    }
  }

  /** Resolves when what is to be kept has been saved. */
  async close(): Promise<void> {
    await this.#sessions.flush()
  }

  async handle(exchange: Exchange, tunnels: Tunnels, webSocket: WebSocketClient | null): Promise<void> {
    const access = exchange.snapshot.panel
    if (access === null) throw new GatewayFault('internal', 500, 'The panel is switched off.')
    const session = this.#sessions.find(sessionSecrets(headerValues(exchange.headers, 'cookie')))
    const scrape = this.#options.scrape()
    const metrics = scrape === null ? {} : { metrics: shownTo(exchange, scrape) }
    const verdict = judgeRequest({ ...requestOf(exchange, session !== null, webSocket !== null), ...metrics }, access)
    if (verdict.kind === 'refuse')
      return sayPlainly(exchange, verdict.status, verdict.message, null, methodFields(verdict))
    if (verdict.kind === 'login') return this.#login(exchange, session)
    if (verdict.kind === 'metrics' && scrape !== null) return sendMetrics(exchange, scrape)
    if (verdict.kind === 'no-session' || session === null) {
      const again = verdict.kind === 'no-session' && verdict.foreign ? ['Refresh', `0; url=${LOGIN_PATH}`] : []
      return sayPlainly(exchange, 403, 'You are not logged in to Portico.', HOW_TO_ENTER, again)
    }
    if (verdict.kind === 'socket' && webSocket !== null) return this.#connect(exchange, tunnels, webSocket, session)
    return this.#sendFile(exchange, panelOrigin(access.host, exchange.connection.portFor(exchange.clientAuthority)))
  }

  /**
   * Trades a one-time token for a cookie. A browser that was led here by another program or site keeps the new cookie
   * back on the redirect, as SameSite=Strict asks: the page that it gets then leads back here, by itself and as its own.
   */
  async #login(exchange: Exchange, session: string | null): Promise<void> {
    const token = new URLSearchParams(exchange.target.split('?')[1] ?? '').get('token')
    if (token === null && session === null)
      return sayPlainly(exchange, 403, 'You are not logged in to Portico.', HOW_TO_ENTER)
    const { client } = exchange.connection
    const redeemed = token === null ? 'ok' : this.#tokens.redeem(token, client, await this.#isOtherUsers(exchange))
    if (redeemed === 'too-many')
      return sayPlainly(exchange, 429, 'Too many wrong links were tried.', 'Wait a minute.', ['Retry-After', '60'])
    if (redeemed === 'refused')
      return sayPlainly(
        exchange,
        403,
        'This link has been used already, is older than five minutes, or is for another user.',
        HOW_TO_ENTER,
      )
    const userAgent = headerValue(exchange.headers, 'user-agent') ?? ''
    const cookie =
      session === null ? ['Set-Cookie', sessionCookie(await this.#sessions.create(client, userAgent), IDLE_MS)] : []
    const { headers, body } = plainPage('You are logged in.', null, headerValue(exchange.headers, 'accept'))
    exchange.respond(303, [...headers, 'Location', '/', ...cookie], body)
  }

  async #isOtherUsers({ connection: { client, socket } }: Exchange): Promise<boolean> {
    if (!isLoopbackAddress(client) || socket.remotePort === undefined) return false
    return (await this.#options.isOtherUsers?.({ address: client, port: socket.remotePort })) ?? false
  }

  async #sendFile(exchange: Exchange, origin: string): Promise<void> {
    try {
      await sendWindowFile(exchange, this.#options.rendererDir, origin, this.#renewed(exchange))
    } catch (thrown) {
      if (exchange.reply.headersSent) throw thrown
      const { status, message, hint } = toGatewayFault(thrown)
      sayPlainly(exchange, status, message, hint ?? null)
    }
  }

  /** A window that is opened again within 30 days stays logged in for 30 more. */
  #renewed(exchange: Exchange): [string, string][] {
    const [secret] = sessionSecrets(headerValues(exchange.headers, 'cookie'))
    return exchange.pathname === '/' && secret !== undefined ? [['set-cookie', sessionCookie(secret, IDLE_MS)]] : []
  }

  async #connect(exchange: Exchange, tunnels: Tunnels, client: WebSocketClient, session: string): Promise<void> {
    const contract = this.#contract
    if (contract === null || this.#sockets.size >= MAX_SOCKETS)
      return sayPlainly(exchange, 503, 'Too many windows are open.', 'Close some.', ['Retry-After', '1'])
    const release = tunnels.reserve(exchange.snapshot.limits.tunnels)
    void exchange.reply.closed.then(release)
    const socket = await acceptWebSocket(exchange, client)
    const open = new PanelSocket({
      ...{ socket, session, ...contract, log: this.#options.log },
      duplex: client.duplex,
      client: exchange.connection.client,
      touch: () => this.#sessions.touch(session),
      meter: exchange,
    })
    const tunnel = { end: () => open.close(CLOSE.goingAway, 'Portico is stopping') }
    this.#sockets.add(open)
    tunnels.add(tunnel)
    socket.on('close', () => {
      this.#sockets.delete(open)
      tunnels.delete(tunnel)
    })
  }
}

function requestOf(exchange: Exchange, session: boolean, webSocket: boolean): PanelRequest {
  const { connection, headers } = exchange
  return {
    ...{ method: exchange.method, path: exchange.pathname, webSocket, session },
    ...{ client: connection.client, sni: connection.sni, authority: exchange.clientAuthority },
    port: connection.portFor(exchange.clientAuthority),
    origins: headerValues(headers, 'origin'),
    site: headerValue(headers, 'sec-fetch-site'),
    mode: headerValue(headers, 'sec-fetch-mode'),
    dest: headerValue(headers, 'sec-fetch-dest'),
    purpose: headerValue(headers, 'sec-purpose') ?? headerValue(headers, 'purpose'),
  }
}

function shownTo({ headers }: Exchange, scrape: MetricsSource): 'on' | 'token' {
  return scrape.accepts(headerValue(headers, 'authorization')) ? 'token' : 'on'
}

async function sendMetrics(exchange: Exchange, scrape: MetricsSource): Promise<void> {
  const { type, text } = await scrape.page()
  const fields = ['Content-Type', type, 'Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff']
  exchange.respond(200, fields, text)
}

function methodFields({ status }: { status: number }): string[] {
  return status === 405 ? ['Allow', 'GET, HEAD'] : []
}

function sayPlainly(
  exchange: Exchange,
  status: number,
  message: string,
  hint: string | null,
  fields: readonly string[] = [],
): void {
  exchange.error = message
  const { headers, body } = plainPage(message, hint, headerValue(exchange.headers, 'accept'))
  exchange.respond(status, [...headers, ...fields], body)
}
