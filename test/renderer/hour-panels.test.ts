import { expect, test } from 'vitest'
import { hourPanels, readings } from '../../src/renderer/features/charts/hour-panels.js'
import { hourText, instantText, panelText } from '../../src/renderer/features/charts/hour-reading.js'
import { hourRows } from '../../src/renderer/features/charts/hour-rows.js'
import { historyOf } from './history-of.js'

const SIX = { times: [0, 10, 20, 30, 40, 50] }

function panel(title: string, history: ReturnType<typeof historyOf>) {
  const found = hourPanels(history).find((one) => one.title === title)
  if (found === undefined) throw new Error(`no chart is called ${title}`)
  return found
}

test('counts become rates by the second, and the step under way has none yet', () => {
  const { series, format } = panel('Requests', historyOf({ ...SIX, requests: [0, 1, 25, 100, 20_000, 7] }))
  expect(series.map(({ values }) => values)).toEqual([[0, 0.1, 2.5, 10, 2_000, null]])
  expect([0, 0.1, 2.5, 10, 2_000].map(format)).toEqual(['0/s', '0.1/s', '2.5/s', '10/s', '2,000/s'])
})

test('where the gateway did not run there is a gap, and nothing where it had nothing to do', () => {
  const running = [false, false, true, true, false, true]
  const history = historyOf({ ...SIX, running, requests: [0, 0, 10, 0, 0, 10], inFlightPeak: [0, 0, 1, 0, 0, 1] })
  expect(panel('Requests', history).series[0]?.values).toEqual([null, null, 1, 0, null, null])
  expect(panel('In flight', history).series[0]?.values).toEqual([null, null, 1, 0, null, 1])
  expect(panel('Bodies', history).series[0]?.values).toEqual([null, null, 0, 0, null, null])
})

test('lines of errors are there only when there are errors', () => {
  const labels = (more: Partial<Parameters<typeof historyOf>[0]>) =>
    panel('Requests', historyOf({ ...SIX, requests: [9, 9, 9, 9, 9, 9], ...more })).series.map(({ label }) => label)
  expect(labels({})).toEqual(['All'])
  expect(labels({ serverErrors: [0, 0, 3, 0, 0, 0] })).toEqual(['All', '5xx'])
  expect(labels({ clientErrors: [1, 0, 0, 0, 0, 0], abandoned: [0, 0, 0, 0, 0, 1] })).toEqual([
    'All',
    '4xx',
    'Client gone',
  ])
})

test('no two lines of a chart look alike', () => {
  const some = [1, 0, 0, 0, 0, 0]
  const all = { requests: some, clientErrors: some, serverErrors: some, abandoned: some }
  const history = historyOf({ ...SIX, ...all, retries: some, rateLimited: some, cacheHits: some })
  for (const { series } of hourPanels(history)) expect(new Set(series.map(({ look }) => look)).size).toBe(series.length)
})

test('retries, rate limit and cache have a chart once there are any; process figures are of the whole gateway', () => {
  const titles = (more: Parameters<typeof historyOf>[0]) => hourPanels(historyOf(more)).map(({ title }) => title)
  const always = ['Requests', 'Duration', 'In flight', 'Bodies']
  expect(titles(SIX)).toEqual(always)
  expect(titles({ ...SIX, cacheHits: [0, 4, 0, 0, 0, 0] })).toEqual([...always, 'Policies and retries'])
  const gateway = { memoryBytes: [null, 80e6, 80e6, 80e6, 80e6, 81_500_000], cpu: [null, null, 0.5, 0, 0, 0.123] }
  const history = historyOf({ ...SIX, app: null, gateway })
  expect(hourPanels(history).map(({ title }) => title)).toEqual([...always, 'Memory of Portico', 'CPU of Portico'])
  expect(readings(panel('Memory of Portico', history), null)).toEqual(['81.5 MB'])
  expect(readings(panel('CPU of Portico', history), null)).toEqual(['12.3 %'])
  expect(readings(panel('CPU of Portico', history), 1)).toEqual(['–'])
})

test('over the hour counts are summed, durations the latest, and what is in flight the most', () => {
  const history = historyOf({
    ...SIX,
    requests: [600, 600, 0, 0, 0, 34],
    serverErrors: [2, 0, 0, 0, 0, 1],
    p50Ms: [1, 2.34, null, null, null, null],
    p95Ms: [10, 1_500, null, null, null, null],
    p99Ms: [20, 61_000, null, null, null, null],
    inFlightPeak: [3, 12, 0, 0, 0, 1],
    bytesOut: [5_000_000, 0, 0, 0, 0, 500_000],
  })
  expect(readings(panel('Requests', history), null)).toEqual(['1,234', '3'])
  expect(readings(panel('Duration', history), null)).toEqual(['2.3 ms', '1.5 s', '1 min'])
  expect(readings(panel('In flight', history), null)).toEqual(['12'])
  expect(readings(panel('Bodies', history), null)).toEqual(['5.5 MB', '0 B'])
  expect(readings(panel('Bodies', history), 0)).toEqual(['500 kB/s', '0 B/s'])
  expect(hourText(history)).toBe('1,234 requests in the last hour')
  expect(panelText(panel('Requests', history))).toBe('All 1,234, 5xx 3, in the last hour.')
})

test('one instant is told in words, of all charts at once', () => {
  const history = historyOf({
    ...SIX,
    running: [false, true, true, true, true, true],
    requests: [0, 25, 0, 0, 0, 0],
    p50Ms: [null, 4, null, null, null, null],
    p95Ms: [null, 4, null, null, null, null],
    p99Ms: [null, 8, null, null, null, null],
    inFlightPeak: [0, 2, 0, 0, 0, 0],
    bytesOut: [0, 12_000, 0, 0, 0, 0],
  })
  const panels = hourPanels(history)
  expect(instantText(history, panels, 1).replace(/^[\d: –]+/, '')).toBe(
    'Requests All 2.5/s, Duration p50 4 ms, Duration p95 4 ms, Duration p99 8 ms, In flight 2, Bodies Out 1.2 kB/s, Bodies In 0 B/s',
  )
  expect(instantText(history, panels, 0)).toMatch(/^\d\d:\d\d:00 – \d\d:\d\d:10: Portico did not run$/)
})

test('figures have a row for each step in which there was something, newest first, and the sums', () => {
  const history = historyOf({
    ...SIX,
    requests: [0, 25, 0, 0, 0, 2],
    clientErrors: [0, 5, 0, 0, 0, 0],
    p50Ms: [null, 4, null, null, null, 6],
    inFlightPeak: [0, 2, 0, 1, 0, 1],
    bytesOut: [0, 12_000, 0, 0, 0, 0],
    retries: [0, 1, 0, 0, 0, 0],
  })
  const { titles, rows, totals } = hourRows(history)
  expect(titles).toEqual('Time|Requests|4xx|5xx|Client gone|p50|p95|p99|In flight|Out|In|Retries'.split('|'))
  expect(rows.map(({ time }) => time)).toEqual([50, 30, 10])
  expect(rows[2]?.cells.slice(1)).toEqual(['25', '5', '0', '0', '4 ms', '–', '–', '2', '12 kB', '0 B', '1'])
  expect(totals).toEqual(['Last hour', '27', '5', '0', '0', '', '', '', '', '12 kB', '0 B', '1'])
})

test('an hour without anything says so', () => {
  const history = historyOf(SIX)
  expect(hourText(history)).toBe('No requests in the last hour')
  expect(hourRows(history).rows).toEqual([])
  expect(readings(panel('Duration', history), null)).toEqual(['–', '–', '–'])
})
