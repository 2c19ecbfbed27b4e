import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineSplitter, MAX_LINE_BYTES } from '../../../../../src/main/engine/supervisor/output/line-splitter.js'

const CASES: { name: string; chunks: string[]; lines: string[] }[] = [
  { name: 'a line', chunks: ['hello\n'], lines: ['hello'] },
  { name: 'lines over several chunks', chunks: ['he', 'llo\nwor', 'ld\n'], lines: ['hello', 'world'] },
  { name: 'empty lines', chunks: ['\n\na\n\n'], lines: ['', '', 'a', ''] },
  { name: "Windows' line ends", chunks: ['a\r\nb\r\n'], lines: ['a', 'b'] },
  { name: 'a line end torn in two', chunks: ['a\r', '\nb\r', '\n'], lines: ['a', 'b'] },
  { name: 'a progress bar', chunks: ['10%\r20%\r', '30%\r', '100%\n'], lines: ['100%'] },
  { name: 'a progress bar that erases', chunks: ['\r\x1b[K10%', '\r\x1b[K', '20%\n'], lines: ['\x1b[K20%'] },
  { name: 'ANSI sequences', chunks: ['\x1b[32mok\x1b', '[0m\n'], lines: ['\x1b[32mok\x1b[0m'] },
]

test.each(CASES)('$name', ({ chunks, lines }) => {
  expect(split(chunks.map((chunk) => Buffer.from(chunk)))).toEqual(lines)
})

test('text comes out as it went in, wherever it is torn', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n]/g, ' '))),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      (lines, sizes) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
        expect(split(pieces(bytes, sizes))).toEqual(lines)
      },
    ),
  )
})

test('a line that is too long is cut between two characters, and the next one is whole', () => {
  const [first, second, ...more] = split(pieces(Buffer.from(`${'ä'.repeat(MAX_LINE_BYTES)}\nnext\n`), [1_001]))
  expect(first).toBe(`${'ä'.repeat(MAX_LINE_BYTES / 2)}…`)
  expect(second).toBe('next')
  expect(more).toEqual([])
})

test('a progress bar of any length is its last state', () => {
  const bar = Array.from({ length: 10_000 }, (_, percent) => `\r${percent} of 10000`).join('')
  expect(split(pieces(Buffer.from(`${bar}\n`), [37]))).toEqual(['9999 of 10000'])
})

test('a line that was given away before its end came goes on as the next one', () => {
  const splitter = new LineSplitter()
  const lines: string[] = []
  const push = (text: string) => splitter.push(Buffer.from(text), 0, 100, (line) => lines.push(line))

  push('Password: ')
  expect(splitter.pending).toBe('text')
  expect(splitter.flush()).toBe('Password: ')
  expect(splitter.flush()).toBeNull()
  push('\n')
  expect(lines).toEqual([])
  push('Compiling… ')
  splitter.flush()
  push('done\n\n')
  expect(lines).toEqual(['done', ''])
})

test('a character that has only begun is not given away', () => {
  const splitter = new LineSplitter()
  const euro = Buffer.from('5 €')
  splitter.push(euro.subarray(0, 4), 0, 100, () => {})
  expect(splitter.flush()).toBe('5 ')
  const lines: string[] = []
  splitter.push(Buffer.concat([euro.subarray(4), Buffer.from('\n')]), 0, 100, (line) => lines.push(line))
  expect(lines).toEqual(['€'])
})

test('an overwritten line is progress until it ends', () => {
  const splitter = new LineSplitter()
  splitter.push(Buffer.from('10%\r'), 0, 100, () => {})
  expect(splitter.pending).toBe('progress')
  expect(splitter.flush()).toBe('10%')
  splitter.push(Buffer.from('20%\r'), 0, 100, () => {})
  splitter.push(Buffer.from('\n'), 0, 100, () => {})
  expect(splitter.pending).toBe('nothing')
})

test('reading stops after as many lines as were asked for, and goes on there', () => {
  const splitter = new LineSplitter()
  const chunk = Buffer.from('a\nb\nc\nd')
  const lines: string[] = []
  const stopped = splitter.push(chunk, 0, 2, (line) => lines.push(line))
  expect(lines).toEqual(['a', 'b'])
  expect(splitter.push(chunk, stopped, 100, (line) => lines.push(line))).toBe(chunk.length)
  expect(lines).toEqual(['a', 'b', 'c'])
})

function split(chunks: Buffer[]): string[] {
  const splitter = new LineSplitter()
  const lines: string[] = []
  for (const chunk of chunks) splitter.push(chunk, 0, Number.POSITIVE_INFINITY, (line) => lines.push(line))
  return lines
}

function pieces(bytes: Buffer, sizes: number[]): Buffer[] {
  const found: Buffer[] = []
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length]!
    found.push(bytes.subarray(at, at + size))
    at += size
  }
  return found
}
