import type { BusyApp } from '../../../shared/history-schemas.js'
import type { Column } from '../../components/table/arrange-rows.js'
import { DataTable } from '../../components/table/data-table.js'
import { formatBytes, formatCount, formatMs } from '../../format.js'
import { useChartView } from '../../stores/chart-view.js'
import { useBusiest } from '../../stores/hour.js'
import { strings } from '../../strings.js'

const text = strings.charts.metrics
const titles = text.columns

/** The apps with the most requests in the last hour; each leads to its own charts. */
export function BusiestApps({ chosen }: { chosen: string | null }) {
  const { data } = useBusiest()
  if (data === null) return null
  return (
    <section className="busiest">
      <h2>{text.busiest}</h2>
      {data.length === 0 ? (
        <p className="soft">{text.none}</p>
      ) : (
        <DataTable
          table="busiest"
          label={text.busiest}
          columns={COLUMNS}
          rows={data}
          keyOf={nameOf}
          textOf={nameOf}
          noMatch={text.none}
          rowHeight={32}
          selected={chosen}
        />
      )}
    </section>
  )
}

const COLUMNS: readonly Column<BusyApp>[] = [
  { key: 'app', title: titles.app, fixed: true, value: nameOf, cell: (row) => <Choose name={row.app} /> },
  figure('requests', titles.requests, ({ requests }) => requests, formatCount),
  figure('refused', titles.refused, ({ clientErrors }) => clientErrors, formatCount),
  figure('errors', titles.errors, ({ serverErrors }) => serverErrors, formatCount),
  figure('p95', titles.p95, ({ p95Ms }) => p95Ms, formatMs),
  { ...figure('bytes', titles.bytes, ({ bytesOut }) => bytesOut, formatBytes), wideOnly: true },
]

function figure(
  key: string,
  title: string,
  value: (row: BusyApp) => number | null,
  format: (value: number) => string,
): Column<BusyApp> {
  const cell = (row: BusyApp) => {
    const figured = value(row)
    return figured === null ? strings.charts.nothing : format(figured)
  }
  return { key, title, width: '92px', number: true, value, cell }
}

function nameOf({ app }: BusyApp): string {
  return app
}

function Choose({ name }: { name: string }) {
  const { app, setApp } = useChartView()
  return (
    <button
      type="button"
      className="row-button"
      aria-pressed={app === name}
      onClick={() => setApp(app === name ? null : name)}
    >
      {name}
    </button>
  )
}
