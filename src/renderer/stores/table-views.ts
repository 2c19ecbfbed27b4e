import { z } from 'zod'
import { create } from 'zustand'
import { recall, remember } from './remembered.js'

export const TABLES = ['apps', 'backends', 'busiest', 'certificates', 'requests'] as const
export type TableName = (typeof TABLES)[number]

const sortSchema = z.object({ column: z.string(), descending: z.boolean() })
const viewSchema = z.object({
  /** null: the order in which the rows come */
  sort: sortSchema.nullable().catch(null),
  /** words that must all occur in a row */
  filter: z.string().max(1_000).catch(''),
  /** keys of the columns that are not shown */
  hidden: z.array(z.string()).max(100).catch([]),
})

export type TableSort = z.output<typeof sortSchema>
export type TableView = z.output<typeof viewSchema>

const PLAIN: TableView = { sort: null, filter: '', hidden: [] }

interface TableViews {
  views: Record<TableName, TableView>
  change(table: TableName, change: Partial<TableView>): void
}

/** How each table is sorted, filtered, and which columns it shows; remembered. */
export const useTableViews = create<TableViews>((set, get) => ({
  views: Object.fromEntries(TABLES.map((name) => [name, recall(key(name), viewSchema, PLAIN)])) as TableViews['views'],
  change: (table, change) => {
    const view = { ...get().views[table], ...change }
    remember(key(table), view)
    set(({ views }) => ({ views: { ...views, [table]: view } }))
  },
}))

/** The view of one table, and the function that changes it. */
export function useTableView(table: TableName): [TableView, (change: Partial<TableView>) => void] {
  const view = useTableViews(({ views }) => views[table])
  const change = useTableViews((state) => state.change)
  return [view, (part) => change(table, part)]
}

/** The sort that a press on a column's header leads to: ascending, descending, and none again. */
export function nextSort(sort: TableSort | null, column: string): TableSort | null {
  if (sort?.column !== column) return { column, descending: false }
  return sort.descending ? null : { column, descending: true }
}

function key(table: TableName): string {
  return `table.${table}`
}
