import { expect, test } from 'vitest'
import { stretches } from '../../src/renderer/components/chart-options.js'
import { timeTicks } from '../../src/renderer/components/time-ticks.js'
import { exchangeMatcher, isFiltering, NO_FILTER } from '../../src/renderer/stores/exchange-filter.js'
import { untilNextStep } from '../../src/renderer/stores/next-step.js'
import type { ExchangeEntry } from '../../src/shared/contract.js'

const NOON = Date.UTC(2026, 0, 2, 12) / 1_000

function labels(from: number, to: number, width: number, offset = 0): string[] {
  const text = (time: number) => new Date((time + offset) * 1_000).toISOString().slice(11, 16)
  return timeTicks(from, to, width, offset).map(text)
}

test('an hour has as many ticks as there is room for, on full minutes of the clock', () => {
  const from = NOON + 134
  const to = from + 3_590
  expect(labels(from, to, 320)).toEqual(['12:10', '12:20', '12:30', '12:40', '12:50', '13:00'])
  expect(labels(from, to, 160)).toEqual(['12:20', '12:40', '13:00'])
  expect(labels(from, to, 120)).toEqual(['12:30', '13:00'])
  expect(labels(from, to, 700)).toHaveLength(12)
  for (const width of [1, 60, 100, 200, 300, 480, 900]) {
    expect(labels(from, to, width).length).toBeLessThanOrEqual(Math.max(2, width / 52 + 1))
  }
})

test('ticks stand at full quarters and hours also where the clock is half an hour off', () => {
  const india = 5.5 * 3_600
  expect(labels(NOON, NOON + 3_590, 120, india)).toEqual(['17:30', '18:00'])
  expect(labels(NOON, NOON + 3_590, 60, india)).toEqual(['18:00'])
})

test('rows of steps without the gateway are found, also at either end', () => {
  const flags = (text: string) => [...text].map((one) => one === 'x')
  expect(stretches(flags('xx.x...xxx'))).toEqual([
    [0, 1],
    [3, 3],
    [7, 9],
  ])
  expect(stretches(flags('....'))).toEqual([])
  expect(stretches([])).toEqual([])
})

test('the hour is asked for again just after a step has ended', () => {
  expect(untilNextStep(1_800_000_000_000)).toBe(10_300)
  expect(untilNextStep(1_800_000_009_900)).toBe(400)
})

test('the log can be narrowed to what ended in one step', () => {
  const filter = { ...NO_FILTER, from: NOON * 1_000, to: (NOON + 10) * 1_000 }
  const matches = exchangeMatcher(filter)
  const ended = (ms: number, totalMs: number) =>
    matches({ time: new Date(NOON * 1_000 + ms - totalMs).toISOString(), totalMs } as ExchangeEntry)
  expect([ended(-1, 5), ended(0, 5), ended(9_999, 60_000), ended(10_000, 5)]).toEqual([false, true, true, false])
  expect([isFiltering(filter), isFiltering(NO_FILTER)]).toEqual([true, false])
})
