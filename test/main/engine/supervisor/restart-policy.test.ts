import { expect, test } from 'vitest'
import { backOffMs } from '../../../../src/main/engine/supervisor/restart-policy.js'

test('each crash in a row doubles the wait, from one second to a minute', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((crashes) => backOffMs(crashes, 0))
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 48_000, 48_000, 48_000])
  expect(backOffMs(1, 1)).toBe(1_250)
  expect(backOffMs(10, 1)).toBe(60_000)
})

test('apps that crashed together start apart', () => {
  expect(backOffMs(3, 0.2)).not.toBe(backOffMs(3, 0.7))
})
