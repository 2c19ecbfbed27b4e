import { describe, expect, test } from 'vitest'
import {
  isRefusal,
  mayRetry,
  type PauseFacts,
  pauseBefore,
  type RetryFacts,
  readRetryAfter,
} from '../../../../src/main/engine/gateway/retry.js'

const policy = { attempts: 3, backoffMs: 100, budget: 0.2, statuses: true }
const facts = (change: Partial<RetryFacts>): RetryFacts => ({
  failure: 'broken',
  method: 'GET',
  body: 'none',
  begun: false,
  attempts: 1,
  freeUsed: false,
  policy,
  ...change,
})

describe('whether a request may be sent again', () => {
  test.each<[string, Partial<RetryFacts>, ReturnType<typeof mayRetry>]>([
    ['a GET whose answer broke', {}, 'counted'],
    ['the last attempt but one', { attempts: 2 }, 'counted'],
    ['the last attempt', { attempts: 3 }, 'no'],
    ['one attempt is all there is', { policy: { ...policy, attempts: 1 } }, 'no'],
    ['an answer that has begun', { begun: true }, 'no'],
    ['a PUT whose body is kept', { method: 'PUT', body: 'kept' }, 'counted'],
    ['a PUT whose body is gone', { method: 'PUT', body: 'lost' }, 'no'],
    ['a POST that was sent', { method: 'POST', body: 'kept' }, 'no'],
    ['a PATCH that was sent', { method: 'PATCH' }, 'no'],
    ['an unknown method that was sent', { method: 'PURGE' }, 'no'],
    ['a method is case-sensitive', { method: 'get' }, 'no'],
    ['a POST that was never sent', { failure: 'dial', method: 'POST', body: 'kept' }, 'counted'],
    ['a POST that was never sent, on the last attempt', { failure: 'dial', method: 'POST', attempts: 3 }, 'no'],
    ['a body that is gone although nothing was sent', { failure: 'dial', method: 'POST', body: 'lost' }, 'no'],
    ['a refusal where the config names retry', { failure: 'refused' }, 'counted'],
    ['a refusal where it does not', { failure: 'refused', policy: { ...policy, statuses: false } }, 'no'],
    ['a POST that was refused', { failure: 'refused', method: 'POST' }, 'no'],
    ['a stale connection, without any attempt left', { failure: 'stale', attempts: 3 }, 'free'],
    ['a stale connection for the second time', { failure: 'stale', freeUsed: true }, 'counted'],
    ['a stale connection for the second time, at the end', { failure: 'stale', freeUsed: true, attempts: 3 }, 'no'],
    ['a POST on a stale connection', { failure: 'stale', method: 'POST' }, 'no'],
    ['a DELETE on a stale connection', { failure: 'stale', method: 'DELETE' }, 'free'],
    ['a stale connection and a body that is gone', { failure: 'stale', method: 'PUT', body: 'lost' }, 'no'],
  ])('%s', (_name, change, decision) => {
    expect(mayRetry(facts(change))).toBe(decision)
  })

  test.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])('%s is idempotent', (method) => {
    expect(mayRetry(facts({ method }))).toBe('counted')
  })
})

describe('how long to wait', () => {
  const pause = (change: Partial<PauseFacts>, random = 1) =>
    pauseBefore(
      { failure: 'broken', attempts: 1, backoffMs: 100, retryAfterMs: null, elsewhere: true, ...change },
      random,
    )

  test('the pause doubles with each attempt, up to two seconds', () => {
    expect([1, 2, 3, 4, 5, 6, 9].map((attempts) => pause({ attempts }))).toEqual([
      100, 200, 400, 800, 1_600, 2_000, 2_000,
    ])
  })

  test('all of it is chance', () => {
    expect([0, 0.25, 0.5, 1].map((random) => pause({ attempts: 2 }, random))).toEqual([0, 50, 100, 200])
  })

  test('another backend is asked at once when there was no connection, the same one is not', () => {
    expect(pause({ failure: 'dial' })).toBe(0)
    expect(pause({ failure: 'dial', elsewhere: false })).toBe(100)
  })

  test('a Retry-After is waited for, up to five seconds', () => {
    expect(pause({ failure: 'refused', retryAfterMs: 1_000 })).toBe(1_000)
    expect(pause({ failure: 'refused', retryAfterMs: 5_000, elsewhere: false })).toBe(5_000)
    expect(pause({ failure: 'refused', retryAfterMs: 0 })).toBe(100)
  })

  test('a longer one rules the backend out: another is asked, or none', () => {
    expect(pause({ failure: 'refused', retryAfterMs: 5_001 })).toBe(100)
    expect(pause({ failure: 'refused', retryAfterMs: 5_001, elsewhere: false })).toBeNull()
  })
})

test('502, 503 and 504 are refusals, others are answers', () => {
  expect([200, 404, 500, 501, 502, 503, 504, 505].filter(isRefusal)).toEqual([502, 503, 504])
})

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5)
  test.each([
    ['3', 3_000],
    [' 0 ', 0],
    ['Fri, 02 Jan 2026 03:04:09 GMT', 4_000],
    ['Fri, 02 Jan 2026 03:04:01 GMT', 0],
    ['-1', null],
    ['1.5', null],
    ['soon', null],
    ['', null],
    [undefined, null],
  ])('%j is %j ms', (value, ms) => {
    expect(readRetryAfter(value, now)).toBe(ms)
  })
})
