import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { IdleTimer } from '../../../../src/main/engine/supervisor/idle-timer.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('an app is idle so long after its last request has ended, and is told once', () => {
  const onIdle = vi.fn()
  const idle = new IdleTimer(onIdle)
  idle.start(1_000)
  vi.advanceTimersByTime(900)
  idle.enter()
  vi.advanceTimersByTime(5_000)
  idle.leave()
  vi.advanceTimersByTime(900)
  idle.enter()
  idle.leave()
  vi.advanceTimersByTime(999)
  expect(onIdle).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1_000)
  expect(onIdle).toHaveBeenCalledOnce()
  expect(vi.getTimerCount()).toBe(0)
})

test('one timer runs, however many requests there are, and none without a limit', () => {
  const idle = new IdleTimer(() => {})
  idle.start(1_000)
  for (let request = 0; request < 100; request++) {
    idle.enter()
    idle.leave()
  }
  expect(vi.getTimerCount()).toBe(1)
  idle.start(null)
  expect(vi.getTimerCount()).toBe(0)
})

test('a request that was under way when the app stopped counts until it ends', () => {
  const onIdle = vi.fn()
  const idle = new IdleTimer(onIdle)
  idle.enter()
  idle.start(1_000)
  vi.advanceTimersByTime(3_000)
  expect(onIdle).not.toHaveBeenCalled()
  idle.leave()
  vi.advanceTimersByTime(2_000)
  expect(onIdle).toHaveBeenCalledOnce()
})
