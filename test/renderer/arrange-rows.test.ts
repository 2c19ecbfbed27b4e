import { expect, test } from 'vitest'
import { arrangeRows, type Column, keepOrder } from '../../src/renderer/components/table/arrange-rows.js'
import { nextSort, type TableView } from '../../src/renderer/stores/table-views.js'

interface App {
  name: string
  p95: number | null
}

const COLUMNS: Column<App>[] = [
  { key: 'name', title: 'App', value: ({ name }) => name, cell: () => null },
  { key: 'p95', title: 'p95', value: ({ p95 }) => p95, cell: () => null },
]
const APPS: App[] = [
  { name: 'app-10', p95: 5 },
  { name: 'app-9', p95: null },
  { name: 'Docs', p95: 80 },
]

test('rows are sorted by a column either way; numbers in names count as numbers, and what has no value is last', () => {
  expect(names({ sort: { column: 'name', descending: false } })).toEqual(['app-9', 'app-10', 'Docs'])
  expect(names({ sort: { column: 'p95', descending: false } })).toEqual(['app-10', 'Docs', 'app-9'])
  expect(names({ sort: { column: 'p95', descending: true } })).toEqual(['Docs', 'app-10', 'app-9'])
})

test('a remembered sort by a column that is gone is none', () => {
  expect(names({ sort: { column: 'colour', descending: true } })).toEqual(['app-10', 'app-9', 'Docs'])
})

test('every word of the filter must occur', () => {
  expect(names({ filter: ' APP 9 ' })).toEqual(['app-9'])
  expect(names({ filter: 'app docs' })).toEqual([])
})

test('rows that are held keep their places, and new ones come last', () => {
  const kept = keepOrder([...APPS, { name: 'new', p95: 1 }], ['Docs', 'app-9', 'gone', 'app-10'], ({ name }) => name)
  expect(kept.map(({ name }) => name)).toEqual(['Docs', 'app-9', 'app-10', 'new'])
})

test('a header sorts up, then down, then not at all', () => {
  const up = nextSort(null, 'name')
  const down = nextSort(up, 'name')
  expect([up, down, nextSort(down, 'name')]).toEqual([
    { column: 'name', descending: false },
    { column: 'name', descending: true },
    null,
  ])
  expect(nextSort(down, 'p95')).toEqual({ column: 'p95', descending: false })
})

function names(change: Partial<TableView>): string[] {
  const view = { sort: null, filter: '', hidden: [], ...change }
  return arrangeRows(APPS, COLUMNS, view, ({ name }) => name).map(({ name }) => name)
}
