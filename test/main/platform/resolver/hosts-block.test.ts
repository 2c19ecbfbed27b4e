import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  namesInBlock,
  readHostsLines,
  withHosts,
  withoutHosts,
} from '../../../../src/main/platform/resolver/hosts-block.js'

const LOOPBACK = ['127.0.0.1', '::1']
const name = fc.stringMatching(/^[a-z0-9]{1,8}(\.[a-z]{2,6}){1,2}$/)
const names = fc.uniqueArray(name, { maxLength: 5 })
const addresses = fc.subarray(LOOPBACK, { minLength: 1 })
/** Lines as people and programs leave them, with our markers among them, whole and torn. */
const line = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ maxLength: 12, unit: 'binary' }),
  fc.constantFrom(
    '# BEGIN Portico',
    '# BEGIN Portico (the line before had no end)',
    '# END Portico',
    ' # END Portico',
    '127.0.0.1\told.test',
    '10.0.0.1\tdb.internal',
    '127.0.0.1 localhost',
    '',
  ),
)
const text = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r', '')), { maxLength: 12 })
  .map((lines) => lines.map(([words, end]) => words + end).join(''))

test('adding and removing restores any file', () => {
  fc.assert(
    fc.property(text, names, addresses, (before, some, loopback) => {
      const clean = withoutHosts(before)
      expect(withoutHosts(withHosts(clean, some, loopback))).toBe(clean)
      expect(withoutHosts(withHosts(before, some, loopback))).toBe(clean)
      expect(withoutHosts(clean)).toBe(clean)
    }),
    { numRuns: 5_000 },
  )
})

test('a file without a block is left alone by removing', () => {
  fc.assert(
    fc.property(
      text.filter((one) => !one.includes('# END Portico')),
      (before) => {
        expect(withoutHosts(before)).toBe(before)
      },
    ),
  )
})

test('adding twice is adding once, and the names are those of the last time', () => {
  fc.assert(
    fc.property(text, names, names, addresses, (before, first, second, loopback) => {
      const once = withHosts(before, second, loopback)
      expect(withHosts(once, second, loopback)).toBe(once)
      expect(withHosts(withHosts(before, first, loopback), second, loopback)).toBe(once)
      const told = new Set(namesInBlock(once))
      expect(told).toEqual(new Set(second))
    }),
    { numRuns: 5_000 },
  )
})

test('every byte before the block is the file’s own', () => {
  fc.assert(
    fc.property(text, names, (before, some) => {
      expect(withHosts(before, some, LOOPBACK).startsWith(withoutHosts(before))).toBe(true)
    }),
  )
})

test('lines end as those of the file do', () => {
  expect(withHosts('127.0.0.1 localhost\r\n', ['shop.test'], ['127.0.0.1'])).toBe(
    '127.0.0.1 localhost\r\n# BEGIN Portico\r\n127.0.0.1\tshop.test\r\n# END Portico\r\n',
  )
  expect(withHosts('', ['shop.test'], ['::1'], '\r\n')).toBe('# BEGIN Portico\r\n::1\tshop.test\r\n# END Portico\r\n')
})

test('a last line without an end has none again afterwards, unless somebody went on after the block', () => {
  const before = '127.0.0.1 localhost'
  const added = withHosts(before, ['shop.test'], ['127.0.0.1'])
  expect(added.split('\n')).toHaveLength(5)
  expect(withoutHosts(added)).toBe(before)
  expect(withoutHosts(`${added}10.0.0.1 db\n`)).toBe('127.0.0.1 localhost\n10.0.0.1 db\n')
})

test('what somebody else wrote between the markers stays', () => {
  const edited = withHosts('', ['shop.test'], LOOPBACK).replace('# END', '10.0.0.7 nas\n# END')
  expect(withoutHosts(edited)).toBe('10.0.0.7 nas\n')
  expect(readHostsLines(edited).map(({ address, names, own }) => [address, names, own])).toEqual([
    ['127.0.0.1', ['shop.test'], true],
    ['::1', ['shop.test'], true],
    ['10.0.0.7', ['nas'], false],
  ])
})
