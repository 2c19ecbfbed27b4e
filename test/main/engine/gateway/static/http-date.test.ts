import { expect, test } from 'vitest'
import { formatHttpDate, parseHttpDate } from '../../../../../src/main/engine/gateway/static/http-date.js'

const NOW = Date.UTC(2026, 5, 1)
const SAMPLE = Date.UTC(1994, 10, 6, 8, 49, 37)

test.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
  '%s is read as UTC',
  (text) => {
    expect(parseHttpDate(text, NOW)).toBe(SAMPLE)
  },
)

test('a two-digit year is the past when it would be more than 50 years ahead', () => {
  expect(parseHttpDate('Monday, 06-Nov-76 00:00:00 GMT', NOW)).toBe(Date.UTC(2076, 10, 6))
  expect(parseHttpDate('Sunday, 06-Nov-77 00:00:00 GMT', NOW)).toBe(Date.UTC(1977, 10, 6))
})

test.each([
  '',
  '0',
  'yesterday',
  '1994-11-06T08:49:37Z',
  'Sun, 06 Nov 1994 08:49:37 +0100',
  'Sun, 06 Nov 1994 08:49:37',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'Sun, 31 Feb 1994 08:49:37 GMT',
  'Sun, 06 Foo 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 24:00:00 GMT',
])('%j is no HTTP-date', (text) => {
  expect(parseHttpDate(text, NOW)).toBeNull()
})

test('what is formatted is read back', () => {
  expect(parseHttpDate(formatHttpDate(SAMPLE), NOW)).toBe(SAMPLE)
})
