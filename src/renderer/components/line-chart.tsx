import { lazy, Suspense, useId } from 'react'

const ChartCanvas = lazy(async () => ({ default: (await import('./chart-canvas.js')).ChartCanvas }))

export type ChartTone = 'rate' | 'latency'

export interface ChartProps {
  /** one a second, oldest first; null where there is none */
  values: readonly (number | null)[]
  tone: ChartTone
  /** pixels */
  height: number
  format(value: number): string
}

/**
 * A line of the last minute, drawn by uPlot, which is loaded when the first chart is shown.
 *
 * @param title its name, with the value of now beside it
 * @param most its highest value
 * @param summary the same in words, for whoever does not see it
 */
export function LineChart({ title, now, most, summary, ...chart }: ChartProps & Words) {
  const id = useId()
  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption id={id}>
        <span>{title}</span> <strong>{now}</strong>
        <span className="push">{most}</span>
        <span className="hidden-text">{summary}</span>
      </figcaption>
      <div className={`chart-plot ${chart.tone}`} style={{ height: chart.height }} aria-hidden="true">
        <Suspense>
          <ChartCanvas {...chart} />
        </Suspense>
      </div>
    </figure>
  )
}

interface Words {
  title: string
  now: string
  most: string
  summary: string
}
