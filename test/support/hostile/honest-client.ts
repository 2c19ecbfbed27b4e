import type { ClientHttp2Session } from 'node:http2'
import https from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import type { Reachable } from '../gateway.js'
import { connectH2, requestH2 } from '../h2-client.js'

/** How a well-behaved client fared. */
export interface Fortune {
  requests: number
  /** anything but a 200 with the expected body */
  failures: string[]
  /** milliseconds */
  slowest: number
}

const PACE_MS = 50
/** The header by which an upstream tells its requests from those of others. */
export const HONEST = 'x-honest'

/**
 * A client that asks for `/` every 50 ms, one request after the other, until it is stopped: over HTTP/2 on one
 * connection, or over HTTP/1.1 on a new one each time, which also proves that connections are still accepted.
 */
export class HonestClient {
  readonly #controller = new AbortController()
  readonly #done: Promise<Fortune>

  constructor(gateway: Reachable, protocol: 'h1' | 'h2') {
    this.#done = this.#run(gateway, protocol)
  }

  async stop(): Promise<Fortune> {
    this.#controller.abort()
    return this.#done
  }

  async #run(gateway: Reachable, protocol: 'h1' | 'h2'): Promise<Fortune> {
    const fortune: Fortune = { requests: 0, failures: [], slowest: 0 }
    const session = protocol === 'h2' ? await connectH2(gateway) : null
    while (!this.#controller.signal.aborted) {
      const start = performance.now()
      const outcome = await (session === null ? askH1(gateway) : askH2(session, gateway))
      fortune.requests += 1
      fortune.slowest = Math.max(fortune.slowest, performance.now() - start)
      if (outcome !== '200 ok') fortune.failures.push(outcome)
      await delay(PACE_MS)
    }
    session?.destroy()
    return fortune
  }
}

function askH1(gateway: Reachable): Promise<string> {
  return new Promise((resolve) => {
    const request = https.get({
      host: '127.0.0.1',
      port: gateway.httpsPort,
      servername: 'app.localhost',
      ca: gateway.ca,
      agent: false,
      headers: { host: 'app.localhost', [HONEST]: '1' },
      timeout: 10_000,
    })
    request.on('timeout', () => request.destroy(new Error('no answer within 10 s')))
    request.on('error', (error) => resolve(error.message))
    request.on('response', (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('error', (error) => resolve(error.message))
      response.on('end', () => resolve(`${response.statusCode} ${body}`))
    })
  })
}

async function askH2(session: ClientHttp2Session, gateway: Reachable): Promise<string> {
  try {
    const { status, text } = await requestH2(session, gateway, {
      headers: [[HONEST, '1']],
      signal: AbortSignal.timeout(10_000),
    })
    return `${status} ${text}`
  } catch (error) {
    return String(error)
  }
}
