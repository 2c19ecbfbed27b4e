import { ArrowDown, ArrowUp } from 'lucide-react'
import { nextSort, type TableSort } from '../../stores/table-views.js'

/** The title of a column, which sorts by it. */
export function SortButton({ column, title, sort, onSort }: SortButtonProps) {
  const Icon = sort?.descending ? ArrowDown : ArrowUp
  return (
    <button type="button" className="sort" onClick={() => onSort(nextSort(sort, column))}>
      <span>{title}</span>
      {sort?.column === column && <Icon className="icon" />}
    </button>
  )
}

/** How a column is sorted, as `aria-sort` says it. */
export function ariaSort(sort: TableSort | null, column: string): 'ascending' | 'descending' | 'none' {
  if (sort?.column !== column) return 'none'
  return sort.descending ? 'descending' : 'ascending'
}

interface SortButtonProps {
  column: string
  title: string
  sort: TableSort | null
  onSort(sort: TableSort | null): void
}
