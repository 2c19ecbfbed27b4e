import type { History } from '../../../shared/history-schemas.js'
import { formatBytes, formatCount, formatInstant, formatMs } from '../../format.js'
import { strings } from '../../strings.js'
import { sum } from './hour-panels.js'

const text = strings.charts.hour

/** The hour in figures. */
export interface HourTableText {
  /** of the columns, the one of times first */
  titles: string[]
  /** one for each step in which there was something, newest first */
  rows: { time: number; cells: string[] }[]
  /** the whole hour */
  totals: string[]
}

/** Steps without anything are left out, and columns that were not used at all. */
export function hourRows(history: History): HourTableText {
  const columns = columnsOf(history)
  const steps = history.times
    .map((time, at) => ({ time, at }))
    .filter(({ at }) => columns.some(({ stirs, values }) => stirs && (values[at] ?? 0) > 0))
    .reverse()
  return {
    titles: [text.time, ...columns.map(({ title }) => title)],
    rows: steps.map(({ time, at }) => ({
      time,
      cells: [formatInstant(time), ...columns.map(({ values, format }) => cell(values[at] ?? null, format))],
    })),
    totals: [text.total, ...columns.map(({ total, format }) => (total === null ? '' : format(total)))],
  }
}

interface FigureColumn {
  title: string
  values: readonly (number | null)[]
  format(value: number): string
  /** null where a sum says nothing */
  total: number | null
  /** a step that has some of it is shown */
  stirs: boolean
}

function columnsOf(history: History): FigureColumn[] {
  const { requests, clientErrors, serverErrors, abandoned, bytesIn, bytesOut, retries, rateLimited, cacheHits } =
    history
  const counted = (title: string, values: readonly number[], format = formatCount): FigureColumn => ({
    title,
    values,
    format,
    total: sum(values),
    stirs: true,
  })
  const measured = (title: string, values: readonly (number | null)[]): FigureColumn => ({
    title,
    values,
    format: formatMs,
    total: null,
    stirs: false,
  })
  const rare = [
    counted(text.retries, retries),
    counted(text.rateLimited, rateLimited),
    counted(text.cacheHits, cacheHits),
  ].filter(({ total }) => total !== 0)
  return [
    counted(text.requests, requests),
    counted(text.clientErrors, clientErrors),
    counted(text.serverErrors, serverErrors),
    counted(text.abandoned, abandoned),
    measured(text.p50, history.p50Ms),
    measured(text.p95, history.p95Ms),
    measured(text.p99, history.p99Ms),
    { ...counted(text.inFlight, history.inFlightPeak), total: null },
    counted(text.bytesOut, bytesOut, formatBytes),
    counted(text.bytesIn, bytesIn, formatBytes),
    ...rare,
  ]
}

function cell(value: number | null, format: (value: number) => string): string {
  return value === null ? strings.charts.nothing : format(value)
}
