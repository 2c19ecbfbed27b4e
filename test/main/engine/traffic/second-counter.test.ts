import { expect, test } from 'vitest'
import { SecondCounter } from '../../../../src/main/engine/traffic/second-counter.js'

test('the seconds that are over are told oldest first, the current one counts in the sum alone', () => {
  const counter = new SecondCounter()
  for (const second of [100, 100, 158, 159, 159, 159, 160]) counter.add(second)
  const complete = counter.complete(160)
  expect(complete).toHaveLength(60)
  expect(complete[0]).toBe(2)
  expect(complete.slice(-2)).toEqual([1, 3])
  expect(counter.sum(160)).toBe(7)
})

test('what is older than a minute is forgotten', () => {
  const counter = new SecondCounter()
  counter.add(100)
  expect(counter.complete(161).every((count) => count === 0)).toBe(true)
  expect(counter.sum(161)).toBe(0)
})

test('a pause of hours leaves nothing behind', () => {
  const counter = new SecondCounter()
  for (let second = 0; second < 200; second++) counter.add(second)
  counter.add(10_000)
  expect(counter.sum(10_000)).toBe(1)
  expect(counter.complete(10_001).reduce((sum, count) => sum + count, 0)).toBe(1)
})
