import { RefreshCw } from 'lucide-react'
import { useMemo } from 'react'
import { FixedRows } from '../../components/fixed-rows.js'
import { visibleColumns } from '../../components/table/column-menu.js'
import { formatCount } from '../../format.js'
import { useExchanges } from '../../stores/exchanges.js'
import { useTableView } from '../../stores/table-views.js'
import { strings } from '../../strings.js'
import { ExchangeRow } from './exchange-row.js'
import { LOG_COLUMNS } from './log-columns.js'
import { gridOf, LogHead } from './log-head.js'
import type { LogRows } from './use-log-rows.js'

const text = strings.requests
const ROW_PX = 28

/** The rows of the log. @param at the index of the selected row; -1 for none */
export function LogTable({ rows, selection, selected, at }: LogTableProps) {
  const [{ hidden }] = useTableView('requests')
  const select = useExchanges((state) => state.select)
  const columns = useMemo(() => visibleColumns(LOG_COLUMNS, hidden), [hidden])
  return (
    <div className="log" style={gridOf(columns)}>
      <FixedRows
        key={`${rows.order} ${selection}`}
        count={rows.count}
        dropped={rows.dropped}
        rowHeight={ROW_PX}
        label={text.list[rows.order]}
        head={<LogHead columns={columns} />}
        newest={rows.order === 'sorted' ? null : rows.order}
        selected={selected === null || at === -1 ? null : { key: selected, at }}
        renderRow={(index, inOrder) => {
          const entry = rows.at(index)!
          return (
            <ExchangeRow
              entry={entry}
              columns={columns}
              selected={entry.id === selected}
              inOrder={inOrder}
              onSelect={select}
            />
          )
        }}
      />
      {rows.unsorted > 0 && (
        <button type="button" className="button primary log-new" onClick={rows.sortAgain}>
          <RefreshCw className="icon" />
          {text.fresh(formatCount(rows.unsorted))}
        </button>
      )}
    </div>
  )
}

interface LogTableProps {
  rows: LogRows
  /** which set of rows it is: with another one the place in the log is a new one */
  selection: number
  selected: string | null
  at: number
}
