import { expect, test } from 'vitest'
import { rankEncodings } from '../../../../../src/main/engine/gateway/static/negotiate-encoding.js'

const cases: [field: string | undefined, ranked: string[]][] = [
  [undefined, ['identity']],
  ['', ['identity']],
  ['gzip', ['gzip', 'identity']],
  ['gzip, deflate, br, zstd', ['br', 'zstd', 'gzip', 'identity']],
  ['GZIP', ['gzip', 'identity']],
  ['x-gzip', ['gzip', 'identity']],
  ['gzip;q=1.0, br;q=0.5', ['gzip', 'br', 'identity']],
  ['gzip ; q=0.2 , br ; Q=0.1', ['gzip', 'br', 'identity']],
  ['gzip;q=0, br', ['br', 'identity']],
  ['gzip;q=0', ['identity']],
  ['gzip;q=0.001', ['gzip', 'identity']],
  ['identity, gzip;q=0.5', ['identity', 'gzip']],
  ['br, identity', ['br', 'identity']],
  ['identity;q=0', []],
  ['gzip, identity;q=0', ['gzip']],
  ['*', ['br', 'zstd', 'gzip', 'identity']],
  ['*;q=0', []],
  ['gzip, *;q=0', ['gzip']],
  ['identity;q=0.1, *;q=0', ['identity']],
  ['*;q=0.5, gzip;q=0', ['br', 'zstd', 'identity']],
  ['gzip;q=2, br;q=abc, zstd;q=-1', ['identity']],
  ['gzip;q=0.0001', ['identity']],
  ['deflate, compress', ['identity']],
  ['__proto__, constructor;q=1', ['identity']],
  [',, ,gzip,', ['gzip', 'identity']],
]

test.each(cases)('Accept-Encoding %j ranks %j', (field, ranked) => {
  expect(rankEncodings(field)).toEqual(ranked)
})
