import { expect, test } from 'vitest'
import { RetryBudget } from '../../../../src/main/engine/upstreams/retry-budget.js'

function retriesOf(budget: RetryBudget, requests: number): number {
  let retries = 0
  for (let i = 0; i < requests; i++) {
    budget.deposit()
    if (budget.withdraw()) retries += 1
  }
  return retries
}

test.each([
  [1, 1],
  [3, 3],
  [10, 3],
  [15, 3],
  [100, 20],
  [1_000, 200],
])('of %i requests that all fail, %i are tried again', (requests, retries) => {
  expect(Math.abs(retriesOf(new RetryBudget(0.2, () => 0), requests) - retries)).toBeLessThanOrEqual(1)
})

test('an outage is never multiplied by more than 1.2', () => {
  for (let requests = 15; requests <= 3_000; requests += 7) {
    expect(retriesOf(new RetryBudget(0.2, () => 0), requests) / requests).toBeLessThanOrEqual(0.2)
  }
})

test('good times leave enough for the requests that a dying backend takes along, and no more', () => {
  const budget = new RetryBudget(0.2, () => 0)
  for (let i = 0; i < 100_000; i++) budget.deposit()
  let retries = 0
  while (budget.withdraw()) retries += 1
  expect(retries).toBe(100)
})

test('an app that is asked now and then may always retry', () => {
  let now = 0
  const budget = new RetryBudget(0.2, () => now)
  for (let i = 0; i < 20; i++) {
    now += 11_000
    expect(retriesOf(budget, 1)).toBe(1)
  }
})

test('a budget of 0 allows none, one of 1 as many as there are requests', () => {
  expect(retriesOf(new RetryBudget(0, () => 0), 100)).toBe(0)
  expect(retriesOf(new RetryBudget(1, () => 0), 100)).toBe(100)
})
