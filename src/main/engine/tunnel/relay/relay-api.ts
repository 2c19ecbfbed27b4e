import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { z } from 'zod'
import { Fault, type FaultCode } from '../../../../shared/fault.js'
import { bearerOf } from './judge-agent.js'
import type { Relay } from './relay.js'
import { relayMetrics } from './relay-metrics.js'
import { idWishSchema, proxyWishSchema, tokenWishSchema } from './relay-schemas.js'

/** Who may get here: this user through the socket, or whoever has an admin token. */
export type Access = 'local' | 'network'

/** An answer that is not JSON, but the text format of Prometheus. */
class Text {
  constructor(readonly text: string) {}
}

interface Endpoint {
  method: 'GET' | 'POST'
  /** answered when all went well */
  status: 200 | 201
  /** tokens are made and told on the relay's own machine alone */
  localOnly?: true
  run: (relay: Relay, body: unknown, by: string) => Promise<unknown>
}

const ENDPOINTS: Record<string, Endpoint> = {
  '/api/proxy/create': {
    method: 'POST',
    status: 201,
    run: (relay, body, by) => relay.createProxy(read(proxyWishSchema, body), by),
  },
  '/api/proxy/list': { method: 'GET', status: 200, run: (relay) => relay.listProxies() },
  '/api/proxy/stats': { method: 'GET', status: 200, run: (relay) => relay.proxyStats() },
  '/api/proxy/delete': {
    method: 'POST',
    status: 200,
    run: (relay, body, by) => relay.deleteProxy(read(idWishSchema, body).id, by),
  },
  '/api/status': { method: 'GET', status: 200, run: (relay) => relay.status() },
  '/api/metrics': {
    method: 'GET',
    status: 200,
    run: async (relay) => new Text(await relayMetrics(await relay.status(), await relay.proxyStats())),
  },
  '/api/token/create': {
    method: 'POST',
    status: 201,
    localOnly: true,
    run: (relay, body) => relay.createToken(read(tokenWishSchema, body)),
  },
  '/api/token/list': { method: 'GET', status: 200, localOnly: true, run: (relay) => relay.listTokens() },
  '/api/token/revoke': {
    method: 'POST',
    status: 200,
    localOnly: true,
    run: (relay, body) => relay.revokeToken(read(idWishSchema, body).id),
  },
}

const MAX_BODY = 64 * 1024
const STATUS: Partial<Record<FaultCode, number>> = {
  'bad-request': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'body-too-large': 413,
  conflict: 409,
  'port-taken': 409,
  'port-forbidden': 409,
  'listen-failed': 409,
  overloaded: 429,
}

/** Answers requests to the relay's API. */
export function apiListener(relay: Relay, access: Access): RequestListener {
  return (request, response) => {
    answer(relay, access, request)
      .then(({ status, body }) => reply(response, status, body))
      .catch((thrown) => {
        const fault = Fault.of(thrown)
        const status = STATUS[fault.code] ?? 500
        if (access === 'network' && (status === 401 || status === 403)) relay.door.noteRefused(request, status)
        const { code, message, hint } = fault
        reply(response, status, { error: code, message, ...(hint === undefined ? {} : { hint }) })
      })
  }
}

async function answer(
  relay: Relay,
  access: Access,
  request: IncomingMessage,
): Promise<{ status: number; body: unknown }> {
  const by = access === 'local' ? 'operator' : authorised(relay, request)
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  const endpoint = Object.hasOwn(ENDPOINTS, path) ? ENDPOINTS[path] : undefined
  if (endpoint === undefined) throw new Fault('not-found', 'There is nothing here.')
  if (request.method !== endpoint.method) throw new Fault('method-not-allowed', `This takes ${endpoint.method} alone.`)
  if (endpoint.localOnly === true && access !== 'local') {
    throw new Fault('forbidden', 'Tokens are for the machine of the relay alone.', 'Use portico relay token there.')
  }
  const body = endpoint.method === 'POST' ? await readBody(request) : undefined
  return { status: endpoint.status, body: await endpoint.run(relay, body, by) }
}

/** @returns who it is, for the audit log @throws Fault `unauthorized` or `forbidden` */
function authorised(relay: Relay, request: IncomingMessage): string {
  const token = bearerOf(request.headers.authorization)
  const record = token === null ? null : relay.findToken(token)
  if (record === null) throw new Fault('unauthorized', 'This needs a token for administration.')
  if (!record.admin) throw new Fault('forbidden', 'The token is not for administration.')
  return `token ${record.id}`
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new Fault('bad-request', 'The body must be JSON.', 'Send Content-Type: application/json.')
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) throw new Fault('body-too-large', `The body is longer than ${MAX_BODY} bytes.`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    throw new Fault('bad-request', 'The body is not JSON.')
  }
}

/** @throws Fault `bad-request` that names the key */
function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const key = issue?.path.join('.') ?? ''
  throw new Fault('bad-request', `${key === '' ? 'The body' : key}: ${issue?.message ?? 'is not valid'}.`)
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  const text = body instanceof Text ? body.text : JSON.stringify(body)
  if (!response.req.complete) response.setHeader('Connection', 'close')
  response.writeHead(status, {
    'Content-Type': body instanceof Text ? 'text/plain; version=0.0.4; charset=utf-8' : 'application/json',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
  })
  response.end(text)
}
