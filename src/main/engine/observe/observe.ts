import type { Writable } from 'node:stream'
import type { ExchangeEntry, Problem } from '../../../shared/contract.js'
import type { AccessLogSettings, MetricsSettings, TracingSettings } from '../../../shared/observe-schema.js'
import { AccessLog, type LoggedApp } from './access-log/access-log.js'
import { TrafficHistory } from './history/traffic-history.js'
import type { MetricFacts } from './metrics/facts.js'
import type { KnownRoutes } from './metrics/figures.js'
import { carriesToken } from './metrics/judge-scrape.js'
import { Metrics } from './metrics/metrics.js'
import { MetricsServer } from './metrics/metrics-server.js'
import { type ObservedExchange, withField } from './observed.js'
import { givenRequestId, type RequestIdRule } from './request-id.js'
import { Tracing } from './tracing/tracing.js'

export interface ObserveOptions {
  facts: MetricFacts
  /** what `problems` tells has changed */
  changed: () => void
  stdout?: Writable
}

/** As the config has it, its files absolute; what is null is off. */
export interface ObserveSettings {
  access: AccessLogSettings | null
  requestId: RequestIdRule | null
  metrics: MetricsSettings | null
  tracing: TracingSettings | null
  apps: readonly (LoggedApp & { routes: readonly string[] })[]
}

/** What may be had of the metrics beside their own port. */
export interface Scrape {
  page(): Promise<{ type: string; text: string }>
  /** whether an Authorization field shows the token; never, where there is none */
  accepts(authorization: string | undefined): boolean
}

/** Tells of the traffic, to whoever the config names: logs, metrics, traces, and the last hour for the window. */
export class Observe {
  readonly #options: ObserveOptions
  readonly #history = new TrafficHistory()
  readonly #log: AccessLog
  #requestId: RequestIdRule | null = null
  #metrics: Metrics | null = null
  #settings: MetricsSettings | null = null
  #server: { at: string; open: MetricsServer } | null = null
  #serverTrouble: string | null = null
  #tracing: { key: string; open: Tracing } | null = null
  #spansLostBefore = 0
  readonly #leaving = new Set<Promise<void>>()

  constructor(options: ObserveOptions) {
    this.#options = options
    this.#log = new AccessLog({ stdout: options.stdout ?? process.stdout, changed: options.changed })
  }

  /** A config is in use from now on. What was to be written for the one before is not lost. */
  async apply({ access, requestId, metrics, tracing, apps }: ObserveSettings): Promise<void> {
    const names = apps.map(({ name }) => name)
    this.#history.apply(names)
    this.#history.start()
    this.#log.apply(access, apps)
    this.#requestId = requestId
    await this.#applyTracing(tracing)
    await this.#applyMetrics(metrics)
    const known: KnownRoutes = new Map(apps.map(({ name, routes }) => [name, new Set(routes)]))
    this.#metrics?.apply(known)
  }

  /** A request's head has arrived; nothing is known of its app yet. */
  arrived(exchange: ObservedExchange): void {
    if (this.#requestId !== null) nameRequest(exchange, this.#requestId)
    this.#tracing?.open.begin(exchange)
  }

  /** Its host is an app's. */
  owned(exchange: ObservedExchange): void {
    if (exchange.app !== null) this.#history.begin(exchange.app.name)
  }

  /** @param exchange that has ended; null for a request that was refused before it became one */
  record(entry: ExchangeEntry, exchange: ObservedExchange | null): void {
    if (exchange === null) {
      this.#metrics?.addRefused(entry.method, entry.status)
      this.#log.write(entry, null)
      return
    }
    // The panel's requests are the gateway's own, and its cookies secrets.
    if (exchange.isPanel) return
    this.#history.end(exchange)
    this.#log.write(entry, exchange)
    this.#metrics?.add(exchange)
    this.#tracing?.open.end(exchange)
  }

  /** The gateway is turned off or on. */
  serve(serving: boolean): void {
    this.#history.serve(serving)
  }

  /** The last hour. */
  get history(): Pick<TrafficHistory, 'read' | 'busiest'> {
    return this.#history
  }

  /** The metrics for the panel's host; null while they are off. */
  get scrape(): Scrape | null {
    const metrics = this.#metrics
    if (metrics === null) return null
    const token = this.#settings?.token
    return { page: () => metrics.page(), accepts: (shown) => token !== undefined && carriesToken(shown, token) }
  }

  /** What the config asks for and cannot be done at the moment. */
  problems(): Problem[] {
    const { trouble } = this.#tracing?.open ?? { trouble: null }
    return [
      ...this.#log.troubles().map((message) => ({ path: 'logging.access', message })),
      ...(this.#serverTrouble === null ? [] : [{ path: 'metrics.port', message: this.#serverTrouble }]),
      ...(trouble === null ? [] : [{ path: 'tracing.endpoint', message: `Traces cannot be exported: ${trouble}` }]),
    ]
  }

  /** Writes and exports what is left. @param milliseconds the longest that this may take */
  async close(milliseconds: number): Promise<void> {
    const deadline = performance.now() + milliseconds
    this.#history.close()
    await this.#server?.open.close()
    this.#metrics?.close()
    await Promise.all([this.#log.close(deadline), this.#tracing?.open.close(deadline), ...this.#leaving])
  }

  async #applyTracing(settings: TracingSettings | null): Promise<void> {
    const key = settings === null ? '' : JSON.stringify(settings)
    if (key === (this.#tracing?.key ?? '')) return
    const before = this.#tracing
    const { facts, changed } = this.#options
    this.#tracing = settings === null ? null : { key, open: await Tracing.open(settings, facts.version, changed) }
    if (before === null) return
    const left = before.open.close(performance.now() + LEAVE_MS).then(() => {
      this.#spansLostBefore += before.open.lost
      this.#leaving.delete(left)
    })
    this.#leaving.add(left)
  }

  async #applyMetrics(settings: MetricsSettings | null): Promise<void> {
    if (settings === null) {
      this.#metrics?.close()
      this.#metrics = null
    } else
      this.#metrics ??= await Metrics.open(this.#options.facts, {
        logLines: () => this.#log.dropped,
        spans: () => this.#spansLostBefore + (this.#tracing?.open.lost ?? 0),
      })
    this.#settings = settings
    await this.#moveServer(settings)
  }

  async #moveServer(settings: MetricsSettings | null): Promise<void> {
    const { port, bind = '', token = null } = settings ?? {}
    const at = port === undefined ? '' : JSON.stringify([port, bind, token])
    if (at === (this.#server?.at ?? '') && this.#serverTrouble === null) return
    await this.#server?.open.close()
    this.#server = null
    this.#serverTrouble = null
    if (port === undefined) return
    try {
      const open = await MetricsServer.open({ port, bind, token }, async () => {
        if (this.#metrics === null) throw new Error('they are off')
        return this.#metrics.page()
      })
      this.#server = { at, open }
    } catch (error) {
      this.#serverTrouble = `The metrics cannot be offered at ${bind}:${port}: ${(error as Error).message}`
    }
  }
}

/** for the spans of a tracing that is no longer in the config */
const LEAVE_MS = 5_000

/** An id that goes along to the backend and back to the client. */
function nameRequest(exchange: ObservedExchange, rule: RequestIdRule): void {
  const { id, headers, connection, reply } = exchange
  const requestId = givenRequestId(headers, rule, connection.trusted) ?? id
  exchange.requestId = requestId
  exchange.editRequest((fields) => withField(fields, 'X-Request-Id', requestId))
  exchange.editAnswer(
    (fields) => void withField(fields, reply.lowerCaseNames ? 'x-request-id' : 'X-Request-Id', requestId),
  )
}
