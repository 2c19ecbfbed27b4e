import { useEffect, useMemo, useRef } from 'react'
import { type TableName, useTableView } from '../../stores/table-views.js'
import { strings } from '../../strings.js'
import { useListKeys } from '../../use-list-keys.js'
import { Empty } from '../states.js'
import { arrangeRows, type Column, keepOrder } from './arrange-rows.js'
import { cellClass } from './cell-class.js'
import { visibleColumns } from './column-menu.js'
import { ariaSort, SortButton } from './sort-button.js'
import { useRowWindow } from './use-row-window.js'

/**
 * A table that is sorted by its headers, filtered, and remembered; of long ones only the rows in sight are drawn. While
 * the pointer is over it no row changes its place.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const {
    table,
    label,
    columns,
    rows,
    keyOf,
    textOf,
    noMatch,
    rowHeight = 36,
    selected = null,
    onSelect,
    isOff,
  } = props
  const [view, change] = useTableView(table)
  const element = useRef<HTMLTableElement>(null)
  const arranged = useMemo(() => arrangeRows(rows, columns, view, textOf), [rows, columns, view, textOf])
  const { shown, hover } = useSteadyOrder(arranged, keyOf, view)
  const at = selected === null ? -1 : shown.findIndex((row) => keyOf(row) === selected)
  const { first, end, reveal } = useRowWindow(element, shown.length, rowHeight)
  useListKeys(onSelect === undefined ? 0 : shown.length, at, (index) => {
    const row = shown[index]
    onSelect?.(row === undefined ? null : keyOf(row))
  })
  useEffect(() => {
    if (at !== -1) reveal(at)
  }, [at, reveal])
  const visible = visibleColumns(columns, view.hidden)
  return (
    <>
      <table
        ref={element}
        className="table"
        aria-label={label}
        aria-rowcount={shown.length + 1}
        style={{ ['--row-height' as string]: `${rowHeight}px` }}
      >
        <colgroup>
          {visible.map(({ key, width, wideOnly }) => (
            <col
              key={key}
              className={wideOnly ? 'wide-only' : undefined}
              style={width === undefined ? {} : { width }}
            />
          ))}
        </colgroup>
        <thead>
          <tr>
            {visible.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={cellClass(column)}
                aria-sort={ariaSort(view.sort, column.key)}
              >
                <SortButton
                  column={column.key}
                  title={column.title}
                  sort={view.sort}
                  onSort={(sort) => change({ sort })}
                />
              </th>
            ))}
          </tr>
        </thead>
        <Spacer height={first * rowHeight} />
        <tbody onPointerEnter={() => hover(true)} onPointerLeave={() => hover(false)}>
          {shown.slice(first, end).map((row, offset) => {
            const key = keyOf(row)
            return (
              <tr
                key={key}
                aria-rowindex={first + offset + 2}
                data-selected={key === selected}
                data-off={isOff?.(row) ?? false}
              >
                {visible.map((column) => (
                  <td key={column.key} className={cellClass(column)}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            )
          })}
        </tbody>
        <Spacer height={(shown.length - end) * rowHeight} />
      </table>
      {shown.length === 0 && view.filter !== '' && (
        <Empty title={noMatch}>
          <button type="button" className="button" onClick={() => change({ filter: '' })}>
            {strings.actions.clearFilters}
          </button>
        </Empty>
      )}
    </>
  )
}

/** The room of the rows that are not drawn. */
function Spacer({ height }: { height: number }) {
  if (height <= 0) return null
  return (
    <tbody aria-hidden="true">
      <tr className="spacer" style={{ height }} />
    </tbody>
  )
}

/** The rows, in the order that they had when the pointer came over them for as long as it stays there. */
function useSteadyOrder<Row>(arranged: readonly Row[], keyOf: (row: Row) => string, view: unknown) {
  const hovering = useRef(false)
  const last = useRef<{ view: unknown; keys: string[] }>({ view, keys: [] })
  const kept = hovering.current && last.current.view === view
  const shown = kept ? keepOrder(arranged, last.current.keys, keyOf) : arranged
  useEffect(() => {
    last.current = { view, keys: shown.map(keyOf) }
  })
  return {
    shown,
    hover: (over: boolean) => {
      hovering.current = over
    },
  }
}

interface DataTableProps<Row> {
  /** the name that its view is remembered under */
  table: TableName
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  keyOf(row: Row): string
  /** what the filter looks through */
  textOf(row: Row): string
  /** said when the filter lets nothing through */
  noMatch: string
  /** pixels, of every row */
  rowHeight?: number
  /** key of the selected row; with `onSelect` keys move it */
  selected?: string | null
  onSelect?(key: string | null): void
  /** shown as out of use */
  isOff?(row: Row): boolean
}
