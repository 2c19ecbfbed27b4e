import { expect, test } from 'vitest'
import { sortInSlices } from '../../src/renderer/stores/sort-in-slices.js'

const byRank = (a: Item, b: Item) => a.rank - b.rank

test('many items are sorted, equal ones in the order in which they stood', async () => {
  for (const length of [0, 1, 2_048, 10_001]) {
    const items = Array.from({ length }, (_, at) => ({ rank: (at * 7_919) % 97, at }))
    expect(await sortInSlices(items, byRank, () => true)).toEqual([...items].sort(byRank))
  }
})

test('a sort that nobody wants any more is dropped', async () => {
  const items = Array.from({ length: 200_000 }, (_, at) => ({ rank: (at * 7_919) % 100_003, at }))
  expect(await sortInSlices(items, byRank, () => false)).toBeNull()
})

interface Item {
  rank: number
  at: number
}
