import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asCurl } from '../../src/renderer/features/requests/as-curl.js'
import { shellQuote } from '../../src/shared/shell-quote.js'

const PLAIN = { method: 'GET', url: 'https://shop.localhost/', headers: [], caFile: null } as const

test('a plain GET is the address alone', () => {
  expect(asCurl(PLAIN)).toBe('curl https://shop.localhost/')
})

test('method, headers and CA are carried over; what curl writes itself is not', () => {
  const command = asCurl({
    method: 'POST',
    url: "https://shop.localhost:4443/it's?a=1&b=2",
    headers: [
      [':authority', 'shop.localhost'],
      ['host', 'shop.localhost'],
      ['content-length', '12'],
      ['accept-encoding', 'gzip, br'],
      ['x-empty', ''],
      ['cookie', 'a=b; c="d"'],
    ],
    caFile: '/home/me/my files/ca.pem',
  })
  expect(command).toBe(
    "curl --request POST --header 'x-empty;' --header 'cookie: a=b; c=\"d\"' --compressed --cacert " +
      "'/home/me/my files/ca.pem' 'https://shop.localhost:4443/it'\\''s?a=1&b=2'",
  )
})

test('HEAD waits for no body', () => {
  expect(asCurl({ ...PLAIN, method: 'HEAD' })).toBe('curl --head https://shop.localhost/')
})

test('a shell reads any quoted word back as it was', () => {
  const word = fc.string({ minLength: 1, unit: 'binary' }).filter((text) => !/[\0\ud800-\udfff]/.test(text))
  const words = fc.sample(word, 60)
  const script = words.map((text) => `printf '%s\\0' ${shellQuote(text)}`).join('\n')
  const read = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', timeout: 20_000 })
  expect(read.split('\0').slice(0, -1)).toEqual(words)
})
