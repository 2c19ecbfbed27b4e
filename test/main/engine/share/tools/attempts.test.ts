import { expect, test } from 'vitest'
import { Attempts } from '../../../../../src/main/engine/share/tools/attempts.js'
import type { Failure } from '../../../../../src/main/engine/share/tools/tool.js'

const TIMING = { backOffMs: (failures: number) => 1_000 * failures, stableMs: 60_000 }
const attempts = (ways = 1) => new Attempts(ways, TIMING)
const failure = (again: Failure['again'], more: Partial<Failure> = {}): Failure => ({ message: 'No.', again, ...more })

test('failures in a row are tried again ever more seldom; one that was open for long begins anew', () => {
  const some = attempts()
  expect([0, 0, 59_999, 60_000, 0].map((openMs) => some.after(failure('later'), openMs).retryMs)).toEqual([
    ...[1_000, 2_000, 3_000, 1_000, 2_000],
  ])
})

test('one that is told to wait waits at least so long', () => {
  const some = attempts()
  expect(some.after(failure('later', { waitMs: 300_000 }), 0).retryMs).toBe(300_000)
  expect(some.after(failure('later', { waitMs: 500 }), 0).retryMs).toBe(2_000)
})

test('what is hopeless is not tried again', () => {
  expect(attempts().after(failure('no', { hint: 'Pay.' }), 0)).toEqual({ message: 'No.', hint: 'Pay.', retryMs: null })
})

test('a machine that is offline is waited for as long as it takes', () => {
  const some = attempts()
  const pauses = Array.from({ length: 1_000 }, () => some.after(failure('later'), 0).retryMs)
  expect(pauses).not.toContain(null)
})

test('crashes that nobody can explain are not tried for ever, unless it was open for long', () => {
  const crash = failure('later', { unexplained: true })
  const some = attempts()
  const pauses = Array.from({ length: 10 }, () => some.after(crash, 0).retryMs)
  expect(pauses.map((pause) => pause === null)).toEqual([...Array(9).fill(false), true])
  const steady = attempts()
  expect(Array.from({ length: 30 }, () => steady.after(crash, 60_000).retryMs)).not.toContain(null)
})

test('another way is gone at once; when each has been tried, there is a pause before the first', () => {
  const some = attempts(3)
  const gone = Array.from({ length: 4 }, () => [some.after(failure('differently'), 0).retryMs, some.way])
  expect(gone).toEqual([
    [0, 1],
    [0, 2],
    [1_000, 0],
    [0, 1],
  ])
  some.after(failure('later'), 0)
  expect(some.way).toBe(1)
})
