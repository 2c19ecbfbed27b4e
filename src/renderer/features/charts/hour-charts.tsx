import { Table2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { History } from '../../../shared/history-schemas.js'
import { LineChart } from '../../components/line-chart.js'
import { useChartView } from '../../stores/chart-view.js'
import { strings } from '../../strings.js'
import { hourPanels, type Panel, readings } from './hour-panels.js'
import { hourText, instantText, panelText, stepText } from './hour-reading.js'
import { HourTable } from './hour-table.js'
import { showRequestsOf } from './show-requests.js'

const text = strings.charts.hour

/** The last hour in charts over one axis of time, or in figures. @param height pixels, of each chart */
export function HourCharts({ history, height }: { history: History; height: number }) {
  const { asTable, setAsTable } = useChartView()
  const [point, setPoint] = useState<number | null>(null)
  const panels = useMemo(() => hourPanels(history), [history])
  const off = useMemo(() => history.running.map((ran) => !ran), [history])
  const index = point === null ? -1 : history.times.indexOf(point)
  const at = index === -1 ? null : index
  const pick = (time: number) => showRequestsOf(history.app, time, history.stepSeconds)
  return (
    <div className="hour">
      <div className="hour-bar">
        {asTable ? (
          <span className="soft">{text.quiet}</span>
        ) : (
          <Scrubber history={history} panels={panels} at={at} onPoint={setPoint} onPick={pick} />
        )}
        <button
          type="button"
          className="icon-button push"
          aria-pressed={asTable}
          aria-label={text.asTable}
          title={text.asTable}
          onClick={() => setAsTable(!asTable)}
        >
          <Table2 className="icon" />
        </button>
      </div>
      {asTable ? (
        <HourTable history={history} />
      ) : (
        <div className="charts">
          {panels.map((panel) => (
            <HourChart
              key={panel.title}
              panel={panel}
              history={history}
              off={off}
              at={at}
              height={height}
              onPoint={setPoint}
              onPick={pick}
            />
          ))}
        </div>
      )}
    </div>
  )
}

function HourChart({ panel, history, off, at, height, onPoint, onPick }: HourChartProps) {
  const { title, series, format, whole = false, least = 1 } = panel
  const values = readings(panel, at)
  const single = series.length === 1
  return (
    <LineChart
      title={title}
      now={single ? (values[0] as string) : ''}
      most={at === null ? panel.overall : history.running[at] ? '' : strings.charts.off}
      summary={panelText(panel)}
      {...(single ? {} : { readings: values })}
      series={series}
      height={height}
      format={format}
      whole={whole}
      least={least}
      times={history.times}
      off={off}
      at={at === null ? null : (history.times[at] as number)}
      onPoint={onPoint}
      onPick={onPick}
    />
  )
}

/** The instant that is pointed at; a slider for the keyboard, which reads out all charts at once. */
function Scrubber({ history, panels, at, onPoint, onPick }: ScrubberProps) {
  const { times, stepSeconds } = history
  const last = times.length - 1
  const [byKey, setByKey] = useState(false)
  const words = at === null ? hourText(history) : instantText(history, panels, at)
  return (
    <>
      <input
        type="range"
        className="hidden-text hour-instant"
        aria-label={text.read}
        aria-valuetext={words}
        min={0}
        max={last}
        value={at ?? last}
        onChange={({ target }) => onPoint(times[Number(target.value)] ?? null)}
        onFocus={() => {
          setByKey(true)
          onPoint(times[at ?? last] ?? null)
        }}
        onBlur={() => {
          setByKey(false)
          onPoint(null)
        }}
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Enter' && at !== null) onPick(times[at] as number)
          if (key === 'Escape') currentTarget.blur()
        }}
      />
      {at === null ? (
        <span className="soft">{hourText(history)}</span>
      ) : (
        <span aria-hidden="true">
          <strong>{stepText(times[at] as number, stepSeconds)}</strong>{' '}
          <span className="faint">{byKey ? text.pickByKey : text.pick}</span>
        </span>
      )}
    </>
  )
}

interface Pointing {
  history: History
  /** index of the instant that is pointed at */
  at: number | null
  onPoint(time: number | null): void
  onPick(time: number): void
}

interface HourChartProps extends Pointing {
  panel: Panel
  off: readonly boolean[]
  height: number
}

interface ScrubberProps extends Pointing {
  panels: readonly Panel[]
}
