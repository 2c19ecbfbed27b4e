import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BucketStore } from '../../../../../src/main/engine/gateway/policies/bucket-store.js'
import { bucketOf, parseRate, take } from '../../../../../src/main/engine/gateway/policies/token-bucket.js'

const bucket = { capacity: 3, refillMs: 100 }

test('a full bucket gives all it holds at once, then one for each refill', () => {
  let fullAt = 0
  const ask = (now: number) => {
    const taken = take(bucket, fullAt, now)
    fullAt = taken.fullAt
    return [taken.allowed, taken.remaining, taken.retryMs]
  }
  expect([ask(1_000), ask(1_000), ask(1_000), ask(1_000)]).toEqual([
    [true, 2, 0],
    [true, 1, 0],
    [true, 0, 0],
    [false, 0, 100],
  ])
  expect(ask(1_060)).toEqual([false, 0, 40])
  expect(ask(1_100)).toEqual([true, 0, 0])
  expect(ask(1_150)).toEqual([false, 0, 50])
  expect(ask(9_000)).toEqual([true, 2, 0])
})

test('however requests come, no stretch of time sees more than the bucket and its refills', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 250 }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(
      gaps,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 100 }),
      (steps, capacity, refillMs) => {
        let now = 5_000
        let fullAt = 0
        const allowed: number[] = []
        for (const step of steps) {
          now += step
          const taken = take({ capacity, refillMs }, fullAt, now)
          fullAt = taken.fullAt
          if (taken.allowed) allowed.push(now)
          else expect(take({ capacity, refillMs }, fullAt, now + taken.retryMs).allowed).toBe(true)
        }
        for (const [index, from] of allowed.entries()) {
          for (let last = index; last < allowed.length; last++) {
            const most = capacity + Math.floor(((allowed[last] as number) - from) / refillMs + 1e-6)
            expect(last - index + 1).toBeLessThanOrEqual(most)
          }
        }
      },
    ),
    { numRuns: 50 },
  )
})

test('rates are told per second, minute, hour and day; without a burst the bucket holds those of one period', () => {
  expect(['5/s', '100/m', '7/h', '1/d'].map((text) => parseRate(text).periodMs)).toEqual([
    1_000, 60_000, 3_600_000, 86_400_000,
  ])
  expect(bucketOf(parseRate('100/m'), undefined)).toEqual({ capacity: 100, refillMs: 600 })
  expect(bucketOf(parseRate('100/m'), 10)).toEqual({ capacity: 10, refillMs: 600 })
  expect(bucketOf(parseRate('100/m'), 0).capacity).toBe(1)
})

test('a million keys stay within the bound, and one that is not full yet outlives those that are', () => {
  const store = new BucketStore({ capacity: 2, refillMs: 10 }, 1_000)
  for (let i = 0; i < 1_000_000; i++) store.take(`key-${i}`, i)
  expect(store.size).toBeLessThanOrEqual(1_000)
  const slow = new BucketStore({ capacity: 1, refillMs: 1e9 }, 64)
  slow.take('mine', 0)
  const quick = new BucketStore({ capacity: 1, refillMs: 1 }, 64)
  for (let i = 0; i < 1_000; i++) quick.take(`other-${i}`, i)
  expect(slow.take('mine', 1_000).allowed).toBe(false)
})
