import { expect, test } from 'vitest'
import { OutputBuffer, rowsOf } from '../../src/renderer/features/output/output-buffer.js'
import { findRows, markSpans, stepMatch } from '../../src/renderer/features/output/output-search.js'
import type { OutputLine } from '../../src/shared/window-schemas.js'

const ESC = '\u001b'

function line(seq: number, text = `line ${seq}`, stream: OutputLine['stream'] = 'stdout'): OutputLine {
  return { seq, time: '2026-01-01T00:00:00.000Z', stream, text }
}

test('the latest lines are kept, each once, and those that went are counted by stream', () => {
  const buffer = new OutputBuffer()
  buffer.add([line(1), line(2, 'bad', 'stderr'), line(2)])
  expect(buffer.rows.map(({ plain }) => plain)).toEqual(['line 1', 'bad'])
  for (let seq = 3; seq <= 12_000; seq += 100) {
    buffer.add(Array.from({ length: 100 }, (_, at) => line(seq + at)))
    expect(buffer.rows.length).toBeLessThanOrEqual(5_500)
  }
  expect(buffer.dropped('stderr')).toBe(1)
  expect(buffer.dropped('all') + buffer.rows.length).toBe(buffer.last)
  expect(rowsOf(buffer, 'stderr')).toEqual([])
})

test('what is searched for is found over colours and whatever its case, and marked', () => {
  const buffer = new OutputBuffer()
  buffer.add([line(1, `An ${ESC}[31mErr${ESC}[0mor`), line(2), line(3, 'error: error')])
  expect(findRows(buffer.rows, 'error')).toEqual([0, 2])
  expect(findRows(buffer.rows, '')).toEqual([])
  const plain = (text: string, className = '') => ({ text, className, color: null, ground: null })
  const marked = markSpans([plain('An '), plain('Err', 'ansi-red'), plain('or')], 'error')
  expect(marked.map(({ text, className, hit }) => [text, className, hit])).toEqual([
    ['An ', '', false],
    ['Err', 'ansi-red', true],
    ['or', '', true],
  ])
  expect(markSpans([plain('error: error')], 'error').map(({ text, hit }) => [text, hit])).toEqual([
    ['error', true],
    [': ', false],
    ['error', true],
  ])
})

test('next and previous go round, and begin at the newest match', () => {
  expect(stepMatch([], 3, 1)).toBeNull()
  expect(stepMatch([2, 5, 9], null, 1)).toBe(2)
  expect(stepMatch([2, 5, 9], 5, 1)).toBe(2)
  expect(stepMatch([2, 5, 9], 9, 1)).toBe(0)
  expect(stepMatch([2, 5, 9], 2, -1)).toBe(2)
})
