import { expect, test } from 'vitest'
import {
  pauseAfter,
  pauseBetweenChecks,
  renewalTime,
  retryAfterIn,
  suggestedTime,
} from '../../../../../src/main/engine/tls/acme/schedule.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const NINETY = { notBefore: 0, notAfter: 90 * DAY }

test('a certificate is renewed at two thirds of its life, or shortly before', () => {
  expect(renewalTime(NINETY, 0)).toBe(60 * DAY)
  expect(renewalTime(NINETY, 1)).toBe(60 * DAY - 0.9 * DAY)
})

test('a suggested window is spread over, and never followed into the last tenth of a life', () => {
  expect(suggestedTime({ start: 10 * DAY, end: 12 * DAY }, NINETY, 0.5)).toBe(11 * DAY)
  expect(suggestedTime({ start: 89 * DAY, end: 95 * DAY }, NINETY, 0.5)).toBe(81 * DAY)
})

test('failures are followed by a minute, doubling up to twelve hours, a tenth of it random', () => {
  const failed = { limited: false, retryAfterMs: null }
  expect([1, 2, 3, 4].map((count) => pauseAfter(count, failed, 0))).toEqual([1, 2, 4, 8].map((one) => one * MINUTE))
  expect(pauseAfter(11, failed, 0)).toBe(12 * HOUR)
  expect(pauseAfter(10_000, failed, 0)).toBe(12 * HOUR)
  expect(pauseAfter(1, failed, 1)).toBe(1.1 * MINUTE)
})

test('a directory that names a pause gets at least that, and one that names none an hour', () => {
  expect(pauseAfter(1, { limited: true, retryAfterMs: 7 * HOUR }, 0)).toBe(7 * HOUR)
  expect(pauseAfter(9, { limited: true, retryAfterMs: 1000 }, 0)).toBe(256 * MINUTE)
  expect(pauseAfter(1, { limited: true, retryAfterMs: null }, 0)).toBe(HOUR)
})

test('what is suggested is asked for twice a day, or as soon as the directory says, but not all the time', () => {
  expect(pauseBetweenChecks(null, 0.5)).toBe(12 * HOUR)
  expect(pauseBetweenChecks(null, 0)).toBeCloseTo(10.8 * HOUR)
  expect(pauseBetweenChecks(6 * HOUR, 0.5)).toBe(6 * HOUR)
  expect(pauseBetweenChecks(0, 0.5)).toBe(MINUTE)
  expect(pauseBetweenChecks(30 * DAY, 0.5)).toBe(12 * HOUR)
})

test.each([
  ['120', 120_000],
  ['Thu, 01 Jan 1970 00:01:00 GMT', 30_000],
  ['Thu, 01 Jan 1970 00:00:01 GMT', 0],
  ['soon', null],
  [undefined, null],
])('Retry-After: %s', (value, expected) => {
  expect(retryAfterIn(value, 30_000)).toBe(expected)
})
