import {
  CADDY,
  CADDY_LARGE_POOL,
  type CaseResult,
  HTTP_PROXY_3,
  type MetricName,
  type Report,
  type Row,
} from './model.ts'
import { ratio } from './targets.ts'

const COLUMNS: Readonly<Record<MetricName, { readonly head: string; readonly show: (value: number) => string }>> = {
  requestsPerSecond: { head: 'requests/s', show: (value) => grouped(value, value < 1000 ? 1 : 0) },
  bytesPerSecond: { head: 'MiB/s', show: (value) => grouped(value / 1024 ** 2, 1) },
  p50Ms: { head: 'p50 ms', show: (value) => value.toFixed(2) },
  p95Ms: { head: 'p95 ms', show: (value) => value.toFixed(2) },
  p99Ms: { head: 'p99 ms', show: (value) => value.toFixed(2) },
  addedP95Ms: { head: 'added p95 ms', show: (value) => value.toFixed(2) },
  cpuMicrosPerRequest: { head: 'CPU us/request', show: (value) => grouped(value, 1) },
  startMs: { head: 'start ms', show: (value) => grouped(value, 0) },
  idleBytes: { head: 'idle MB', show: (value) => grouped(value / 1e6, 1) },
  loadedBytes: { head: 'after load MB', show: (value) => grouped(value / 1e6, 1) },
  oneBytesPerSecond: { head: 'one MB/s', show: (value) => grouped(value / 1e6, 0) },
  tenBytesPerSecond: { head: 'ten MB/s', show: (value) => grouped(value / 1e6, 0) },
  spread: { head: 'spread of ten %', show: (value) => (100 * value).toFixed(1) },
  idleP50Ms: { head: 'echo p50 ms', show: (value) => value.toFixed(2) },
  idleP99Ms: { head: 'p99 ms', show: (value) => value.toFixed(2) },
  besideP50Ms: { head: 'beside ten p50 ms', show: (value) => value.toFixed(2) },
  besideP99Ms: { head: 'p99 ms', show: (value) => value.toFixed(2) },
  cpuMillisPerGigabyte: { head: 'CPU ms/GB', show: (value) => grouped(value, 0) },
  nearBytes: { head: 'near end MB', show: (value) => grouped(value / 1e6, 1) },
  farBytes: { head: 'far end MB', show: (value) => grouped(value / 1e6, 1) },
}

/** The whole report as Markdown with aligned columns, to be read in a terminal as well. */
export function renderReport(report: Report): string {
  return [
    `# Benchmark${report.partial ? ' (partial run)' : ''}`,
    describeRun(report),
    '## Targets',
    renderTargets(report),
    ...report.cases.flatMap((result) => [
      `## ${result.id}: ${result.title}`,
      renderCase(result),
      ...renderRatios(result),
    ]),
    '## Contestants',
    renderContestants(report),
  ]
    .map((block) => `${block}\n`)
    .join('\n')
}

function describeRun({ date, machine, rounds, seconds }: Report): string {
  const memory = `${(machine.memoryBytes / 1024 ** 3).toFixed(1)} GiB`
  return [
    `${date}, ${machine.cpu}, ${machine.cores} cores, ${memory}, ${machine.system}, Linux ${machine.kernel}, Node ${machine.node}.`,
    `${machine.tools.join(', ')}. Load average before the run: ${machine.loadBefore.toFixed(2)}.`,
    `Medians of ${rounds} rounds of ${seconds} s; contestants take turns. All forward to the same nginx on loopback, which`,
    'is also the reference without TLS and hop ("backend direct"). CPU is that of the contestant alone. Portico logs every',
    'request, its peers log none. Load generator, contestant and backend share the cores. Targets are judged against Caddy as',
    'it comes, with 32 idle connections to the backend; "pool 128" keeps as many as the other peers. The near end of a',
    'tunnel is where users connect, the far end has dialled out to it and connects to the service; CPU is that of both.',
  ].join('\n')
}

function renderTargets({ targets }: Report): string {
  return table(
    ['target', 'found', 'verdict'],
    targets.map(({ text, found, verdict }) => [text, found, verdict]),
    1,
  )
}

function renderCase({ columns, rows }: CaseResult): string {
  const head = ['contestant', ...columns.map((name) => COLUMNS[name].head)]
  const measured = rows.map((row) => [row.contestant, ...columns.map((name) => cell(row, name))])
  const out = rows.flatMap((row) =>
    row.state === 'measured' ? [] : `${row.contestant} ${row.state.toUpperCase()}: ${row.reason}`,
  )
  return [table(head, measured, 0), ...(out.length === 0 ? [] : ['', ...out])].join('\n')
}

function renderRatios(result: CaseResult): string[] {
  if (result.compareBy === null) return []
  const ratios = [HTTP_PROXY_3, CADDY, CADDY_LARGE_POOL].flatMap((other) => {
    const found = ratio(result, other)
    return typeof found === 'number' ? `Portico / ${other}: ${found.toFixed(2)}x` : []
  })
  return ratios.length === 0 ? [] : [ratios.join(', ')]
}

function renderContestants({ contestants }: Report): string {
  return contestants
    .map(({ name, version, tls }) => `- ${name}: ${version}${tls.length === 0 ? '' : `; ${tls.join('; ')}`}`)
    .join('\n')
}

function cell(row: Row, name: MetricName): string {
  if (row.state !== 'measured') return row.state.toUpperCase()
  const value = row.median[name]
  return value === undefined ? '' : COLUMNS[name].show(value)
}

/** A Markdown table; columns up to `lastText` are aligned left, the numbers after them right. */
function table(head: readonly string[], rows: readonly (readonly string[])[], lastText: number): string {
  const widths = head.map((text, column) => Math.max(3, text.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text, i) => (i <= lastText ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join(' | ')} |`
  const rule = widths.map((width, i) => (i <= lastText ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

function grouped(value: number, digits: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
