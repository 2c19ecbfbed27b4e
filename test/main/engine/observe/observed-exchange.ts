import type { ObservedExchange } from '../../../../src/main/engine/observe/observed.js'
import type { ExchangeEntry } from '../../../../src/shared/contract.js'

/** An exchange that was answered by a backend, but for what is told otherwise. */
export function exchange(more: Partial<ObservedExchange> = {}): ObservedExchange {
  return {
    ...{ id: 'ab-1', requestId: 'ab-1', app: { name: 'shop' }, host: 'shop.localhost', method: 'GET' },
    route: { pattern: '/*', stripPrefix: null, addPrefix: null },
    ...{ target: '/a', sentTarget: '/a', protocol: 'h2', isPanel: false },
    connection: { client: '127.0.0.1', trusted: true, encrypted: true },
    ...{ headers: [], responseHeaders: [], reply: { lowerCaseNames: true } },
    ...{ time: Date.UTC(2026, 0, 2, 3, 4, 5), totalMs: 12, firstByteMs: 8, attemptStartedMs: 1, attempts: 1 },
    ...{ failedAttempts: null, answeredBy: 'http://127.0.0.1:3000', status: 200, bytesIn: 0, bytesOut: 5 },
    ...{ openEnded: false, notes: null, error: null, trace: null },
    editRequest: () => {},
    editAnswer: () => {},
    ...more,
  }
}

export function entry(more: Partial<ExchangeEntry> = {}): ExchangeEntry {
  return {
    ...{ time: '2026-01-02T03:04:05.678Z', id: 'ab-1', app: 'shop', host: 'shop.localhost', method: 'GET', path: '/a' },
    ...{ status: 200, bytesIn: 0, bytesOut: 5, connectMs: 1, firstByteMs: 8, totalMs: 12, client: '127.0.0.1' },
    ...{ protocol: 'h2' as const, backend: 'http://127.0.0.1:3000', attempts: 1, error: null },
    ...more,
  }
}
