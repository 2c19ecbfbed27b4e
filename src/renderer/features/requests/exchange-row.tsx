import { memo } from 'react'
import type { ExchangeEntry } from '../../../shared/contract.js'
import { CutMiddle } from '../../components/cut-middle.js'
import { formatBytes, formatClock, formatExact, formatMs } from '../../format.js'
import { strings } from '../../strings.js'
import { StatusCode } from './status-code.js'

/** One line of the log. */
export const ExchangeRow = memo(function ExchangeRow({ entry, selected, onSelect }: ExchangeRowProps) {
  const { method, host, path, status, totalMs } = entry
  const outcome = status === 0 ? strings.requests.gone : String(status)
  return (
    <button
      type="button"
      className="log-row"
      aria-label={strings.requests.row(method, host + path, outcome, formatMs(totalMs))}
      aria-current={selected}
      onClick={() => onSelect(selected ? null : entry.id)}
    >
      <span className="faint" title={formatExact(entry.time)}>
        {formatClock(entry.time)}
      </span>
      <StatusCode entry={entry} />
      <span>{entry.method}</span>
      <CutMiddle text={entry.host + entry.path} tail={18} />
      <span className="number">{formatMs(entry.totalMs)}</span>
      <span className="soft">{entry.app ?? strings.requests.noApp}</span>
      <span className="number soft">{formatBytes(entry.bytesOut)}</span>
    </button>
  )
})

interface ExchangeRowProps {
  entry: ExchangeEntry
  selected: boolean
  onSelect(id: string | null): void
}
