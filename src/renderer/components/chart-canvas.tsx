import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import { useUi } from '../stores/ui.js'
import type { ChartProps } from './line-chart.js'

const AXIS_PX = 46
const FONT = '11px system-ui, sans-serif'

/** The canvas of a chart; its colours are the window's, and change with the theme. */
export function ChartCanvas({ values, tone, height, format }: ChartProps) {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const theme = useUi((state) => state.theme)

  useEffect(() => {
    const element = host.current
    if (element === null) return
    const made = new uPlot(optionsOf(element, tone, height, format), [[], []], element)
    plot.current = made
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }))
    resized.observe(element)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const repaint = () => made.redraw(false)
    scheme.addEventListener('change', repaint)
    return () => {
      scheme.removeEventListener('change', repaint)
      resized.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [tone, height, format])

  useEffect(() => {
    plot.current?.setData([values.map((_, at) => at - values.length + 1), [...values]])
  }, [values])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read when it is drawn
  useEffect(() => plot.current?.redraw(false), [theme])
  return <div ref={host} className="chart-host" />
}

function optionsOf(
  element: HTMLElement,
  tone: string,
  height: number,
  format: (value: number) => string,
): uPlot.Options {
  const colour = (name: string) => () => colourOf(element, name)
  const quiet = { stroke: colour('--text-faint'), font: FONT, ticks: { show: false } }
  return {
    width: Math.max(1, element.clientWidth),
    height,
    padding: [8, 6, 4, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false }, y: { range: (_plot, _least, most) => [0, Math.max(1, most ?? 0) * 1.1] } },
    series: [
      {},
      {
        stroke: colour(`--chart-${tone}`),
        fill: colour(`--chart-${tone}-fill`),
        width: 1.5,
        spanGaps: false,
        points: { show: true, filter: lonely, size: 4, width: 0, fill: colour(`--chart-${tone}`) },
      },
    ],
    axes: [
      { show: false },
      {
        ...quiet,
        size: AXIS_PX,
        gap: 4,
        space: 24,
        grid: { stroke: colour('--line'), width: 1 },
        values: (_plot, splits) => splits.map((value) => (value === 0 ? '' : format(value))),
      },
    ],
  }
}

/** The places of values without a neighbour, which no line would show. */
function lonely(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? []
  return [...values.keys()].filter((at) => values[at] != null && values[at - 1] == null && values[at + 1] == null)
}

/** A token of the window as the canvas understands it. */
function colourOf(element: HTMLElement, name: string): string {
  element.style.color = `var(${name})`
  return getComputedStyle(element).color
}
