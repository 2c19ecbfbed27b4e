import { expect, test } from 'vitest'
import { Ring } from '../../../../src/main/engine/traffic/ring.js'

test('a ring that was cleared fills again in order, and stays bounded', () => {
  const ring = new Ring<number>(3)
  for (let i = 0; i < 5; i++) ring.push(i)
  expect(ring.latest(10)).toEqual([2, 3, 4])
  ring.clear()
  expect(ring.latest(10)).toEqual([])
  for (let i = 5; i < 10; i++) ring.push(i)
  expect(ring.latest(10)).toEqual([7, 8, 9])
  expect(ring.size).toBe(3)
})
