import type { ExchangeEntry } from '../../../../shared/contract.js'
import { fieldValue, type ObservedExchange } from '../observed.js'
import type { Redactor } from './redactor.js'

/** Names of the header fields that are logged, in lower case. */
export interface WantedFields {
  request: ReadonlySet<string>
  response: ReadonlySet<string>
}

const NO_NOTES: readonly never[] = []

/**
 * What a line of the JSON format says. Its keys are a promise to whoever reads the logs: docs/observability.md.
 *
 * @param exchange null for a request that was refused before it became one
 */
export function jsonRecord(
  entry: ExchangeEntry,
  exchange: ObservedExchange | null,
  redactor: Redactor,
  wanted: WantedFields,
): Record<string, unknown> {
  const { time, id, app, host, method, path, status, bytesIn, bytesOut, connectMs, firstByteMs, totalMs } = entry
  const { client, protocol, backend, attempts, error } = entry
  const shown = exchange === null ? path : redactor.target(exchange.target)
  const record: Record<string, unknown> = {
    time,
    id,
    requestId: exchange?.requestId ?? id,
    app,
    route: exchange?.route?.pattern ?? null,
    host,
    method,
    path: shown,
    status,
    bytesIn,
    bytesOut,
    connectMs,
    firstByteMs,
    totalMs,
    client,
    protocol,
    backend,
    attempts,
    error,
  }
  if (exchange === null) return record
  const { headers, responseHeaders, notes, trace } = exchange
  record.userAgent = fieldValue(headers, 'user-agent') ?? null
  const referer = fieldValue(headers, 'referer')
  record.referer = referer === undefined ? null : redactor.url(referer)
  record.policies = notes === null ? NO_NOTES : notes.map(({ policy, outcome }) => ({ policy, outcome }))
  if (trace !== null) record.traceId = trace.traceId
  if (wanted.request.size > 0) record.requestHeaders = redactor.fields(headers, wanted.request)
  if (wanted.response.size > 0 && responseHeaders !== null)
    record.responseHeaders = redactor.fields(responseHeaders, wanted.response)
  return record
}
