import type { History } from '../../../shared/history-schemas.js'
import type { ChartSeries } from '../../components/line-chart.js'
import { formatByteRate, formatBytes, formatCount, formatMs, formatPercent, formatRate } from '../../format.js'
import { strings } from '../../strings.js'

const text = strings.charts.hour

/** A line, and what is said of it while no instant is pointed at. */
export interface PanelSeries extends ChartSeries {
  /** over the whole hour */
  overall: string
}

/** One chart of the last hour: figures of one unit. */
export interface Panel {
  title: string
  series: PanelSeries[]
  /** what the overall values are, such as "in the last hour" */
  overall: string
  format(value: number): string
  whole?: boolean
  least?: number
}

/** The charts that there is something to show in, in their order. */
export function hourPanels(history: History): Panel[] {
  const { gateway } = history
  return [
    requestPanel(history),
    latencyPanel(history),
    {
      title: text.inFlight,
      series: [line(text.inFlight, 'rate', known(history, history.inFlightPeak), formatCount, most)],
      overall: text.atMost,
      format: formatCount,
      whole: true,
    },
    bytePanel(history),
    ...eventPanel(history),
    ...(gateway === null
      ? []
      : [
          {
            title: text.memory,
            series: [line(text.memory, 'amount', gateway.memoryBytes, formatBytes, latest)],
            overall: text.now,
            format: formatBytes,
            least: 10_000_000,
          },
          {
            title: text.cpu,
            series: [line(text.cpu, 'amount', gateway.cpu, formatPercent, latest)],
            overall: text.now,
            format: formatPercent,
            least: 0.05,
          },
        ]),
  ]
}

/** The values of a panel's lines at one instant, or over the hour. @param at index; null for the hour */
export function readings({ series, format }: Panel, at: number | null): string[] {
  if (at === null) return series.map(({ overall }) => overall)
  return series.map(({ values }) => said(values[at] ?? null, format))
}

function requestPanel(history: History): Panel {
  const { requests, clientErrors, serverErrors, abandoned } = history
  const counted = (label: string, look: ChartSeries['look'], column: readonly number[]) => ({
    ...line(label, look, perSecond(history, column), rated, () => 0),
    overall: formatCount(sum(column)),
  })
  const more = [
    counted(text.clientErrors, 'refused', clientErrors),
    counted(text.serverErrors, 'failed', serverErrors),
    counted(text.abandoned, 'gone', abandoned),
  ]
  const any = [clientErrors, serverErrors, abandoned].map((column) => sum(column) > 0)
  return {
    title: text.requests,
    series: [counted(text.all, 'rate', requests), ...more.filter((_, at) => any[at])],
    overall: text.inHour,
    format: rated,
    least: 0.5,
  }
}

function latencyPanel({ p50Ms, p95Ms, p99Ms }: History): Panel {
  return {
    title: text.latency,
    series: [
      line(text.p50, 'latencyLow', p50Ms, formatMs, latest),
      line(text.p95, 'latency', p95Ms, formatMs, latest),
      line(text.p99, 'latencyHigh', p99Ms, formatMs, latest),
    ],
    overall: text.latest,
    format: formatMs,
  }
}

function bytePanel(history: History): Panel {
  const { bytesOut, bytesIn } = history
  return {
    title: text.bytes,
    series: [
      {
        ...line(text.bytesOut, 'amount', perSecond(history, bytesOut), formatByteRate, () => 0),
        overall: formatBytes(sum(bytesOut)),
      },
      {
        ...line(text.bytesIn, 'amountIn', perSecond(history, bytesIn), formatByteRate, () => 0),
        overall: formatBytes(sum(bytesIn)),
      },
    ],
    overall: text.inHour,
    format: formatByteRate,
    least: 1_000,
  }
}

/** What happens only with retries, a rate limit or a cache. */
function eventPanel(history: History): Panel[] {
  const { retries, rateLimited, cacheHits } = history
  const series = [
    { label: text.cacheHits, look: 'amount' as const, column: cacheHits },
    { label: text.retries, look: 'refused' as const, column: retries },
    { label: text.rateLimited, look: 'failed' as const, column: rateLimited },
  ]
    .filter(({ column }) => sum(column) > 0)
    .map(({ label, look, column }) => ({
      ...line(label, look, known(history, column), formatCount, () => 0),
      overall: formatCount(sum(column)),
    }))
  if (series.length === 0) return []
  return [{ title: text.events, series, overall: text.inHour, format: formatCount, whole: true }]
}

function line(
  label: string,
  look: ChartSeries['look'],
  values: readonly (number | null)[],
  format: (value: number) => string,
  pick: (values: readonly (number | null)[]) => number | null,
): PanelSeries {
  return { label, look, values, overall: said(pick(values), format) }
}

/** Counts where the gateway ran. */
function known({ running }: History, column: readonly number[]): (number | null)[] {
  return column.map((value, at) => (running[at] ? value : null))
}

/** Counts of whole steps by the second: how much the step under way will have, nobody knows. */
function perSecond(history: History, column: readonly number[]): (number | null)[] {
  const last = column.length - 1
  return known(history, column).map((value, at) => (value === null || at === last ? null : value / history.stepSeconds))
}

function rated(rate: number): string {
  return strings.charts.perSecond(formatRate(rate))
}

function said(value: number | null, format: (value: number) => string): string {
  return value === null ? strings.charts.nothing : format(value)
}

export function sum(column: readonly number[]): number {
  return column.reduce((all, one) => all + one, 0)
}

function most(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((all, one) => (one === null ? all : Math.max(all ?? 0, one)), null)
}

function latest(values: readonly (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null
}
