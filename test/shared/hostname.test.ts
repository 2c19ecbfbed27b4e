import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  formatAuthority,
  hostMatches,
  isIpLiteral,
  isLoopbackHost,
  normaliseHostname,
  normaliseHostPattern,
  parseAuthority,
} from '../../src/shared/hostname.js'

test.each([
  ['Shop.LocalHost', 'shop.localhost'],
  ['shop.localhost.', 'shop.localhost'],
  ['Bücher.localhost', 'xn--bcher-kva.localhost'],
  ['xn--bcher-kva.localhost', 'xn--bcher-kva.localhost'],
  ['my_app.localhost', 'my_app.localhost'],
  ['127.0.0.1', '127.0.0.1'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['::FFFF:1.2.3.4', '::ffff:102:304'],
])('%s is the host %s', (written, host) => {
  expect(normaliseHostname(written)).toBe(host)
})

test.each([
  '',
  '.',
  '..',
  'a..b',
  '-a.b',
  'a-.b',
  'a b',
  'a/b',
  'a\u0000b',
  '256.1.1.1',
  '1.2.3',
  '*.a',
  'a:b',
  'user@a',
  `${'a'.repeat(64)}.b`,
  `${'a.'.repeat(127)}a`,
  'ü'.repeat(2000),
])('%j is no host', (written) => {
  expect(normaliseHostname(written)).toBeNull()
})

test.each([
  ['shop.localhost', 'shop.localhost', null],
  ['SHOP.localhost:8443', 'shop.localhost', 8443],
  ['shop.localhost:', 'shop.localhost', null],
  ['[::1]:443', '::1', 443],
  ['[::1]', '::1', null],
  ['127.0.0.1:80', '127.0.0.1', 80],
])('the authority %s is host %s and port %s', (text, host, port) => {
  expect(parseAuthority(text)).toEqual({ host, port })
})

test.each([
  '',
  ':443',
  'a:65536',
  'a:-1',
  'a:x',
  'a:1:2',
  '::1',
  '[::1',
  '[::1]x',
  '[a]',
  'user@a',
  'a, b',
  'a b',
  'a\r\nb',
  'a#',
  'a?',
  'http://a',
])('%j is no authority', (text) => {
  expect(parseAuthority(text)).toBeNull()
})

test('no text makes the parsers throw, and what they accept is safe to print', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.domain(), fc.ipV6(), fc.webAuthority({ withPort: true })),
      (text) => {
        const authority = parseAuthority(text)
        normaliseHostPattern(text)
        if (authority !== null) expect(authority.host).toMatch(/^[a-z0-9._:-]+$/)
      },
    ),
    { numRuns: 2_000 },
  )
})

test('a formatted authority is read as what it was made of', () => {
  const host = fc
    .oneof(fc.domain(), fc.ipV4(), fc.ipV6())
    .map(normaliseHostname)
    .filter((name) => name !== null)
  fc.assert(
    fc.property(host, fc.option(fc.nat(65_535)), (name, port) => {
      expect(parseAuthority(formatAuthority(name, port))).toEqual({ host: name, port })
    }),
  )
})

test('normalising twice is normalising once', () => {
  const text = fc.oneof(
    fc.domain(),
    fc.string(),
    fc.ipV4(),
    fc.ipV6(),
    fc.domain().map((name) => `*.${name.toUpperCase()}.`),
    fc.string({ unit: 'grapheme', maxLength: 12 }).map((label) => `${label}.localhost`),
  )
  fc.assert(
    fc.property(text, (written) => {
      const once = normaliseHostPattern(written)
      if (once !== null) expect(normaliseHostPattern(once)).toBe(once)
    }),
    { numRuns: 1_000 },
  )
})

test('a wildcard stands for one or more labels, never for none and never for half of one', () => {
  expect(hostMatches('*.shop.localhost', 'a.shop.localhost')).toBe(true)
  expect(hostMatches('*.shop.localhost', 'a.b.shop.localhost')).toBe(true)
  expect(hostMatches('*.shop.localhost', 'shop.localhost')).toBe(false)
  expect(hostMatches('*.shop.localhost', 'bookshop.localhost')).toBe(false)
  expect(hostMatches('*.shop.localhost', '.shop.localhost')).toBe(false)
})

test('hosts match themselves, and wildcards exactly what lies below them', () => {
  const name = fc.domain().map((text) => text.toLowerCase())
  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/)
  fc.assert(
    fc.property(name, name, fc.array(label, { minLength: 1, maxLength: 3 }), (one, other, labels) => {
      expect(hostMatches(one, other)).toBe(one === other)
      expect(hostMatches(`*.${one}`, `${labels.join('.')}.${one}`)).toBe(true)
      expect(hostMatches(`*.${one}`, one)).toBe(false)
      expect(hostMatches(`*.${one}`, other)).toBe(other.endsWith(`.${one}`))
    }),
  )
})

test.each(['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '::1'])('%s is this machine', (host) => {
  expect(isLoopbackHost(host)).toBe(true)
})

test.each(['notlocalhost', 'localhost.example', '10.0.0.1', '127.example', '::2', '128.0.0.1'])(
  '%s is another machine',
  (host) => {
    expect(isLoopbackHost(host)).toBe(false)
  },
)

test('IP literals are told from names', () => {
  expect(['1.2.3.4', '::1', 'fe80::1'].map(isIpLiteral)).toEqual([true, true, true])
  expect(['a.b', '1.2.3.a', 'localhost'].map(isIpLiteral)).toEqual([false, false, false])
})
