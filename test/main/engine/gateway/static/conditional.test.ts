import { expect, test } from 'vitest'
import { evaluateConditions, rangeStillApplies } from '../../../../../src/main/engine/gateway/static/conditional.js'

const MODIFIED = Date.UTC(2026, 0, 1, 12)
const NOW = MODIFIED + 60_000
const VALIDATORS = { etag: '"abc"', lastModified: MODIFIED }
const AT = 'Thu, 01 Jan 2026 12:00:00 GMT'
const BEFORE = 'Thu, 01 Jan 2026 11:59:59 GMT'
const AFTER = 'Thu, 01 Jan 2026 12:00:01 GMT'

const cases: [headers: Record<string, string>, verdict: string][] = [
  [{}, 'proceed'],
  [{ 'if-none-match': '"abc"' }, 'not-modified'],
  [{ 'if-none-match': 'W/"abc"' }, 'not-modified'],
  [{ 'if-none-match': '*' }, 'not-modified'],
  [{ 'if-none-match': '"x", W/"y,z" ,"abc"' }, 'not-modified'],
  [{ 'if-none-match': '"x,\\"abc"' }, 'proceed'],
  [{ 'if-none-match': '"x"' }, 'proceed'],
  [{ 'if-none-match': 'abc' }, 'proceed'],
  [{ 'if-none-match': 'w/"abc"' }, 'proceed'],
  [{ 'if-none-match': '' }, 'proceed'],
  [{ 'if-none-match': '"x" "abc"' }, 'proceed'],
  [{ 'if-modified-since': AT }, 'not-modified'],
  [{ 'if-modified-since': AFTER }, 'not-modified'],
  [{ 'if-modified-since': BEFORE }, 'proceed'],
  [{ 'if-modified-since': 'garbage' }, 'proceed'],
  [{ 'if-none-match': '"x"', 'if-modified-since': AT }, 'proceed'],
  [{ 'if-match': '"abc"' }, 'proceed'],
  [{ 'if-match': '*' }, 'proceed'],
  [{ 'if-match': 'W/"abc"' }, 'precondition-failed'],
  [{ 'if-match': '"x"' }, 'precondition-failed'],
  [{ 'if-unmodified-since': AT }, 'proceed'],
  [{ 'if-unmodified-since': BEFORE }, 'precondition-failed'],
  [{ 'if-unmodified-since': 'garbage' }, 'proceed'],
  [{ 'if-match': '"abc"', 'if-unmodified-since': BEFORE }, 'proceed'],
  [{ 'if-match': '"x"', 'if-none-match': '"abc"' }, 'precondition-failed'],
  [{ 'if-match': '"abc"', 'if-none-match': '"abc"' }, 'not-modified'],
]

test.each(cases)('%j: %s', (headers, verdict) => {
  expect(evaluateConditions((name) => headers[name], VALIDATORS, NOW)).toBe(verdict)
})

const ifRanges: [value: string | undefined, applies: boolean][] = [
  [undefined, true],
  ['"abc"', true],
  ['W/"abc"', false],
  ['"x"', false],
  ['"abc", "x"', false],
  ['*', false],
  [AT, true],
  [AFTER, false],
  [BEFORE, false],
  ['garbage', false],
]

test.each(ifRanges)('If-Range %j: a Range applies %s', (value, applies) => {
  expect(rangeStillApplies(value, VALIDATORS, NOW)).toBe(applies)
})

test('an If-Range date within the second of the modification proves nothing', () => {
  expect(rangeStillApplies(AT, VALIDATORS, MODIFIED + 999)).toBe(false)
})

test('a hostile list of tags is read in linear time', () => {
  const started = performance.now()
  evaluateConditions(() => `${'"x",'.repeat(100_000)}`, VALIDATORS, NOW)
  evaluateConditions(() => ' ,'.repeat(100_000), VALIDATORS, NOW)
  evaluateConditions(() => `"x"${' '.repeat(100_000)}"`, VALIDATORS, NOW)
  expect(performance.now() - started).toBeLessThan(2000)
})
