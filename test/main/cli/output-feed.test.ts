import { describe, expect, test } from 'vitest'
import { OutputFeed } from '../../../src/main/cli/output-feed.js'
import type { OutputLine } from '../../../src/shared/window-schemas.js'

/** Lines of these numbers, printed in this second of the day. */
function lines(numbers: readonly number[], second = 0): OutputLine[] {
  const time = new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString()
  return numbers.map((seq) => ({ seq, time, stream: 'stdout', text: `line ${seq}` }))
}

const numbersOf = ({ lines }: { lines: readonly OutputLine[] }) => lines.map(({ seq }) => seq)

describe('lines that come as a list and as events', () => {
  test('are each taken once, where both have them', () => {
    const feed = new OutputFeed()
    expect(numbersOf(feed.take(lines([3, 4, 5])))).toEqual([3, 4, 5])
    expect(numbersOf(feed.take(lines([4, 5, 6])))).toEqual([6])
    expect(numbersOf(feed.take(lines([5, 6])))).toEqual([])
    expect(feed.last).toBe(6)
  })

  test('with a gap between are not taken, until the missing ones have been asked for', () => {
    const feed = new OutputFeed()
    feed.take(lines([1, 2]))
    expect(feed.take(lines([5, 6]))).toEqual({ lines: [], missing: 2 })
    expect(numbersOf(feed.take(lines([3, 4, 5, 6, 7])))).toEqual([3, 4, 5, 6, 7])
    expect(numbersOf(feed.take(lines([6, 7])))).toEqual([])
  })

  test('with a gap that nobody can fill are taken, and the loss is counted', () => {
    const feed = new OutputFeed()
    feed.take(lines([1, 2]))
    expect(feed.take(lines([9, 10]), true)).toMatchObject({ missing: 6 })
    expect(feed.last).toBe(10)
  })

  test('of an app that was added anew begin from 1 again', () => {
    const feed = new OutputFeed()
    feed.take(lines([40, 41], 1))
    expect(numbersOf(feed.take(lines([1, 2], 2)))).toEqual([1, 2])
    expect(numbersOf(feed.take(lines([3], 3)))).toEqual([3])
  })

  test('may begin with none', () => {
    const feed = new OutputFeed()
    expect(numbersOf(feed.take([]))).toEqual([])
    expect(feed.last).toBe(0)
    expect(numbersOf(feed.take(lines([7])))).toEqual([7])
  })
})
