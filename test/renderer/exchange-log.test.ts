import { expect, test } from 'vitest'
import { NO_FILTER } from '../../src/renderer/stores/exchange-filter.js'
import { ExchangeLog } from '../../src/renderer/stores/exchange-log.js'
import type { ExchangeEntry } from '../../src/shared/contract.js'

test('it holds what its capacity says, and counts the rows that went', () => {
  const log = new ExchangeLog(100)
  narrow(log, { method: 'GET' })
  log.append(Array.from({ length: 200 }, (_, at) => entry(at, { method: at % 2 === 0 ? 'GET' : 'POST' })))
  expect(log.total).toBe(100)
  expect(log.rows).toHaveLength(50)
  expect(log.rows[0]?.id).toBe('100')
  expect(log.dropped).toBe(50)
})

test('what the engine remembers is taken in once, in the order in which it ended', () => {
  const log = new ExchangeLog()
  log.append([entry(3), entry(4)])
  log.merge([entry(1), entry(2), entry(3)])
  log.select(never)
  expect(log.rows.map(({ id }) => id)).toEqual(['1', '2', '3', '4'])
  log.merge([entry(1), entry(5)])
  log.select(never)
  expect(log.rows.map(({ id }) => id)).toEqual(['1', '2', '3', '4', '5'])
})

test('each filter narrows, and all of them together', () => {
  const log = new ExchangeLog()
  log.append([
    entry(1, { app: 'shop', method: 'GET', status: 200, path: '/cart?x=1', totalMs: 5 }),
    entry(2, { app: 'shop', method: 'POST', status: 502, path: '/cart', totalMs: 900, error: 'Nothing listens' }),
    entry(3, { app: 'docs', method: 'GET', status: 0, path: '/', totalMs: 40 }),
  ])
  const ids = (change: Partial<typeof NO_FILTER>) => {
    narrow(log, change)
    return log.rows.map(({ id }) => id)
  }
  expect(ids({ app: 'shop' })).toEqual(['1', '2'])
  expect(ids({ method: 'POST' })).toEqual(['2'])
  expect(ids({ statusClass: '5' })).toEqual(['2'])
  expect(ids({ statusClass: '0' })).toEqual(['3'])
  expect(ids({ minMs: 30 })).toEqual(['2', '3'])
  expect(ids({ text: 'CART nothing' })).toEqual(['2'])
  expect(ids({ app: 'shop', statusClass: '2', text: 'x=1' })).toEqual(['1'])
  expect(ids({})).toEqual(['1', '2', '3'])
})

test('clearing forgets everything and keeps the filter', () => {
  const log = new ExchangeLog()
  narrow(log, { app: 'shop' })
  log.append([entry(1, { app: 'shop' })])
  log.clear()
  log.append([entry(2, { app: 'docs' }), entry(3, { app: 'shop' })])
  expect(log.rows.map(({ id }) => id)).toEqual(['3'])
})

test('a filter is taken in by slices, with what came meanwhile, and until then the rows are those of before', () => {
  const log = new ExchangeLog(2_000)
  log.append(Array.from({ length: 1_000 }, (_, at) => entry(at, { status: at % 2 === 0 ? 200 : 500 })))
  log.filter({ ...NO_FILTER, statusClass: '5' })
  expect(log.select(() => true)).toBe(false)
  log.append([entry(1_000, { status: 503 })])
  expect(log.rows).toHaveLength(1_000)
  let slices = 2
  while (!log.select(() => true)) slices++
  expect(slices).toBeGreaterThan(2)
  expect(log.rows).toHaveLength(501)
  expect(log.rows.at(-1)?.id).toBe('1000')
})

test('a log that is trimmed while a filter is taken in shows nothing that has gone', () => {
  const log = new ExchangeLog(1_000)
  log.append(Array.from({ length: 1_000 }, (_, at) => entry(at)))
  log.filter({ ...NO_FILTER, method: 'GET' })
  log.select(() => true)
  log.append(Array.from({ length: 500 }, (_, at) => entry(1_000 + at)))
  log.select(never)
  expect(log.rows).toHaveLength(log.total)
  expect(log.rows[0]).toBe(log.at(0))
})

const never = () => false

function narrow(log: ExchangeLog, change: Partial<typeof NO_FILTER>): void {
  log.filter({ ...NO_FILTER, ...change })
  log.select(never)
}

function entry(at: number, change: Partial<ExchangeEntry> = {}): ExchangeEntry {
  return {
    time: new Date(1_700_000_000_000 + at).toISOString(),
    id: String(at),
    app: 'shop',
    host: 'shop.localhost',
    method: 'GET',
    path: '/',
    status: 200,
    bytesIn: 0,
    bytesOut: 0,
    connectMs: null,
    firstByteMs: null,
    totalMs: 0,
    client: '127.0.0.1',
    protocol: 'h2',
    backend: null,
    error: null,
    attempts: 1,
    ...change,
  }
}
