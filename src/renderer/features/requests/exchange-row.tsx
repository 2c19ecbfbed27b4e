import { memo } from 'react'
import type { ExchangeEntry } from '../../../shared/contract.js'
import { CutMiddle } from '../../components/cut-middle.js'
import type { Column } from '../../components/table/arrange-rows.js'
import { cellClass } from '../../components/table/cell-class.js'
import { formatMs } from '../../format.js'
import { strings } from '../../strings.js'
import { PATH_COLUMN } from './log-columns.js'
import { type RowMark, rowMark, statusWord } from './note-words.js'

/** One line of the log: its cells, and the button over all of them that opens the details. */
export const ExchangeRow = memo(function ExchangeRow({
  entry,
  columns,
  selected,
  inOrder,
  onSelect,
}: ExchangeRowProps) {
  const { method, host, path, totalMs } = entry
  const mark = rowMark(entry.notes)
  const outcome = mark === null ? statusWord(entry) : `${statusWord(entry)}, ${mark.word}`
  const button = (
    <button
      type="button"
      className="row-button cut"
      title={host + path}
      tabIndex={inOrder ? 0 : -1}
      aria-label={strings.requests.row(method, host + path, outcome, formatMs(totalMs))}
      aria-pressed={selected}
      onClick={() => onSelect(selected ? null : entry.id)}
    >
      <CutMiddle text={host + path} tail={18} bare />
    </button>
  )
  return columns.map((column) => (
    <td key={column.key} className={`log-cell ${cellClass(column) ?? ''}`}>
      {column.key === PATH_COLUMN ? markedPath(button, mark) : column.cell(entry)}
    </td>
  ))
})

/** What policies made of it stands behind the path; most rows have no more than that. */
function markedPath(button: React.ReactNode, mark: RowMark | null): React.ReactNode {
  if (mark === null) return button
  return (
    <span className="log-marked">
      {button}
      <span className={`chip ${mark.tone}`} aria-hidden="true">
        {mark.word}
      </span>
    </span>
  )
}

interface ExchangeRowProps {
  entry: ExchangeEntry
  columns: readonly Column<ExchangeEntry>[]
  selected: boolean
  /** whether Tab stops here; of thousands of rows one does, and j and k go to the others */
  inOrder: boolean
  onSelect(id: string | null): void
}
