import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defaultLeaf, leafDirectoryName, leafFor } from '../../../../src/main/engine/tls/leaf-name.js'

test('a host that is configured gets its own leaf, kept on disk', () => {
  expect(leafFor('shop.localhost', 'shop.localhost')).toEqual({
    name: 'shop.localhost',
    names: ['shop.localhost'],
    keep: true,
  })
})

test.each([
  ['a.shop.localhost', '*.shop.localhost', '*.shop.localhost', true],
  ['a.b.shop.localhost', '*.shop.localhost', '*.b.shop.localhost', false],
  ['a.b.c.shop.localhost', '*.shop.localhost', '*.b.c.shop.localhost', false],
  ['shop.localhost', '*.localhost', 'shop.localhost', false],
  ['a.shop.localhost', '*.localhost', '*.shop.localhost', false],
])('%s under %s gets the leaf %s', (host, pattern, name, keep) => {
  expect(leafFor(host, pattern)).toEqual({ name, names: [name], keep })
})

test('the default leaf names each configured address once, and no host names', () => {
  expect(defaultLeaf(['shop.localhost', '192.0.2.1', '*.a.test', '::1', '192.0.2.1']).names).toEqual([
    'localhost',
    '127.0.0.1',
    '::1',
    '192.0.2.1',
  ])
})

test.each(['con', 'nul.localhost', 'com1.test', 'a'.repeat(63).concat('.').repeat(4).slice(0, -4), '::1', '+default'])(
  'the directory of %s is a name that every file system takes',
  (name) => {
    const directory = leafDirectoryName(name)
    expect(directory).toMatch(/^[a-z0-9_.+-]{1,200}$/)
    expect(directory).not.toMatch(/^(con|nul|com1)(\.|$)/)
  },
)

test('no two leaves share a directory', () => {
  const label = fc.stringMatching(/^[a-z0-9_]([a-z0-9_-]{0,6}[a-z0-9_])?$/)
  const host = fc.array(label, { minLength: 1, maxLength: 30 }).map((labels) => labels.join('.'))
  const leaf = fc.oneof(
    host,
    host.map((name) => `*.${name}`),
    fc.constantFrom('con.a', '+default', '_wildcard.a', '*.a'),
  )
  fc.assert(fc.property(leaf, leaf, (a, b) => (a === b) === (leafDirectoryName(a) === leafDirectoryName(b))))
})
