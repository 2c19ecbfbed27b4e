import type { TableView } from '../../stores/table-views.js'

export interface Column<Row> {
  key: string
  title: string
  /** a CSS length; columns without one share what is left */
  width?: string
  /** numbers stand at the right, with their units */
  number?: boolean
  /** left out where the list is narrow */
  wideOnly?: boolean
  /** quieter than the others */
  tone?: 'soft' | 'faint'
  /** cannot be hidden */
  fixed?: boolean
  /** what the column is sorted by; rows without one come last */
  value(row: Row): string | number | null
  cell(row: Row): React.ReactNode
}

const ORDER = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** The rows that a view shows, in its order; a sort by a column that is gone counts as none. */
export function arrangeRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { filter, sort }: TableView,
  textOf: (row: Row) => string,
): Row[] {
  const words = wordsOf(filter)
  const shown = rows.filter((row) => words.length === 0 || hasAll(textOf(row).toLowerCase(), words))
  const column = columns.find(({ key }) => key === sort?.column)
  if (column === undefined || sort === null) return shown
  const sign = sort.descending ? -1 : 1
  return shown
    .map((row) => ({ row, value: column.value(row) }))
    .sort((a, b) => compareValues(a.value, b.value, sign))
    .map(({ row }) => row)
}

/** The same rows in the order in which they stood before, new ones last: nothing moves under the pointer. */
export function keepOrder<Row>(rows: readonly Row[], before: readonly string[], keyOf: (row: Row) => string): Row[] {
  const place = new Map(before.map((key, at) => [key, at]))
  const placeOf = (row: Row) => place.get(keyOf(row)) ?? before.length
  return [...rows].sort((a, b) => placeOf(a) - placeOf(b))
}

/** Orders two values of a column. @param sign -1 to turn the order round; null is last either way */
export function compareValues(a: string | number | null, b: string | number | null, sign: 1 | -1): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0)
  if (typeof a === 'number' && typeof b === 'number') return sign * (a - b)
  return sign * ORDER.compare(String(a), String(b))
}

/** The words of a typed filter, in lower case. */
export function wordsOf(filter: string): string[] {
  return filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
}

function hasAll(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(word))
}
