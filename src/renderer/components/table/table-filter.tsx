import { type TableName, useTableView } from '../../stores/table-views.js'
import { SearchField } from '../search-field.js'

/** The filter of a table. */
export function TableFilter({ table, label }: { table: TableName; label: string }) {
  const [{ filter }, change] = useTableView(table)
  return <SearchField label={label} value={filter} onChange={(text) => change({ filter: text })} />
}
