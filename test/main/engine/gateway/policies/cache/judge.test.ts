import { describe, expect, test } from 'vitest'
import type { RawHeaders } from '../../../../../../src/main/engine/gateway/headers.js'
import {
  clientHas,
  confirms,
  mergedFields,
} from '../../../../../../src/main/engine/gateway/policies/cache/conditions.js'
import {
  ageSeconds,
  parseDirectives,
  seconds,
} from '../../../../../../src/main/engine/gateway/policies/cache/directives.js'
import {
  type AnswerHead,
  ageAt,
  freshnessOf,
} from '../../../../../../src/main/engine/gateway/policies/cache/freshness.js'
import { httpDate } from '../../../../../../src/main/engine/gateway/policies/cache/http-date.js'
import { namedTargets } from '../../../../../../src/main/engine/gateway/policies/cache/invalidating-reply.js'
import {
  judge,
  requestDirectives,
  servesOnError,
  storable,
} from '../../../../../../src/main/engine/gateway/policies/cache/judge.js'
import { selectingKey, withoutQueryKeys } from '../../../../../../src/main/engine/gateway/policies/cache/selecting.js'

const NOW = Date.UTC(2026, 0, 1)
const NONE = { ttl: null, staleWhileRevalidate: 0, staleIfError: 0 }
const ANYONE = { directives: new Map(), authorized: false }
const head = (headers: RawHeaders, status = 200): AnswerHead => ({
  status,
  reason: 'OK',
  headers: ['Date', new Date(NOW).toUTCString(), ...headers],
  requestedAt: NOW,
  receivedAt: NOW,
})
const cached = (value: string, more: RawHeaders = []) => head(['Cache-Control', value, ...more])

describe('directives', () => {
  test.each([
    ['MAX-AGE=5', 5],
    ['private="a, max-age=9", max-age="7"', 7],
    ['max-age=1, max-age=9', 1],
    ['max-age=x', 0],
    ['max-age=3.5', 0],
    ['max-age =5', 0],
    ['max-age=99999999999', 2 ** 31],
    ['x-max-age=5', null],
  ])('%s gives max-age %s', (value, expected) => {
    expect(seconds(parseDirectives([value]), 'max-age')).toBe(expected)
  })

  test.each([
    [[], 0],
    [['7'], 7],
    [['-7'], 2 ** 31],
    [['0', '0'], 2 ** 31],
    [['abc'], 2 ** 31],
  ])('Age %j counts as %s', (values, expected) => {
    expect(ageSeconds(values)).toBe(expected)
  })
})

test.each([
  ['Sun, 06 Nov 1994 08:49:37 GMT', 784_111_777_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 784_111_777_000],
  ['Sun Nov  6 08:49:37 1994', 784_111_777_000],
  ['0', null],
  ['Sun, 06 Nov 1994 08:49:37 UTC', null],
])('the date %s', (text, expected) => {
  expect(httpDate(text, NOW)).toBe(expected)
})

test.each([
  ['max-age', cached('max-age=10'), NONE, 10_000],
  ['s-maxage first', cached('max-age=10, s-maxage=20'), NONE, 20_000],
  ['max-age before Expires', cached('max-age=10', ['Expires', new Date(NOW + 99_000).toUTCString()]), NONE, 10_000],
  ['Expires', head(['Expires', new Date(NOW + 99_000).toUTCString()]), NONE, 99_000],
  ['an invalid Expires', head(['Expires', '-1']), NONE, 0],
  ['a tenth of its age', head(['Last-Modified', new Date(NOW - 100_000).toUTCString()]), NONE, 10_000],
  ['a default', head([]), { ...NONE, ttl: 5_000 }, 5_000],
  ['no default for what tells itself', cached('max-age=1'), { ...NONE, ttl: 5_000 }, 1_000],
  ['no default for errors', head([], 500), { ...NONE, ttl: 5_000 }, 0],
])('lifetime by %s', (_by, answer, defaults, expected) => {
  expect(freshnessOf(answer, defaults).lifetime).toBe(expected)
})

test('the age counts the way to here, and the time since', () => {
  const slow = { ...cached('max-age=60', ['Age', '10']), requestedAt: NOW - 3_000 }
  expect(ageAt(freshnessOf(slow, NONE), NOW + 5_000)).toBe(18_000)
  const old = { ...cached('max-age=60'), receivedAt: NOW + 30_000, requestedAt: NOW + 30_000 }
  expect(ageAt(freshnessOf(old, NONE), NOW + 30_000)).toBe(30_000)
})

test.each([
  ['max-age', cached('max-age=5'), ANYONE, true],
  ['no-store', cached('no-store, max-age=5'), ANYONE, false],
  ['no-store beside must-understand', cached('no-store, must-understand, max-age=5'), ANYONE, true],
  ['private', cached('Private, max-age=5'), ANYONE, false],
  ['a cookie', cached('max-age=5', ['Set-Cookie', 'a=1']), ANYONE, false],
  ['a cookie in a public answer', cached('public, max-age=5', ['Set-Cookie', 'a=1']), ANYONE, true],
  ['Vary: *', cached('max-age=5', ['Vary', 'a, *']), ANYONE, false],
  ['Authorization', cached('max-age=5'), { ...ANYONE, authorized: true }, false],
  ['Authorization and s-maxage', cached('s-maxage=5'), { ...ANYONE, authorized: true }, true],
  ['a request with no-store', cached('max-age=5'), { ...ANYONE, directives: parseDirectives(['no-store']) }, false],
  ['nothing that tells of freshness', head([]), ANYONE, false],
  ['a validator alone', head(['ETag', '"1"']), ANYONE, true],
  ['a 302 without freshness', head(['ETag', '"1"'], 302), ANYONE, false],
  ['a part', head(['Cache-Control', 'max-age=5'], 206), ANYONE, false],
  ['an event stream', cached('max-age=5', ['Content-Type', 'text/event-stream']), ANYONE, false],
])('storing: %s', (_what, answer, asked, expected) => {
  expect(storable(answer, asked, NONE) !== null).toBe(expected)
})

test.each([
  ['max-age=60', '', 30, 'fresh'],
  ['max-age=60', '', 61, 'revalidate'],
  ['max-age=60, no-cache', '', 1, 'revalidate'],
  ['max-age=60', 'no-cache', 1, 'revalidate'],
  ['max-age=60', 'max-age=10', 30, 'revalidate'],
  ['max-age=60', 'min-fresh=40', 30, 'revalidate'],
  ['max-age=60', 'max-stale', 90, 'stale'],
  ['max-age=60', 'max-stale=10', 90, 'revalidate'],
  ['max-age=60, must-revalidate', 'max-stale', 90, 'revalidate'],
  ['s-maxage=60', 'max-stale', 90, 'revalidate'],
  ['max-age=60, stale-while-revalidate=60', '', 90, 'renew'],
  ['max-age=60, stale-while-revalidate=60', '', 130, 'revalidate'],
  ['max-age=60, stale-while-revalidate=60, must-revalidate', '', 90, 'revalidate'],
])('an answer with %s, for %j after %s s: %s', (own, asked, after, verdict) => {
  const request = requestDirectives(asked === '' ? [] : ['Cache-Control', asked])
  expect(judge(freshnessOf(cached(own), NONE), request, NOW + after * 1000)).toBe(verdict)
})

test('a stale answer stands in for an error within its window alone', () => {
  const at = (own: string, after: number) =>
    servesOnError(freshnessOf(cached(own), NONE), new Map(), NOW + after * 1000)
  expect([at('max-age=1, stale-if-error=10', 5), at('max-age=1, stale-if-error=10', 20)]).toEqual([true, false])
  expect([at('max-age=1', 5), at('s-maxage=1, stale-if-error=10', 5)]).toEqual([false, false])
})

test('conditions of clients, and confirmations of backends', () => {
  const stored = cached('max-age=5', ['ETag', '"a"', 'Last-Modified', new Date(NOW - 9_000).toUTCString()])
  expect(clientHas(['If-None-Match', '"b", W/"a"'], stored)).toBe(true)
  expect(clientHas(['If-None-Match', '"b"', 'If-Modified-Since', new Date(NOW).toUTCString()], stored)).toBe(false)
  expect(clientHas(['If-Modified-Since', new Date(NOW - 9_000).toUTCString()], stored)).toBe(true)
  const freshness = freshnessOf(stored, NONE)
  expect([confirms(['ETag', '"a"'], freshness), confirms(['ETag', '"b"'], freshness), confirms([], freshness)]).toEqual(
    [true, false, true],
  )
  expect(
    mergedFields(['A', '1', 'Age', '9', 'Content-Length', '4'], ['a', '2', 'B', '3', 'Content-Length', '0']),
  ).toEqual([...['Content-Length', '4', 'a', '2', 'B', '3']])
})

test('what a request is chosen by', () => {
  expect(selectingKey(['a'], ['A', 'x,  y'])).toBe(selectingKey(['a'], ['a', 'x', 'a', 'y']))
  expect(selectingKey(['a'], [])).not.toBe(selectingKey(['a'], ['a', '']))
  expect(withoutQueryKeys('/p?a=1&utm%5Fx=2&b', new Set(['utm_x']))).toBe('/p?a=1&b')
  expect(withoutQueryKeys('/p?a', new Set(['a']))).toBe('/p')
})

test('an answer invalidates what it names on its own host', () => {
  const base = 'https://app.localhost/items'
  expect(namedTargets(['Location', '/items/7?x', 'Content-Location', 'https://evil.example/'], base)).toEqual([
    '/items/7?x',
  ])
})
