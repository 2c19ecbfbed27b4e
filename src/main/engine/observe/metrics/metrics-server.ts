import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { judgeScrape } from './judge-scrape.js'

export interface MetricsPlace {
  port: number
  bind: string
  /** null where none is asked for */
  token: string | null
}

export type MetricsPage = () => Promise<{ type: string; text: string }>

const MAX_CONNECTIONS = 32
const REQUEST_MS = 10_000

/** The port of its own at which Prometheus finds the metrics, in plain HTTP. */
export class MetricsServer {
  readonly #server: Server
  readonly #place: MetricsPlace
  readonly #page: MetricsPage

  /** @throws when the port cannot be had */
  static async open(place: MetricsPlace, page: MetricsPage): Promise<MetricsServer> {
    const server = new MetricsServer(place, page)
    await server.#listen()
    return server
  }

  private constructor(place: MetricsPlace, page: MetricsPage) {
    this.#place = place
    this.#page = page
    this.#server = createServer({ maxHeaderSize: 8_192, headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS })
    this.#server.maxConnections = MAX_CONNECTIONS
    this.#server.on('request', (request, response) => void this.#answer(request, response))
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#place.port, this.#place.bind, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: target = '', headers } = request
    const asked = { method, target, host: headers.host, authorization: headers.authorization }
    const refusal = judgeScrape(asked, this.#place.token)
    if (refusal !== null) {
      response.writeHead(refusal.status, { 'Content-Type': 'text/plain; charset=utf-8', ...refusal.fields })
      response.end(`${refusal.message}\n`)
      return
    }
    try {
      const { type, text } = await this.#page()
      response.writeHead(200, {
        'Content-Type': type,
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
      })
      response.end(text)
    } catch (error) {
      response.writeHead(500, { 'Content-Type': 'text/plain; charset=utf-8' })
      response.end(`The metrics cannot be read: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }
}
