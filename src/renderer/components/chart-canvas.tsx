import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import { useUi } from '../stores/ui.js'
import { chartOptions } from './chart-options.js'
import type { ChartProps } from './line-chart.js'
import { whileSeen } from './while-seen.js'

const NOWHERE = { left: -10, top: -10 }
const ALL_ON: readonly boolean[] = []

/** The canvas of a chart; its colours are the window's, and change with the theme. Nothing is drawn while the page is hidden. */
export function ChartCanvas(props: ChartProps) {
  const { series, height, times, at = null } = props
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const latest = useRef(props)
  latest.current = props
  const theme = useUi((state) => state.theme)
  const looks = series.map(({ look }) => look).join()
  const timed = times !== undefined

  // biome-ignore lint/correctness/useExhaustiveDependencies: with other lines it is another plot; the rest is read when it is wanted
  useEffect(() => {
    const element = host.current
    if (element === null) return
    const options = chartOptions(element, latest.current, timed, () => latest.current.off ?? ALL_ON)
    const made = new uPlot(options, dataOf(latest.current), element)
    plot.current = made
    const resized = new ResizeObserver(() => {
      made.setSize({ width: element.clientWidth, height })
      moveCursor(made, latest.current.at ?? null)
    })
    resized.observe(element)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const repaint = () => made.redraw(false)
    scheme.addEventListener('change', repaint)
    const endPointing = timed ? follow(made, latest) : () => {}
    return () => {
      endPointing()
      scheme.removeEventListener('change', repaint)
      resized.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [looks, timed, height])

  const drawn = useRef<readonly unknown[]>([])
  useEffect(() => {
    const columns = [times, ...series.map(({ values }) => values)]
    if (columns.length === drawn.current.length && columns.every((one, at) => one === drawn.current[at])) return
    return whileSeen(() => {
      drawn.current = columns
      plot.current?.setData(dataOf(latest.current))
    })
  })

  // biome-ignore lint/correctness/useExhaustiveDependencies: new data moves what is under the cursor
  useEffect(() => {
    if (timed && plot.current !== null) moveCursor(plot.current, at)
  }, [at, timed, times])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read when it is drawn
  useEffect(() => plot.current?.redraw(false), [theme])
  return <div ref={host} className="chart-host" />
}

function dataOf({ series, times }: ChartProps): uPlot.AlignedData {
  const count = series[0]?.values.length ?? 0
  const xs = times === undefined ? Array.from({ length: count }, (_, at) => at - count + 1) : [...times]
  return [xs, ...series.map(({ values }) => [...values])]
}

function moveCursor(plot: uPlot, at: number | null): void {
  plot.setCursor(at === null ? NOWHERE : { left: plot.valToPos(at, 'x'), top: 0 }, false)
}

/** Tells of the instant that the pointer is at. @returns the function that ends it */
function follow(plot: uPlot, latest: { current: ChartProps }): () => void {
  const timeAt = ({ offsetX }: MouseEvent) => latest.current.times?.[plot.posToIdx(offsetX)] ?? null
  const move = (event: MouseEvent) => latest.current.onPoint?.(timeAt(event))
  const leave = () => latest.current.onPoint?.(null)
  const click = (event: MouseEvent) => {
    const time = timeAt(event)
    if (time !== null) latest.current.onPick?.(time)
  }
  plot.over.addEventListener('pointermove', move)
  plot.over.addEventListener('pointerleave', leave)
  plot.over.addEventListener('click', click)
  return () => {
    plot.over.removeEventListener('pointermove', move)
    plot.over.removeEventListener('pointerleave', leave)
    plot.over.removeEventListener('click', click)
  }
}
