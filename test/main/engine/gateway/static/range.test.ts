import fc from 'fast-check'
import { expect, test } from 'vitest'
import { judgeRange, MAX_RANGES } from '../../../../../src/main/engine/gateway/static/range.js'

const partial: [field: string, size: number, ranges: [number, number][]][] = [
  ['bytes=0-0', 10, [[0, 0]]],
  ['bytes=0-', 10, [[0, 9]]],
  ['bytes=3-5', 10, [[3, 5]]],
  ['BYTES=3-5', 10, [[3, 5]]],
  ['bytes=5-999999999999999999999', 10, [[5, 9]]],
  ['bytes=-3', 10, [[7, 9]]],
  ['bytes=-30', 10, [[0, 9]]],
  [
    'bytes=0-0,-1',
    10,
    [
      [0, 0],
      [9, 9],
    ],
  ],
  [
    'bytes= 8-9 ,, 0-1 ',
    10,
    [
      [8, 9],
      [0, 1],
    ],
  ],
  ['bytes=0-5,3-8', 10, [[0, 8]]],
  ['bytes=5-6,0-1,1-5', 10, [[0, 6]]],
  ['bytes=0-1,2-3', 10, [[0, 3]]],
  ['bytes=0-,0-,0-,0-', 10, [[0, 9]]],
  ['bytes=0-1,20-30', 10, [[0, 1]]],
]

test.each(partial)('%j of %i bytes selects %j', (field, size, ranges) => {
  expect(judgeRange(field, size)).toEqual({ kind: 'partial', ranges: ranges.map(([start, end]) => ({ start, end })) })
})

const ignored = ['', 'bytes', 'bytes=', 'bytes=,', 'bytes=-', 'bytes=5-3', 'bytes=a-b', 'bytes=0-1,x', 'bytes=0-1;2-3']
ignored.push('bytes=--1', 'bytes=+1-2', 'bytes=0x1-2', 'bytes=1.0-2', 'items=0-1', 'bytes 0-1', 'bytes=0 - 1')
ignored.push(`bytes=${Array.from({ length: MAX_RANGES + 1 }, (_, i) => `${i * 2}-${i * 2}`).join(',')}`)
ignored.push(`bytes=0-${'9'.repeat(2000)}`)

test.each(ignored)('%j is ignored', (field) => {
  expect(judgeRange(field, 100)).toEqual({ kind: 'whole' })
})

test.each([
  ['bytes=10-', 10],
  ['bytes=10-20,30-40', 10],
  ['bytes=-0', 10],
  ['bytes=0-', 0],
])('%j of %i bytes cannot be satisfied', (field, size) => {
  expect(judgeRange(field, size)).toEqual({ kind: 'unsatisfiable' })
})

test('a suffix of nothing is everything', () => {
  expect(judgeRange('bytes=-5', 0)).toEqual({ kind: 'whole' })
})

test('parts never overlap and together never exceed the representation', () => {
  const spec = fc.tuple(fc.option(fc.nat(60)), fc.option(fc.nat(60))).map(([a, b]) => `${a ?? ''}-${b ?? ''}`)
  fc.assert(
    fc.property(fc.array(spec, { maxLength: 12 }), fc.nat(50), (specs, size) => {
      const verdict = judgeRange(`bytes=${specs.join(',')}`, size)
      if (verdict.kind !== 'partial') return
      const bytes = verdict.ranges.flatMap(({ start, end }) =>
        Array.from({ length: end - start + 1 }, (_, i) => start + i),
      )
      expect(new Set(bytes).size).toBe(bytes.length)
      expect(bytes.every((byte) => byte >= 0 && byte < size)).toBe(true)
      expect(verdict.ranges.every(({ start, end }) => start <= end)).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
