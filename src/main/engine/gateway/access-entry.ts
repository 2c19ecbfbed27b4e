import type { ExchangeEntry } from '../../../shared/contract.js'
import type { Exchange } from './exchange.js'
import { maskedTarget } from './mask.js'

/** What the access log says of an exchange that has ended. */
export function accessEntry(exchange: Exchange): ExchangeEntry {
  const entry: ExchangeEntry = {
    time: new Date(exchange.time).toISOString(),
    id: exchange.id,
    app: exchange.appName,
    host: exchange.host,
    method: exchange.method,
    path: maskedTarget(exchange.target),
    status: exchange.status,
    bytesIn: exchange.bytesIn,
    bytesOut: exchange.bytesOut,
    connectMs: rounded(exchange.connectMs),
    firstByteMs: rounded(exchange.firstByteMs),
    totalMs: rounded(exchange.totalMs) ?? 0,
    client: exchange.connection.client,
    protocol: exchange.protocol,
    backend: exchange.backend,
    attempts: exchange.attempts,
    error: exchange.error,
  }
  if (exchange.notes !== null) entry.notes = exchange.notes
  return entry
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 100) / 100
}
