import { expect, test } from 'vitest'
import { CASE_IDS } from '../../bench/cases.ts'
import { parseOptions } from '../../bench/options.ts'

test('a plain run measures every case in three rounds of five seconds and is a full one', () => {
  expect(parseOptions([])).toEqual({ rounds: 3, seconds: 5, warmUp: true, only: CASE_IDS, partial: false })
})

test('--quick and --only make a run partial; cases keep their order', () => {
  expect(parseOptions(['--quick'])).toEqual({ rounds: 1, seconds: 1, warmUp: false, only: CASE_IDS, partial: true })
  expect(parseOptions(['--only', 'h2-1k,start', '--only', 'h1-1k', '--rounds', '7'])).toEqual({
    rounds: 7,
    seconds: 5,
    warmUp: true,
    only: ['start', 'h1-1k', 'h2-1k'],
    partial: true,
  })
})

test.each([
  [['--only', 'toString'], 'unknown case "toString"'],
  [['--rounds', '0'], '--rounds must be a whole number'],
  [['--seconds', '1.5'], '--seconds must be a whole number'],
  [['--fast'], 'Unknown option'],
])('refuses %j', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message)
})
