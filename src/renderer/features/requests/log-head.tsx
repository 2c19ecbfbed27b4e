import type { ExchangeEntry } from '../../../shared/contract.js'
import type { Column } from '../../components/table/arrange-rows.js'
import { cellClass } from '../../components/table/cell-class.js'
import { ariaSort, SortButton } from '../../components/table/sort-button.js'
import { useTableView } from '../../stores/table-views.js'

/** The headers of the log, which sort it. */
export function LogHead({ columns }: { columns: readonly Column<ExchangeEntry>[] }) {
  const [{ sort }, change] = useTableView('requests')
  return (
    <thead>
      <tr className="log-head" aria-rowindex={1}>
        {columns.map((column) => (
          <th key={column.key} scope="col" className={cellClass(column)} aria-sort={ariaSort(sort, column.key)}>
            <SortButton
              column={column.key}
              title={column.title}
              sort={sort}
              onSort={(next) => change({ sort: next })}
            />
          </th>
        ))}
      </tr>
    </thead>
  )
}

/** The grid of the log's rows: their columns, wide and narrow. */
export function gridOf(columns: readonly Column<ExchangeEntry>[]): React.CSSProperties {
  const template = (shown: readonly Column<ExchangeEntry>[]) =>
    shown.map(({ width }) => width ?? 'minmax(0, 1fr)').join(' ')
  return {
    ['--log-columns' as string]: template(columns),
    ['--log-columns-narrow' as string]: template(columns.filter(({ wideOnly }) => !wideOnly)),
  }
}
