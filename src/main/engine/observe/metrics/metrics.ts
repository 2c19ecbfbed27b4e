import type { Metric, Registry } from 'prom-client'
import type { CertificateStatus } from '../../../../shared/window-schemas.js'
import type { ObservedExchange } from '../observed.js'
import type { Family, MetricFacts } from './facts.js'
import { Figures, type KnownRoutes, NONE } from './figures.js'
import { OwnProcess } from './own-families.js'
import { shareFamilies } from './share-families.js'
import { backendFamilies, certificateFamilies, gauge, processFamilies } from './state-families.js'
import { trafficFamilies } from './traffic-families.js'
import { tunnelFamilies } from './tunnel-families.js'

/** Certificates are read from disk, and last for months. */
const CERTIFICATES_KEPT_MS = 60_000

/** Lines of logs and spans that were left out. */
export interface Losses {
  logLines(): number
  spans(): number
}

/** Everything that Prometheus is told. */
export class Metrics {
  readonly #figures = new Figures()
  readonly #own = new OwnProcess()
  readonly #facts: MetricFacts
  readonly #losses: Losses
  readonly #registry: () => Registry
  #certificates: { read: Promise<readonly CertificateStatus[]>; at: number } | null = null
  #servedAt = Date.now()

  /** Loads the library that writes the format: whoever asks for no metrics goes without. */
  static async open(facts: MetricFacts, losses: Losses): Promise<Metrics> {
    const { Registry } = await import('prom-client')
    return new Metrics(facts, losses, () => new Registry())
  }

  private constructor(facts: MetricFacts, losses: Losses, registry: () => Registry) {
    this.#facts = facts
    this.#losses = losses
    this.#registry = registry
  }

  /** A config is in use from now on. */
  apply(known: KnownRoutes): void {
    this.#figures.apply(known)
    this.#servedAt = Date.now()
    this.#certificates = null
  }

  add(exchange: ObservedExchange): void {
    this.#figures.add(exchange)
  }

  addRefused(method: string, status: number): void {
    this.#figures.addRefused(method, status)
  }

  /** All of them in Prometheus's text format, with its content type. */
  async page(): Promise<{ type: string; text: string }> {
    const registry = this.#registry()
    for (const family of await this.#families()) registry.registerMetric(asMetric(family))
    return { type: registry.contentType, text: await registry.metrics() }
  }

  close(): void {
    this.#own.close()
  }

  async #families(): Promise<Family[]> {
    const backends = this.#facts.backends()
    const [processes, certificates] = await Promise.all([this.#facts.processes(), this.#certificateStatuses()])
    return [
      ...trafficFamilies(this.#figures, new Set(backends.map(({ url }) => url))),
      this.#inFlight(),
      ...backendFamilies(backends),
      ...certificateFamilies(certificates),
      ...processFamilies(processes),
      ...shareFamilies(this.#facts.shares()),
      ...tunnelFamilies(this.#facts.tunnels()),
      ...this.#gatewayFamilies(),
      ...this.#own.families(),
    ]
  }

  #inFlight(): Family {
    const samples = [...this.#facts.inFlight()].map(([app, value]) => ({ labels: { app: app || NONE }, value }))
    return gauge('portico_requests_in_flight', 'Requests and tunnels under way.', samples)
  }

  #gatewayFamilies(): Family[] {
    const single = (name: string, help: string, value: number, labels: Record<string, string> = {}) =>
      gauge(name, help, [{ labels, value }])
    const count = (name: string, help: string, value: number): Family => ({
      ...single(name, help, value),
      type: 'counter',
    })
    const { version, configIsServed } = this.#facts
    return [
      single('portico_build_info', 'The version of the gateway.', 1, { version, node: process.versions.node }),
      single(
        'portico_config_last_reload_successful',
        '0 while the config file is not what is served.',
        Number(configIsServed()),
      ),
      single(
        'portico_config_last_reload_success_timestamp_seconds',
        'When the config was last applied, in Unix time.',
        this.#servedAt / 1000,
      ),
      count(
        'portico_access_log_dropped_lines_total',
        'Lines of access logs that were left out.',
        this.#losses.logLines(),
      ),
      count('portico_trace_dropped_spans_total', 'Spans that could not be exported.', this.#losses.spans()),
    ]
  }

  #certificateStatuses(): Promise<readonly CertificateStatus[]> {
    const now = performance.now()
    if (this.#certificates === null || now - this.#certificates.at > CERTIFICATES_KEPT_MS)
      this.#certificates = { read: this.#facts.certificates(), at: now }
    return this.#certificates.read
  }
}

/** The registry wants no more of a metric than this; its own classes would look up the labels with every request. */
function asMetric({ name, help, type, samples }: Family): Metric {
  const values = samples.map((sample) => ({ ...sample, metricName: sample.metricName ?? name }))
  const metric = { name, help, type, get: async () => ({ name, help, type, values, aggregator: 'sum' }) }
  return metric as unknown as Metric
}
