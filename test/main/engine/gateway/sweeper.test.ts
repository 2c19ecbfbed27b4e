import { describe, expect, test } from 'vitest'
import type { Exchange } from '../../../../src/main/engine/gateway/exchange.js'
import { overdue } from '../../../../src/main/engine/gateway/sweeper.js'
import { configSchema } from '../../../../src/shared/config.js'

const { limits } = configSchema.parse({ version: 1 })
const NOW = 1_000_000
const ROUTE = { timeouts: { connect: 5_000, response: 30_000, idle: 120_000 } }

type Wanted = Pick<Exchange, 'phase' | 'lastActivity' | 'stalledSince' | 'openEnded' | 'protocol'>

/** What of an exchange decides about its deadlines. */
function exchange(
  parts: Partial<Wanted> & { route?: typeof ROUTE | null; pending?: number; headersSent?: boolean; body?: object },
): Exchange {
  const { pending = 0, headersSent = false, route = ROUTE, body = null, ...rest } = parts
  const base = {
    phase: 'streaming',
    lastActivity: NOW,
    stalledSince: null,
    openEnded: false,
    call: null,
    protocol: 'http/1.1',
  }
  return {
    ...base,
    ...rest,
    route,
    body,
    snapshot: { limits },
    backend: 'http://127.0.0.1:1',
    appName: 'app',
    reply: { pendingBytes: pending, headersSent },
  } as unknown as Exchange
}

const mark = () => ({ at: NOW, bytes: 0 })
const statusAt = (one: Exchange, elapsed: number, at = mark()) => overdue(one, at, NOW + elapsed)?.status ?? null

describe('an answer that its client leaves unread', () => {
  test('is given up after the idle timeout, whether or not the backend has more of it', () => {
    expect(statusAt(exchange({ headersSent: true, stalledSince: NOW, pending: 1 }), 119_000)).toBe(null)
    expect(statusAt(exchange({ headersSent: true, stalledSince: NOW, pending: 1 }), 121_000)).toBe(408)
    expect(statusAt(exchange({ headersSent: true, pending: 1 }), 121_000)).toBe(408)
    expect(statusAt(exchange({ headersSent: true, pending: 1, openEnded: true }), 121_000)).toBe(408)
  })

  test('is given up after 30 s when it is a page of the gateway without a route', () => {
    const page = exchange({ route: null, phase: 'receiving', headersSent: true, pending: 500 })
    expect(statusAt(page, 29_000)).toBe(null)
    expect(statusAt(page, 31_000)).toBe(408)
  })

  test('of a tunnel is the tunnel’s own affair', () => {
    expect(statusAt(exchange({ protocol: 'websocket', openEnded: true, headersSent: true, pending: 1 }), 1e9)).toBe(
      null,
    )
  })
})

describe('a backend', () => {
  test('that does not answer is given up after the response timeout', () => {
    expect(statusAt(exchange({ phase: 'awaiting-response' }), 29_000)).toBe(null)
    expect(statusAt(exchange({ phase: 'awaiting-response' }), 31_000)).toBe(504)
  })

  test('that falls silent in its answer is given up after the idle timeout, unless it streams events', () => {
    expect(statusAt(exchange({ headersSent: true }), 121_000)).toBe(504)
    expect(statusAt(exchange({ headersSent: true, openEnded: true }), 121_000)).toBe(null)
  })
})

describe('a request body', () => {
  const sending = (bytes: number, waiting = true) =>
    exchange({ phase: 'awaiting-response', body: { bytes, waiting } as object })

  test('below the floor for as long as a head may take is refused', () => {
    expect(statusAt(sending(99 * 9), 9_900)).toBe(null)
    expect(statusAt(sending(900), 10_100)).toBe(408)
    expect(statusAt(sending(1_100), 10_100)).toBe(null)
  })

  test('that waits for the backend is not slow', () => {
    expect(statusAt(sending(0, false), 20_000)).toBe(null)
  })
})
