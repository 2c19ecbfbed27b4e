import { expect, test } from 'vitest'
import { LatencyHistogram } from '../../../../src/main/engine/traffic/latency-histogram.js'

test('without requests there is no quantile', () => {
  expect(new LatencyHistogram().quantile(0.95, 5)).toBe(null)
})

test.each([0.5, 3, 40, 750, 12_000, 90_000])('a latency of %d ms is told to within 5 %%', (ms) => {
  const histogram = new LatencyHistogram()
  histogram.add(ms, 0)
  const told = histogram.quantile(0.95, 0) as number
  expect(Math.abs(told - ms) / ms).toBeLessThan(0.06)
})

test('nineteen in twenty stay below the p95', () => {
  const histogram = new LatencyHistogram()
  for (let i = 0; i < 1_000; i++) histogram.add(i < 940 ? 10 : 200, 7)
  expect(histogram.quantile(0.95, 7)).toBeGreaterThan(180)
  expect(histogram.quantile(0.9, 7)).toBeLessThan(11)
})

test('latencies beyond the scale count as its end', () => {
  const histogram = new LatencyHistogram()
  histogram.add(10_000_000, 0)
  expect(histogram.quantile(0.95, 0)).toBeGreaterThan(90_000)
})

test('what is older than a minute is forgotten, a minute or days later', () => {
  for (const later of [61, 200_000]) {
    const histogram = new LatencyHistogram()
    histogram.add(500, 0)
    expect(histogram.quantile(0.95, 54)).not.toBe(null)
    expect(histogram.quantile(0.95, later)).toBe(null)
    histogram.add(10, later)
    expect(histogram.quantile(0.95, later)).toBeLessThan(11)
  }
})
