import { useEffect, useRef, useState } from 'react'
import type { ExchangeEntry } from '../../../shared/contract.js'
import type { ExchangeLog } from '../../stores/exchange-log.js'
import { sortInSlices } from '../../stores/sort-in-slices.js'
import type { TableSort } from '../../stores/table-views.js'
import { LOG_COLUMNS, TIME_COLUMN } from './log-columns.js'

export interface LogRows {
  /** as they arrive at the end or at the beginning; or sorted by something else, and then they stand still */
  order: 'last' | 'first' | 'sorted'
  count: number
  dropped: number
  /** rows that have come since they were sorted */
  unsorted: number
  at(index: number): ExchangeEntry | undefined
  indexOf(id: string | null): number
  /** Sorts again, with what has come since. */
  sortAgain(): void
}

/** The rows of the log as the view sorts them. @param live how many of the log's rows are shown: fewer while paused */
export function useLogRows(log: ExchangeLog, live: number, sort: TableSort | null): LogRows {
  const [sorted, setSorted] = useState<Sorted | null>(null)
  const [round, setRound] = useState(0)
  const byColumn = sort !== null && sort.column !== TIME_COLUMN
  const { column, descending } = sort ?? { column: TIME_COLUMN, descending: false }
  // biome-ignore lint/correctness/useExhaustiveDependencies: another selection or round is another set of rows
  useEffect(() => {
    if (!byColumn) return setSorted(null)
    let wanted = true
    const seen = log.rows.length + log.dropped
    const take = (rows: ExchangeEntry[] | null) => rows !== null && setSorted({ rows, seen })
    void sortInSlices(log.rows, comparison(column, descending), () => wanted).then(take)
    return () => {
      wanted = false
    }
  }, [log, log.selection, byColumn, column, descending, round])

  const locate = useLocate()
  if (byColumn && sorted !== null) {
    const { rows, seen } = sorted
    return {
      order: 'sorted',
      count: rows.length,
      dropped: 0,
      unsorted: log.rows.length + log.dropped - seen,
      at: (index) => rows[index],
      indexOf: (id) => locate(rows, id),
      sortAgain: () => setRound(round + 1),
    }
  }
  const turned = !byColumn && descending
  const place = (index: number) => (turned ? live - 1 - index : index)
  return {
    order: turned ? 'first' : 'last',
    count: live,
    dropped: log.dropped,
    unsorted: 0,
    at: (index) => log.rows[place(index)],
    indexOf: (id) => {
      const at = locate(log.rows, id)
      return at === -1 || at >= live ? -1 : place(at)
    },
    sortAgain: () => {},
  }
}

/** Finds an entry again fast: by what it is, once it was found by its id. */
function useLocate(): (rows: readonly ExchangeEntry[], id: string | null) => number {
  const last = useRef<ExchangeEntry | undefined>(undefined)
  return (rows, id) => {
    if (id === null) return -1
    if (last.current?.id === id) {
      const at = rows.lastIndexOf(last.current)
      if (at !== -1) return at
    }
    const at = rows.findLastIndex((row) => row.id === id)
    last.current = rows[at]
    return at
  }
}

function comparison(key: string, descending: boolean): (a: ExchangeEntry, b: ExchangeEntry) => number {
  const column = LOG_COLUMNS.find((one) => one.key === key)
  const read = (entry: ExchangeEntry) => column?.value(entry) ?? ''
  const sign = descending ? -1 : 1
  return (left, right) => {
    const a = read(left)
    const b = read(right)
    return a === b ? 0 : a < b ? -sign : sign
  }
}

interface Sorted {
  rows: ExchangeEntry[]
  /** rows that there had been when they were sorted */
  seen: number
}
