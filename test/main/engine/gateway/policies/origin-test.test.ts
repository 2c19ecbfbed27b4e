import { expect, test } from 'vitest'
import { originTest } from '../../../../../src/main/engine/gateway/policies/origin-test.js'

const { allows } = originTest([
  'https://App.localhost:443',
  'https://*.shop.localhost',
  { regex: 'https://pr-\\d+\\.preview\\.test' },
  'capacitor://localhost',
])

test.each([
  ['https://app.localhost', true],
  ['https://app.localhost:4443', false],
  ['http://app.localhost', false],
  ['https://app.localhost.evil.test', false],
  ['https://a.shop.localhost', true],
  ['https://a.b.shop.localhost', true],
  ['https://shop.localhost', false],
  ['https://evilshop.localhost', false],
  ['https://evil.test/.shop.localhost', false],
  ['https://evil.test#.shop.localhost', false],
  ['https://a.shop.localhost:8443', false],
  ['https://pr-12.preview.test', true],
  ['https://pr-12.preview.test.evil.test', false],
  ['https://evil.test?https://pr-12.preview.test', false],
  ['capacitor://localhost', true],
  ['null', false],
  ['', false],
])('%s: %s', (origin, allowed) => {
  expect(allows(origin)).toBe(allowed)
})

test('"*" allows everybody but "null"', () => {
  const { any, allows: all } = originTest(['*'])
  expect([any, all('https://any.test'), all('null')]).toEqual([true, true, false])
})
