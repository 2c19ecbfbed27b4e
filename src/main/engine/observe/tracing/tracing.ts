import { setTimeout as delay } from 'node:timers/promises'
import type { SpanProcessor } from '@opentelemetry/sdk-trace'
import type { TracingSettings } from '../../../../shared/observe-schema.js'
import { fieldValues, type ObservedExchange, withField } from '../observed.js'
import type { exchangeSpans, SpanScope } from './exchange-spans.js'
import { RandomIds } from './random-ids.js'
import { readTraceparent, readTracestate, traceparent } from './trace-context.js'
import { WatchedExporter } from './watched-exporter.js'

/** Spans that wait for their export; more are left out, and counted. */
const MAX_QUEUED = 8_192
const BATCH = 512
const BATCH_DELAY_MS = 2_000
const EXPORT_TIMEOUT_MS = 10_000

interface Parts {
  processor: SpanProcessor
  exporter: WatchedExporter
  scope: SpanScope
  spans: typeof exchangeSpans
}

/** Continues or begins a trace with each exchange, and exports what was sampled of it by OTLP over HTTP. */
export class Tracing {
  readonly #ids = new RandomIds()
  readonly #ratio: number
  readonly #parts: Parts
  #accepted = 0
  #overflowed = 0

  /** Loads the libraries: whoever asks for no traces goes without. @param changed is called when `trouble` is another one */
  static async open(settings: TracingSettings, version: string, changed: () => void): Promise<Tracing> {
    const [sdk, { OTLPTraceExporter }, { resourceFromAttributes }, { exchangeSpans: spans }] = await Promise.all([
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
      import('./exchange-spans.js'),
    ])
    const { endpoint: url, headers, serviceName } = settings
    const exporter = new WatchedExporter(
      new OTLPTraceExporter({ url, headers, timeoutMillis: EXPORT_TIMEOUT_MS }),
      changed,
    )
    const processor = new sdk.BatchSpanProcessor({
      exporter,
      maxQueueSize: MAX_QUEUED,
      maxExportBatchSize: BATCH,
      scheduledDelayMillis: BATCH_DELAY_MS,
      exportTimeoutMillis: EXPORT_TIMEOUT_MS + 1_000,
    })
    const resource = resourceFromAttributes({ 'service.name': serviceName, 'service.version': version })
    const scope: SpanScope = { resource, instrumentationScope: { name: 'portico', version } }
    return new Tracing(settings.sampleRatio, { processor, exporter, scope, spans })
  }

  private constructor(ratio: number, parts: Parts) {
    this.#ratio = ratio
    this.#parts = parts
  }

  /** Why spans are lost at the moment; null when they are not. */
  get trouble(): string | null {
    return this.#parts.exporter.trouble
  }

  /** Spans that were left out or lost. */
  get lost(): number {
    return this.#overflowed + this.#parts.exporter.lost
  }

  /** A request has arrived: each attempt at a backend gets a span of its own as its parent. */
  begin(exchange: ObservedExchange): void {
    const parent = readTraceparent(fieldValues(exchange.headers, 'traceparent'))
    const trace = {
      traceId: parent?.traceId ?? this.#ids.traceId(),
      parentId: parent?.parentId ?? null,
      spanId: this.#ids.spanId(),
      sampled: parent?.sampled ?? Math.random() < this.#ratio,
      state: parent === null ? null : readTracestate(fieldValues(exchange.headers, 'tracestate')),
      attemptIds: [] as string[],
    }
    exchange.trace = trace
    exchange.editRequest((headers) => {
      const attempt = Math.max(0, exchange.attempts - 1)
      trace.attemptIds[attempt] ??= this.#ids.spanId()
      withField(headers, 'tracestate', trace.state)
      return withField(headers, 'traceparent', traceparent(trace.traceId, trace.attemptIds[attempt], trace.sampled))
    })
  }

  /** It has ended. */
  end(exchange: ObservedExchange): void {
    const { trace } = exchange
    if (trace === null || !trace.sampled) return
    const { processor, exporter, scope, spans } = this.#parts
    for (const span of spans(exchange, trace, scope)) {
      if (this.#accepted - exporter.settled >= MAX_QUEUED) this.#overflowed += 1
      else {
        this.#accepted += 1
        processor.onEnd(span)
      }
    }
  }

  /** Exports what is left. @param deadline performance.now() milliseconds */
  async close(deadline: number): Promise<void> {
    const ended = this.#parts.processor.shutdown().catch(() => {}) // what was lost is counted
    await Promise.race([ended, delay(Math.max(0, deadline - performance.now()), undefined, { ref: false })])
  }
}
