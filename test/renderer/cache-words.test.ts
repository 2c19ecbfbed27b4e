import { expect, test } from 'vitest'
import { answerNames, hasCache, hitPercent, purgeOf, targetOf } from '../../src/renderer/features/cache/cache-words.js'
import type { CachedAnswer } from '../../src/shared/cache-schemas.js'
import { appSchema } from '../../src/shared/config.js'

test('what is typed is a path, all below a prefix, or an address', () => {
  expect(purgeOf('  ')).toBe(null)
  expect(purgeOf(' /a?x=1 ')).toEqual({ path: '/a?x=1' })
  expect(purgeOf('img/1.png')).toEqual({ path: '/img/1.png' })
  expect(purgeOf('/img/*')).toEqual({ prefix: '/img/' })
  expect(purgeOf('*')).toEqual({ prefix: '/' })
  expect(purgeOf('https://shop.localhost:4443/a%20b?x')).toEqual({ path: '/a%20b?x' })
  expect(purgeOf('https://shop.localhost/img/*')).toEqual({ prefix: '/img/' })
  expect(targetOf('https://shop.localhost')).toBe('/')
})

test('answers are called by their paths, and by their hosts too where there are several', () => {
  const answers = (...urls: string[]) => urls.map((url) => ({ url }) as CachedAnswer)
  expect(answerNames(answers('https://a.localhost:1/x', 'https://a.localhost:1/y?z'))).toEqual(['/x', '/y?z'])
  expect(answerNames(answers('https://a.localhost:1/x', 'https://b.localhost:1/x'))).toEqual([
    'a.localhost/x',
    'b.localhost/x',
  ])
})

test('the share of hits is that of all requests, and none where there were none', () => {
  expect(hitPercent({ hits: 1, misses: 2 })).toBe(33)
  expect(hitPercent({ hits: 0, misses: 0 })).toBe(null)
})

test('an app has a cache by itself or on a route, unless it is off', () => {
  const app = (policies: object, ofRoute: object) =>
    appSchema.parse({ name: 'a', policies, routes: [{ path: '/', static: { dir: '.' }, policies: ofRoute }] })
  expect(hasCache(app({ cache: {} }, {}))).toBe(true)
  expect(hasCache(app({}, { cache: {} }))).toBe(true)
  expect(hasCache(app({ cache: false }, { cors: false }))).toBe(false)
})
