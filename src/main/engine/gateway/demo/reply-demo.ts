import type { Exchange } from '../exchange.js'
import { ClientGone } from '../gateway-fault.js'
import type { RawHeaders } from '../headers.js'
import { bodyTooLarge } from '../request-body.js'
import type { WebSocketClient } from '../websocket-client.js'
import type { Tunnels } from '../websocket-tunnels.js'
import { demoFacts } from './demo-facts.js'
import { demoPage } from './demo-page.js'
import { DEMO_SCRIPT } from './demo-script.js'
import { DEMO_STYLE } from './demo-style.js'
import { echoMessages } from './echo-messages.js'
import { sendTicks } from './send-ticks.js'

/** What the demo needs of the gateway. */
export interface DemoContext {
  tunnels: Tunnels
  /** this gateway's name in Via */
  pseudonym: string
}

const MAX_ECHO_BYTES = 1024 * 1024
const MAX_WAIT_MS = 10_000
const GUARDS: RawHeaders = ['X-Content-Type-Options', 'nosniff', 'Referrer-Policy', 'no-referrer']

/**
 * The app that is built in: a page that shows what the gateway did with it, and what its buttons ask for. Nothing of it
 * is kept, and it tells nobody more than they have sent.
 *
 * @throws GatewayFault for a body that is too large or a handshake that is none; ClientGone when nobody is left to answer
 */
export async function replyDemo(
  exchange: Exchange,
  context: DemoContext,
  webSocket: WebSocketClient | null,
): Promise<void> {
  const { pathname, method } = exchange
  if (pathname === '/api/socket' && webSocket !== null) return echoMessages(exchange, context.tunnels, webSocket)
  // Whoever wanted a WebSocket over HTTP/2 would take any 2xx for one (RFC 9113 section 8.5).
  const wanted = webSocket === null && Object.hasOwn(RESOURCES, pathname) ? RESOURCES[pathname] : undefined
  if (wanted === undefined) return send(exchange, missing(pathname))
  if (wanted.method !== method && !(wanted.method === 'GET' && method === 'HEAD')) {
    const error = `${pathname} takes ${wanted.method}.`
    return send(exchange, { status: 405, ...json({ error }), fields: ['Allow', wanted.method] })
  }
  if (pathname === '/api/ticks' && method === 'GET') return sendTicks(exchange, context.tunnels)
  send(exchange, await wanted.answer(exchange, context))
}

interface Answer {
  status: number
  type: string
  body: string | Uint8Array
  fields?: RawHeaders
}

interface Resource {
  method: 'GET' | 'POST'
  answer(exchange: Exchange, context: DemoContext): Answer | Promise<Answer>
}

const RESOURCES: Record<string, Resource> = {
  '/': {
    method: 'GET',
    answer: ({ publicOrigin }) => ({
      status: 200,
      type: 'text/html; charset=utf-8',
      body: demoPage(),
      fields: ['Content-Security-Policy', pagePolicy(publicOrigin), 'X-Frame-Options', 'DENY'],
    }),
  },
  '/demo.css': { method: 'GET', answer: () => ({ status: 200, type: 'text/css; charset=utf-8', body: DEMO_STYLE }) },
  '/demo.js': {
    method: 'GET',
    answer: () => ({ status: 200, type: 'text/javascript; charset=utf-8', body: DEMO_SCRIPT }),
  },
  '/api/facts': {
    method: 'GET',
    answer: (exchange, { pseudonym }) => ({ status: 200, ...json(demoFacts(exchange, pseudonym)) }),
  },
  '/api/hello': {
    method: 'GET',
    answer: async (exchange) => {
      const wait = Number(new URLSearchParams(exchange.target.split('?')[1]).get('wait') ?? 0)
      await passed(exchange, Number.isFinite(wait) ? Math.min(Math.max(wait, 0), MAX_WAIT_MS) : 0)
      return { status: 200, ...json({ hello: 'from the demo app', request: exchange.id }) }
    },
  },
  '/api/echo': {
    method: 'POST',
    answer: async (exchange) => ({ status: 200, type: 'text/plain; charset=utf-8', body: await received(exchange) }),
  },
  '/api/missing': { method: 'GET', answer: () => ({ status: 404, ...json({ error: 'There is nothing here.' }) }) },
  '/api/broken': {
    method: 'GET',
    answer: () => ({ status: 500, ...json({ error: 'The demo app failed, as it was asked to.' }) }),
  },
  '/api/ticks': { method: 'GET', answer: () => ({ status: 200, type: 'text/event-stream', body: '' }) },
  '/api/socket': {
    method: 'GET',
    answer: () => ({ status: 400, ...json({ error: 'This speaks WebSocket only.' }) }),
  },
}

function send(exchange: Exchange, { status, type, body, fields = [] }: Answer): void {
  exchange.firstByteMs = exchange.elapsed()
  exchange.respond(status, ['Content-Type', type, 'Cache-Control', 'no-store', ...GUARDS, ...fields], body)
}

function json(value: unknown): Omit<Answer, 'status'> {
  return { type: 'application/json; charset=utf-8', body: `${JSON.stringify(value, null, 2)}\n` }
}

function missing(path: string): Answer {
  return { status: 404, ...json({ error: `The demo app has nothing at ${path.slice(0, 200)}.` }) }
}

/** Everything from the page itself, nothing inline, and the WebSocket, which older browsers do not count to 'self'. */
function pagePolicy(origin: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src 'self' ${origin.replace(/^http/, 'ws')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Waits, but for no client that has gone. */
function passed(exchange: Exchange, ms: number): Promise<void> {
  if (ms === 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    const giveUp = (reason: Error) => {
      clearTimeout(timer)
      reject(reason)
    }
    exchange.onInterrupt(() => giveUp(new ClientGone()), giveUp)
  })
}

async function received(exchange: Exchange): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of exchange.openBody() ?? []) {
    chunks.push(chunk as Buffer)
    exchange.bytesIn += (chunk as Buffer).length
    if (exchange.bytesIn > MAX_ECHO_BYTES) throw bodyTooLarge(MAX_ECHO_BYTES)
  }
  return Buffer.concat(chunks)
}
