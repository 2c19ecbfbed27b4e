import { expect, test } from 'vitest'
import { rotate } from '../../bench/rounds.ts'
import { median, medianMetrics, percentile } from '../../bench/statistics.ts'

test('the median is the middle value, or the mean of the two in the middle, in any order', () => {
  expect(median([30, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(() => median([])).toThrow(RangeError)
})

test('percentiles are by nearest rank', () => {
  const values = Array.from({ length: 20 }, (_, index) => index + 1)
  expect([0, 50, 95, 99, 100].map((rank) => percentile(values, rank))).toEqual([1, 10, 19, 20, 20])
  expect(() => percentile([], 50)).toThrow(RangeError)
})

test('each metric has its own median, over the rounds that have it', () => {
  const rounds = [{ requestsPerSecond: 3, p95Ms: 10 }, { requestsPerSecond: 1 }, { requestsPerSecond: 2, p95Ms: 30 }]
  expect(medianMetrics(rounds)).toEqual({ requestsPerSecond: 2, p95Ms: 20 })
})

test('every round begins with another contestant', () => {
  expect([0, 1, 2, 3].map((round) => rotate(['a', 'b', 'c'], round).join(''))).toEqual(['abc', 'bca', 'cab', 'abc'])
  expect(rotate([], 2)).toEqual([])
})
