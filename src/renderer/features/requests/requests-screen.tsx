import { Pause, Play, Trash2 } from 'lucide-react'
import { useCallback } from 'react'
import { call } from '../../bridge.js'
import { FixedRows } from '../../components/fixed-rows.js'
import { Empty, Skeleton } from '../../components/states.js'
import { formatCount } from '../../format.js'
import { isFiltering, NO_FILTER } from '../../stores/exchange-filter.js'
import { useExchanges } from '../../stores/exchanges.js'
import { attempt, useToasts } from '../../stores/toasts.js'
import { strings } from '../../strings.js'
import { useListKeys } from '../../use-list-keys.js'
import { ExchangeDetails } from './exchange-details.js'
import { ExchangeRow } from './exchange-row.js'
import { FilterBar } from './filter-bar.js'

const text = strings.requests
const ROW_PX = 28

/** The live log: every exchange as it ends, filtered, and the details of one. */
export function RequestsScreen() {
  const { log, loaded, filter, selected, pausedAt, select, setFilter, setPaused, clear } = useExchanges()
  useExchanges(({ version }) => version)
  const count = pausedAt ?? log.rows.length
  const at = selected === null ? -1 : log.rows.findLastIndex(({ id }) => id === selected)
  const pick = useCallback((index: number) => select(log.rows[index]?.id ?? null), [log, select])
  useListKeys(count, at, pick)
  const paused = pausedAt !== null
  const entry = log.rows[at]
  const clearAll = () =>
    attempt(async () => {
      await call('exchanges.clear', {})
      clear()
      useToasts.getState().show({ message: text.cleared, tone: 'plain' })
    })
  return (
    <>
      <div className="screen">
        <header>
          <h1>{strings.screens.requests}</h1>
          <span className="faint">{text.count(formatCount(count), formatCount(log.total))}</span>
          <button type="button" className="button push" aria-pressed={paused} onClick={() => setPaused(!paused)}>
            {paused ? <Play className="icon" /> : <Pause className="icon" />}
            {paused ? strings.actions.resume : strings.actions.pause}
          </button>
          <button type="button" className="button" disabled={log.total === 0} onClick={() => void clearAll()}>
            <Trash2 className="icon" />
            {strings.actions.clear}
          </button>
        </header>
        <FilterBar />
        {log.total === 0 && !loaded && <Skeleton />}
        {log.total === 0 && loaded && <Empty title={text.none} text={text.noneText} />}
        {log.total > 0 && count === 0 && isFiltering(filter) && (
          <Empty title={text.noMatch}>
            <button type="button" className="button" onClick={() => setFilter(NO_FILTER)}>
              {strings.actions.clearFilters}
            </button>
          </Empty>
        )}
        {count > 0 && (
          <div className="log">
            <LogHead />
            <FixedRows
              key={JSON.stringify(filter)}
              count={count}
              dropped={log.dropped}
              rowHeight={ROW_PX}
              label={text.list}
              reveal={at === -1 ? null : at}
              renderRow={(index) => {
                const row = log.rows[index]!
                return {
                  key: row.id,
                  row: <ExchangeRow entry={row} selected={row.id === selected} onSelect={select} />,
                }
              }}
            />
          </div>
        )}
        {paused && log.rows.length > count && (
          <div className="banner" role="status">
            {text.paused(formatCount(log.rows.length - count))}
          </div>
        )}
      </div>
      {entry !== undefined && <ExchangeDetails key={entry.id} entry={entry} />}
    </>
  )
}

function LogHead() {
  const { columns } = text
  return (
    <div className="log-head" aria-hidden="true">
      <span>{columns.time}</span>
      <span>{columns.status}</span>
      <span>{columns.method}</span>
      <span>{columns.path}</span>
      <span className="number">{columns.duration}</span>
      <span>{columns.app}</span>
      <span className="number">{columns.size}</span>
    </div>
  )
}
