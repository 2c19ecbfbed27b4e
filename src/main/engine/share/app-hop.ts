import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import { type Duplex, pipeline } from 'node:stream'
import { GatewayAgent, type GatewayIdentity } from './gateway-agent.js'
import { answerFields, refusalFields, requestFields, textOfHead, textOfRefusal } from './hop-fields.js'
import { type HopGate, type HopRefusal, UNREACHABLE } from './hop-gate.js'
import { HopTraffic, type VisitorStream } from './hop-traffic.js'
import type { SharedApp } from './shared-app.js'

/** More than any gateway lets through, in bytes. */
const MAX_HEAD = 128 * 1024

export interface AppHopOptions extends GatewayIdentity {
  /** Where the app is now. Rejects while it is nowhere. */
  locate: () => Promise<SharedApp>
  /** as visitors know the app, `https://shop.relay.example`; null before it is known */
  publicOrigin: () => string | null
  /** looks at visitors; the relay's gateway has done so unless told */
  gate?: HopGate
  /** A request that could not be passed on. */
  onFailure: (reason: string) => void
}

/**
 * Takes what comes through a tunnel for one app to the local gateway: HTTP/1.1 that was sent to the public name, as
 * requests to the app's own. The handshake with the gateway is for the app's name, and the gateway refuses any other Host
 * on such a connection: whatever a relay sends, it reaches this app alone, and neither another one nor the panel.
 */
export class AppHop {
  readonly traffic = new HopTraffic()
  readonly #options: AppHopOptions
  readonly #server: http.Server
  readonly #kept: GatewayAgent
  readonly #fresh: GatewayAgent

  constructor(options: AppHopOptions) {
    this.#options = options
    this.#kept = new GatewayAgent(options, true)
    this.#fresh = new GatewayAgent(options, false)
    // The relay's gateway has its own limits of time, and closes what is idle.
    this.#server = http.createServer({
      keepAliveTimeout: 0,
      headersTimeout: 0,
      requestTimeout: 0,
      maxHeaderSize: MAX_HEAD,
    })
    this.#server.on('request', (request, response) => void this.#forward(request, response))
    this.#server.on('upgrade', (request, stream, head) => void this.#upgrade(request, stream, head))
    this.#server.on('clientError', (_error, stream) => stream.destroy())
  }

  /** A connection for the app. */
  take(stream: VisitorStream): void {
    this.traffic.add(stream)
    this.#server.emit('connection', stream)
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#kept.destroy()
    this.#fresh.destroy()
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const app = await this.#enter(request)
    if (response.destroyed) return
    if ('status' in app) refuse(response, app)
    else this.#pass(app, request, response, mayRepeat(request))
  }

  /** @param repeatable by a connection that was used before, and once more by a new one when that was about to close */
  #pass(app: SharedApp, request: IncomingMessage, response: ServerResponse, repeatable: boolean): void {
    const onward = this.#ask(app, request, false, repeatable ? this.#kept : this.#fresh)
    const abandon = () => void onward.destroy()
    response.once('close', abandon)
    onward.on('error', (error) => {
      if (repeatable && onward.reusedSocket && !response.headersSent && !response.destroyed) {
        response.off('close', abandon)
        return this.#pass(app, request, response, false)
      }
      if (!response.closed) this.#failed(error)
      if (response.headersSent) response.destroy()
      else refuse(response, UNREACHABLE)
    })
    onward.on('response', (answer) => {
      response.sendDate = false
      const { statusCode = 502, statusMessage } = answer
      response.writeHead(statusCode, statusMessage, answerFields(answer.rawHeaders, this.#names(app), false))
      answer.on('end', () => {
        if (answer.rawTrailers.length > 0) response.addTrailers(pairs(answer.rawTrailers))
      })
      passOn(answer, response)
    })
    if (mayRepeat(request)) onward.end()
    else request.pipe(onward)
  }

  async #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    stream.on('error', () => {})
    const app = await this.#enter(request)
    if (stream.destroyed) return
    if ('status' in app) return void stream.end(textOfRefusal(app))
    const onward = this.#ask(app, request, true, this.#fresh)
    stream.on('close', () => onward.destroy())
    onward.on('error', (error) => {
      if (!stream.destroyed) this.#failed(error)
      stream.destroy()
    })
    onward.on('upgrade', (answer, upstream, early) => {
      stream.write(textOfHead(answer, answerFields(answer.rawHeaders, this.#names(app), true)))
      join(stream, upstream)
      if (early.length > 0) stream.write(early)
      if (head.length > 0) upstream.write(head)
    })
    // It stayed with HTTP: that is the answer, and the connection's last.
    onward.on('response', (answer) => {
      const fields = answerFields(answer.rawHeaders, this.#names(app), false)
      stream.write(textOfHead(answer, [...fields, 'Connection', 'close']))
      pipeline(answer, stream, () => {})
    })
    onward.end()
  }

  #ask(app: SharedApp, request: IncomingMessage, upgrade: boolean, agent: GatewayAgent): http.ClientRequest {
    return https.request({
      host: app.address,
      port: app.port,
      servername: app.serverName ?? '',
      agent,
      method: request.method,
      path: request.url,
      headers: requestFields(this.#options.gate?.fields(request) ?? request.rawHeaders, app.authority, upgrade),
    })
  }

  #names(app: SharedApp) {
    return { appOrigin: `https://${app.authority}`, publicOrigin: this.#options.publicOrigin() }
  }

  /** Where a request goes, or why it goes nowhere. */
  async #enter(request: IncomingMessage): Promise<SharedApp | HopRefusal> {
    this.traffic.addRequest()
    try {
      return (await this.#options.gate?.admit(request)) ?? (await this.#options.locate())
    } catch (thrown) {
      this.#failed(thrown)
      return UNREACHABLE
    }
  }

  #failed(thrown: unknown): void {
    this.traffic.addFailure()
    this.#options.onFailure(thrown instanceof Error ? thrown.message : String(thrown))
  }
}

/** RFC 9110 section 9.2.2: of these nothing is lost when they are sent twice. */
function mayRepeat({ method, headers }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  return !hasBody && (method === 'GET' || method === 'HEAD' || method === 'OPTIONS')
}

/** As `pipeline` does, without its AbortController, whose error costs a tenth of a small request. */
function passOn(answer: IncomingMessage, response: ServerResponse): void {
  answer.on('error', () => response.destroy())
  answer.on('close', () => {
    if (!answer.complete) response.destroy()
  })
  answer.pipe(response)
}

function refuse(response: ServerResponse, refusal: HopRefusal): void {
  response.writeHead(refusal.status, refusalFields(refusal)).end(`${refusal.text}\n`)
}

function join(one: Duplex, other: Duplex): void {
  other.on('error', () => {})
  one.on('close', () => other.destroy())
  other.on('close', () => one.destroy())
  one.pipe(other)
  other.pipe(one)
}

function pairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] as string] as [string, string]] : []))
}
