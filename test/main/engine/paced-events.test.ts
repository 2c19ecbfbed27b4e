import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EverySecond, OnChange } from '../../../src/main/engine/paced-events.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('every second is told of while it runs, and no timer is left after', () => {
  const tell = vi.fn()
  const source = new EverySecond(tell)
  expect(vi.getTimerCount()).toBe(0)
  source.start()
  vi.advanceTimersByTime(3_000)
  expect(tell).toHaveBeenCalledTimes(3)
  source.stop()
  expect(vi.getTimerCount()).toBe(0)
})

test('changes of one moment are told once, later ones again', () => {
  const tell = vi.fn()
  const source = new OnChange(tell)
  source.start()
  for (let i = 0; i < 1_000; i++) source.changed()
  vi.advanceTimersByTime(100)
  expect(tell).toHaveBeenCalledTimes(1)
  source.changed()
  vi.advanceTimersByTime(100)
  expect(tell).toHaveBeenCalledTimes(2)
})

test('changes nobody follows cost no timer, and a stop takes back what was about to be told', () => {
  const tell = vi.fn()
  const source = new OnChange(tell)
  source.changed()
  expect(vi.getTimerCount()).toBe(0)
  source.start()
  source.changed()
  source.stop()
  expect(vi.getTimerCount()).toBe(0)
  vi.advanceTimersByTime(1_000)
  expect(tell).not.toHaveBeenCalled()
})
