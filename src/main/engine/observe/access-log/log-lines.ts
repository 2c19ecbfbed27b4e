import type { ExchangeEntry } from '../../../../shared/contract.js'
import type { AccessLogSettings } from '../../../../shared/observe-schema.js'
import { fieldValue, type ObservedExchange } from '../observed.js'
import { apacheLine, type Caller } from './apache-line.js'
import { jsonRecord, type WantedFields } from './json-record.js'
import type { LineSink } from './line-sink.js'
import { Redactor } from './redactor.js'

/** Writes exchanges to a sink, in the format and with the fields that the config asks for. */
export class LogLines {
  readonly #format: AccessLogSettings['format']
  readonly #redactor: Redactor
  readonly #wanted: WantedFields
  readonly #sink: LineSink

  constructor(settings: AccessLogSettings, sink: LineSink) {
    this.#format = settings.format
    this.#redactor = new Redactor(settings.redactHeaders, settings.redactQuery)
    this.#wanted = { request: lowerCased(settings.requestHeaders), response: lowerCased(settings.responseHeaders) }
    this.#sink = sink
  }

  /** @param exchange null for a request that was refused before it became one */
  write(entry: ExchangeEntry, exchange: ObservedExchange | null): void {
    if (this.#format === 'json') {
      const record = jsonRecord(entry, exchange, this.#redactor, this.#wanted)
      this.#sink.write(`${JSON.stringify(record)}\n`)
      return
    }
    const path = exchange === null ? entry.path : this.#redactor.target(exchange.target)
    this.#sink.write(apacheLine(entry, path, this.#format === 'combined' ? this.#caller(exchange) : null))
  }

  #caller(exchange: ObservedExchange | null): Caller {
    if (exchange === null) return NOBODY
    const referer = fieldValue(exchange.headers, 'referer')
    return {
      userAgent: fieldValue(exchange.headers, 'user-agent') ?? null,
      referer: referer === undefined ? null : this.#redactor.url(referer),
    }
  }
}

const NOBODY: Caller = { userAgent: null, referer: null }

function lowerCased(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => name.toLowerCase()))
}
