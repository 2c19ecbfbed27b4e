import { expect, test } from 'vitest'
import { HISTORY_SECONDS, LatencyHistory } from '../../src/renderer/stores/latency-history.js'
import type { ExchangeEntry } from '../../src/shared/contract.js'

const NOW = Date.parse('2026-01-01T12:00:59.500Z')

test('each second has the percentile of what ended in it, and those without requests have none', () => {
  const history = new LatencyHistory(null)
  feed(history, [...Array.from({ length: 100 }, (_, at) => entry(0, at + 1)), entry(2, 7)])
  const p95s = history.p95s(NOW)
  expect(p95s).toHaveLength(HISTORY_SECONDS)
  expect(p95s.slice(-4)).toEqual([null, 7, null, 95])
})

test('only the app that is asked for counts, and entries count once', () => {
  const history = new LatencyHistory('shop')
  const entries = [entry(0, 10), { ...entry(0, 900), app: 'api' }]
  feed(history, entries)
  feed(history, entries)
  expect(history.p95s(NOW).at(-1)).toBe(10)
})

test('a minute later a second is forgotten', () => {
  const history = new LatencyHistory(null)
  feed(history, [entry(0, 10)])
  expect(history.p95s(NOW + 61_000).every((value) => value === null)).toBe(true)
  expect(history.p95s(NOW).at(-1)).toBeNull()
})

function feed(history: LatencyHistory, entries: ExchangeEntry[]): void {
  history.take(entries.length, (number) => entries[number])
}

/** Ended so many seconds before now. */
function entry(secondsAgo: number, totalMs: number): ExchangeEntry {
  const ended = Date.parse('2026-01-01T12:00:59.400Z') - secondsAgo * 1_000
  return { time: new Date(ended - totalMs).toISOString(), app: 'shop', totalMs } as ExchangeEntry
}
