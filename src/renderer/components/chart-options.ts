import type uPlot from 'uplot'
import { formatHourMinute } from '../format.js'
import { strings } from '../strings.js'
import { CHART_LOOKS } from './chart-looks.js'
import type { ChartProps } from './line-chart.js'
import { timeTicks, wallOffset } from './time-ticks.js'

const AXIS_PX = 50
const TIME_AXIS_PX = 20
const FONT = '11px system-ui, sans-serif'
/** The smallest steps of an axis of things that come whole. */
const WHOLE_STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 1_000_000,
]

type Shape = Pick<ChartProps, 'series' | 'height' | 'format' | 'whole' | 'least'>

/** How uPlot is to draw a chart. @param timed whether it has an axis of times, and a cursor @param off whether nothing was there to measure, by index */
export function chartOptions(element: HTMLElement, shape: Shape, timed: boolean, off: Off): uPlot.Options {
  const { series, height, format, whole = false, least = 1 } = shape
  const colour = (name: string) => () => colourOf(element, name)
  const quiet = { stroke: colour('--text-faint'), font: FONT, ticks: { show: false } }
  return {
    width: Math.max(1, element.clientWidth),
    height,
    padding: [8, 6, timed ? 0 : 4, 0],
    legend: { show: false },
    cursor: timed ? CURSOR : { show: false },
    scales: { x: { time: false }, y: { range: (_plot, _least, most) => [0, Math.max(least, most ?? 0) * 1.1] } },
    hooks: { drawClear: [(plot) => drawOff(plot, off, colour)] },
    series: [{}, ...series.map(({ look }) => seriesOf(CHART_LOOKS[look], colour))],
    axes: [
      timed
        ? {
            ...quiet,
            size: TIME_AXIS_PX,
            gap: 2,
            grid: { show: false },
            splits: ({ width }, _axis, from, to) => timeTicks(from, to, width - AXIS_PX, wallOffset(to)),
            values: (_plot, splits) => splits.map((time) => formatHourMinute(time * 1_000)),
          }
        : { show: false },
      {
        ...quiet,
        size: AXIS_PX,
        gap: 4,
        space: 24,
        ...(whole ? { incrs: WHOLE_STEPS } : {}),
        grid: { stroke: colour('--line'), width: 1 },
        values: (_plot, splits) => splits.map((value) => (value === 0 ? '' : format(value))),
      },
    ],
  }
}

/** It is moved by hand, in all charts at once. */
const CURSOR: uPlot.Cursor = {
  x: true,
  y: false,
  points: { show: false },
  // A press is no drag, although the cursor has moved meanwhile.
  drag: { x: false, y: false, click: () => {} },
  bind: {
    mousedown: () => null,
    mouseup: () => null,
    click: () => null,
    dblclick: () => null,
    mousemove: () => null,
    mouseleave: () => null,
    mouseenter: () => null,
  },
}

type Colour = (name: string) => () => string
type Off = () => readonly boolean[]

function seriesOf(look: (typeof CHART_LOOKS)[keyof typeof CHART_LOOKS], colour: Colour): uPlot.Series {
  return {
    stroke: colour(look.colour),
    ...(look.fill === null ? {} : { fill: colour(look.fill) }),
    dash: [...look.dash],
    width: 1.5,
    spanGaps: false,
    points: { show: true, filter: lonely, size: 4, width: 0, fill: colour(look.colour) },
  }
}

/** The places of values without a neighbour, which no line would show. */
function lonely(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? []
  return [...values.keys()].filter((at) => values[at] != null && values[at - 1] == null && values[at + 1] == null)
}

/** Behind the lines: where the gateway did not run, and the words for it where there is room. */
function drawOff(plot: uPlot, off: Off, colour: Colour): void {
  const times = plot.data[0]
  const { ctx, bbox } = plot
  ctx.save()
  for (const [first, last] of stretches(off())) {
    const from = plot.valToPos(times[first] as number, 'x', true)
    const to = plot.valToPos(times[Math.min(last + 1, times.length - 1)] as number, 'x', true)
    ctx.fillStyle = colour('--chart-off')()
    ctx.fillRect(from, bbox.top, to - from, bbox.height)
    const words = strings.charts.off
    ctx.font = FONT.replace('11px', `${Math.round(11 * devicePixelRatio)}px`)
    if (ctx.measureText(words).width > to - from - 16) continue
    ctx.fillStyle = colour('--text-faint')()
    ctx.textAlign = 'center'
    ctx.textBaseline = 'middle'
    ctx.fillText(words, (from + to) / 2, bbox.top + bbox.height / 2)
  }
  ctx.restore()
}

/** The first and the last index of each unbroken row of what is true. */
export function stretches(flags: readonly boolean[]): [first: number, last: number][] {
  const found: [number, number][] = []
  flags.forEach((flag, at) => {
    const last = found.at(-1)
    if (flag && last !== undefined && last[1] === at - 1) last[1] = at
    else if (flag) found.push([at, at])
  })
  return found
}

/** A token of the window as the canvas understands it. */
function colourOf(element: HTMLElement, name: string): string {
  element.style.color = `var(${name})`
  return getComputedStyle(element).color
}
