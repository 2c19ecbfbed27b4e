import { ChartLine, Pause, Play, Trash2 } from 'lucide-react'
import { call } from '../../bridge.js'
import { Empty, Skeleton } from '../../components/states.js'
import { ColumnMenu } from '../../components/table/column-menu.js'
import { formatCount } from '../../format.js'
import { isFiltering, NO_FILTER } from '../../stores/exchange-filter.js'
import { useExchanges } from '../../stores/exchanges.js'
import { useStats } from '../../stores/feeds.js'
import { useTableView } from '../../stores/table-views.js'
import { attempt, useToasts } from '../../stores/toasts.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { useListKeys } from '../../use-list-keys.js'
import { TrafficCharts } from '../traffic-charts.js'
import { ExchangeDetails } from './exchange-details.js'
import { FilterBar } from './filter-bar.js'
import { LOG_COLUMNS } from './log-columns.js'
import { LogTable } from './log-table.js'
import { type LogRows, useLogRows } from './use-log-rows.js'

const text = strings.requests
const CHART_PX = 84

/** The live log: every exchange as it ends, filtered, and the details of one. */
export function RequestsScreen() {
  const { log, loaded, filter, selected, pausedAt, select, setFilter } = useExchanges()
  const [{ sort }] = useTableView('requests')
  const stats = useStats().data
  const charts = useUi((state) => state.charts)
  const live = pausedAt ?? log.rows.length
  const rows = useLogRows(log, live, sort)
  const at = rows.indexOf(selected)
  useListKeys(rows.count, at, (index) => select(rows.at(index)?.id ?? null))
  const entry = rows.at(at)
  return (
    <>
      <div className="screen">
        <LogHeader rows={rows} />
        {charts && stats !== null && <TrafficCharts stats={stats.total} app={null} height={CHART_PX} />}
        <FilterBar />
        {log.total === 0 && !loaded && <Skeleton />}
        {log.total === 0 && loaded && <Empty title={text.none} text={text.noneText} />}
        {log.total > 0 && rows.count === 0 && isFiltering(filter) && (
          <Empty title={text.noMatch} {...(filter.to > 0 && { text: strings.charts.hour.mayBeGone })}>
            <button type="button" className="button" onClick={() => setFilter(NO_FILTER)}>
              {strings.actions.clearFilters}
            </button>
          </Empty>
        )}
        {rows.count > 0 && <LogTable rows={rows} selection={log.selection} selected={selected} at={at} />}
        {pausedAt !== null && rows.order !== 'sorted' && log.rows.length > live && (
          <div className="banner" role="status">
            {text.paused(formatCount(log.rows.length - live))}
          </div>
        )}
      </div>
      {entry !== undefined && <ExchangeDetails key={entry.id} entry={entry} />}
    </>
  )
}

function LogHeader({ rows }: { rows: LogRows }) {
  const { log, pausedAt, setPaused, clear } = useExchanges()
  const paused = pausedAt !== null
  const clearAll = () =>
    attempt(async () => {
      await call('exchanges.clear', {})
      clear()
      useToasts.getState().show({ message: text.cleared, tone: 'plain' })
    })
  return (
    <header>
      <h1>{strings.screens.requests}</h1>
      <span className="faint count">{text.count(formatCount(rows.count), formatCount(log.total))}</span>
      <span className="tools push">
        <ChartsButton />
        <ColumnMenu table="requests" columns={LOG_COLUMNS} />
        <button
          type="button"
          className="button"
          aria-pressed={paused}
          disabled={rows.order === 'sorted'}
          onClick={() => setPaused(!paused)}
        >
          {paused ? <Play className="icon" /> : <Pause className="icon" />}
          {paused ? strings.actions.resume : strings.actions.pause}
        </button>
        <button type="button" className="button" disabled={log.total === 0} onClick={() => void clearAll()}>
          <Trash2 className="icon" />
          {strings.actions.clear}
        </button>
      </span>
    </header>
  )
}

function ChartsButton() {
  const { charts, setCharts } = useUi()
  const label = charts ? strings.charts.hide : strings.charts.show
  return (
    <button
      type="button"
      className="icon-button"
      aria-pressed={charts}
      aria-label={label}
      title={label}
      onClick={() => setCharts(!charts)}
    >
      <ChartLine className="icon" />
    </button>
  )
}
