import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { FAULT_CODES, Fault } from '../../../../shared/fault.js'
import type { RelayAdmin } from './relay-admin.js'
import {
  type ProxyStats,
  type ProxyView,
  type ProxyWish,
  proxyStatsSchema,
  proxyViewSchema,
  type RelayStatus,
  relayStatusSchema,
  type TokenMade,
  type TokenView,
  type TokenWish,
  tokenMadeSchema,
  tokenViewSchema,
} from './relay-schemas.js'

const PATIENCE_MS = 10_000

const faultSchema = z.object({ error: z.enum(FAULT_CODES), message: z.string(), hint: z.string().optional() })

/** A relay that runs on this machine, asked through its socket. What it refuses is thrown as its Fault. */
export class RelayClient implements RelayAdmin {
  /** @param socketPath of a unix socket or named pipe */
  constructor(readonly socketPath: string) {}

  createToken(wish: TokenWish): Promise<TokenMade> {
    return this.#post('/api/token/create', wish, tokenMadeSchema)
  }

  listTokens(): Promise<TokenView[]> {
    return this.#get('/api/token/list', z.array(tokenViewSchema))
  }

  revokeToken(id: string): Promise<TokenView> {
    return this.#post('/api/token/revoke', { id }, tokenViewSchema)
  }

  createProxy(wish: ProxyWish): Promise<ProxyView> {
    return this.#post('/api/proxy/create', wish, proxyViewSchema)
  }

  listProxies(): Promise<ProxyView[]> {
    return this.#get('/api/proxy/list', z.array(proxyViewSchema))
  }

  deleteProxy(id: string): Promise<ProxyView> {
    return this.#post('/api/proxy/delete', { id }, proxyViewSchema)
  }

  proxyStats(): Promise<ProxyStats[]> {
    return this.#get('/api/proxy/stats', z.array(proxyStatsSchema))
  }

  status(): Promise<RelayStatus> {
    return this.#get('/api/status', relayStatusSchema)
  }

  #get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.#ask('GET', path, undefined, schema)
  }

  #post<T>(path: string, body: object, schema: z.ZodType<T>): Promise<T> {
    return this.#ask('POST', path, body, schema)
  }

  async #ask<T>(method: string, path: string, body: object | undefined, schema: z.ZodType<T>): Promise<T> {
    const { socketPath } = this
    const headers = { 'Content-Type': 'application/json' }
    const signal = AbortSignal.timeout(PATIENCE_MS)
    const request = http.request({ socketPath, method, path, headers, agent: false, signal })
    request.end(body === undefined ? undefined : JSON.stringify(body))
    let answer: unknown
    try {
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      answer = JSON.parse(await text(response))
      if ((response.statusCode ?? 0) < 300) return schema.parse(answer)
    } catch (cause) {
      const message = 'The relay with this data directory does not answer as it should.'
      throw new Fault('protocol', message, 'Start it again, with the same version of Portico.', { cause })
    }
    const { error: code, message, hint } = faultSchema.parse(answer)
    throw new Fault(code, message, hint)
  }
}
