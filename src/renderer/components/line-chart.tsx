import { lazy, Suspense, useId } from 'react'
import { CHART_LOOKS, type ChartLookName } from './chart-looks.js'

const ChartCanvas = lazy(async () => ({ default: (await import('./chart-canvas.js')).ChartCanvas }))

/** One line. */
export interface ChartSeries {
  label: string
  look: ChartLookName
  /** oldest first; null where there is none */
  values: readonly (number | null)[]
}

export interface ChartProps {
  series: readonly ChartSeries[]
  /** pixels */
  height: number
  format(value: number): string
  /** seconds since 1970, one for each value; without, they are one a second up to now, and have no axis */
  times?: readonly number[]
  /** true where the gateway did not run, one for each value */
  off?: readonly boolean[]
  /** the values are counts */
  whole?: boolean
  /** the axis reaches as far at least */
  least?: number
  /** the instant that is pointed at, one of the times */
  at?: number | null
  onPoint?(time: number | null): void
  onPick?(time: number): void
}

/**
 * Lines over time, drawn by uPlot, which is loaded when the first chart is shown.
 *
 * @param title its name, with the value of now beside it
 * @param most at the right: its highest value, or when the values were
 * @param readings the values of its lines, where they have names
 * @param summary the same in words, for whoever does not see it
 */
export function LineChart({ title, now, most, summary, readings, ...chart }: ChartProps & Words) {
  const id = useId()
  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption id={id}>
        <span>{title}</span> {now !== '' && <strong>{now}</strong>}
        <span className="push">{most}</span>
        <span className="hidden-text">{summary}</span>
      </figcaption>
      {readings !== undefined && <Legend series={chart.series} readings={readings} />}
      <div className="chart-plot" style={{ height: chart.height }} aria-hidden="true">
        <Suspense>
          <ChartCanvas {...chart} />
        </Suspense>
      </div>
    </figure>
  )
}

/** The lines as they are drawn, with their names and values. */
function Legend({ series, readings }: { series: readonly ChartSeries[]; readings: readonly string[] }) {
  return (
    <ul className="chart-legend">
      {series.map(({ label, look }, at) => (
        <li key={label}>
          <svg className={`chart-glyph ${look}`} viewBox="0 0 18 8" aria-hidden="true">
            <path d="M0 4h18" strokeDasharray={CHART_LOOKS[look].dash.join(' ')} />
          </svg>
          <span>{label}</span> <strong>{readings[at]}</strong>
        </li>
      ))}
    </ul>
  )
}

interface Words {
  title: string
  now: string
  most: string
  summary: string
  readings?: readonly string[]
}
