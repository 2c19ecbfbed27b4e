import { type CaseId, MANY_APPS } from './cases.ts'
import {
  CADDY,
  type CaseResult,
  HTTP_PROXY_3,
  MANY,
  type MetricName,
  NO_POLICIES,
  ONE_APP,
  POLICIES,
  PORTICO,
  PORTICO_TUNNEL,
  type Row,
  type Target,
} from './model.ts'

/** What Portico has to reach; a value that was not measured decides nothing, and a load that failed is a miss. */
export function judge(cases: readonly CaseResult[]): Target[] {
  const against = ratioOf.bind(null, cases)
  const value = metricOf.bind(null, cases)
  return [
    atLeast('HTTP/1.1, 1 KiB: at least 1.9x bare http-proxy-3', 1.9, against('h1-1k', HTTP_PROXY_3)),
    atLeast('HTTP/1.1, 1 KiB: at least Caddy', 1, against('h1-1k', CADDY)),
    atLeast('HTTP/2, 1 KiB: at least 1.3x Caddy', 1.3, against('h2-1k', CADDY)),
    atLeast('HTTP/1.1, 100 KiB: at least Caddy', 1, against('h1-100k', CADDY)),
    atLeast('HTTP/2, 100 KiB: at least Caddy', 1, against('h2-100k', CADDY)),
    atLeast('HTTP/1.1, 10 MiB: at least Caddy', 1, against('h1-10m', CADDY)),
    below('HTTP/1.1: p95 added at 10,000 requests/s under 5 ms', 5, 'ms', value('latency-h1', PORTICO, 'addedP95Ms')),
    below('HTTP/2: p95 added at 10,000 requests/s under 5 ms', 5, 'ms', value('latency-h2', PORTICO, 'addedP95Ms')),
    below('Idle memory under 90 MB', 90, 'MB', scale(value('memory', PORTICO, 'idleBytes'), 1e-6)),
    below('First request served under 1 s after start', 1, 's', scale(value('start', PORTICO, 'startMs'), 1e-3)),
    flat(
      value('apps', ONE_APP, 'cpuMicrosPerRequest'),
      value('apps', MANY, 'cpuMicrosPerRequest'),
      value('apps', ONE_APP, 'requestsPerSecond'),
      value('apps', MANY, 'requestsPerSecond'),
    ),
    atLeast(
      'Rate limit, CORS, security headers and a JSON access log: at least 80 % of the throughput without',
      0.8,
      quotient(value('policies', POLICIES, 'requestsPerSecond'), value('policies', NO_POLICIES, 'requestsPerSecond')),
    ),
    reaches(
      'Tunnel: at least 150 MB/s for one transfer',
      150,
      'MB/s',
      scale(value('tunnel', PORTICO_TUNNEL, 'oneBytesPerSecond'), 1e-6),
    ),
    below('Tunnel: ten transfers within 20 %', 20, '%', scale(value('tunnel', PORTICO_TUNNEL, 'spread'), 100)),
  ]
}

/** A measured value, or why there is none; `failed` when Portico itself ran and failed. */
export type Finding = number | { readonly reason: string; readonly failed: boolean }

/** Portico's value over another contestant's, in the case's own measure. */
export function ratio(result: CaseResult, other: string): Finding {
  if (result.compareBy === null) return none('not compared')
  const ours = find(result, PORTICO, result.compareBy)
  const theirs = find(result, other, result.compareBy)
  if (typeof ours !== 'number') return ours
  return typeof theirs === 'number' ? ours / theirs : theirs
}

function ratioOf(cases: readonly CaseResult[], id: CaseId, other: string): Finding {
  const result = cases.find((candidate) => candidate.id === id)
  return result === undefined ? none('case not run') : ratio(result, other)
}

function metricOf(cases: readonly CaseResult[], id: CaseId, contestant: string, metric: MetricName): Finding {
  const result = cases.find((candidate) => candidate.id === id)
  return result === undefined ? none('case not run') : find(result, contestant, metric)
}

function find(result: CaseResult, contestant: string, metric: MetricName): Finding {
  const row: Row | undefined = result.rows.find((candidate) => candidate.contestant === contestant)
  if (row === undefined) return none(`no row for ${contestant}`)
  if (row.state !== 'measured') {
    const failed = row.state === 'invalid' && contestant.startsWith(PORTICO)
    return { reason: `${contestant} ${row.state}: ${row.reason}`, failed }
  }
  return row.median[metric] ?? none(`${contestant} has no ${metric}`)
}

function quotient(part: Finding, whole: Finding): Finding {
  if (typeof part !== 'number') return part
  return typeof whole === 'number' ? part / whole : whole
}

function scale(finding: Finding, factor: number): Finding {
  return typeof finding === 'number' ? finding * factor : finding
}

function none(reason: string): Finding {
  return { reason, failed: false }
}

function undecided(text: string, { reason, failed }: Exclude<Finding, number>): Target {
  return { text, verdict: failed ? 'MISSES' : 'NOT MEASURED', found: reason }
}

function atLeast(text: string, least: number, found: Finding): Target {
  if (typeof found !== 'number') return undecided(text, found)
  return { text, verdict: found >= least ? 'HOLDS' : 'MISSES', found: `${found.toFixed(2)}x` }
}

function reaches(text: string, least: number, unit: string, found: Finding): Target {
  if (typeof found !== 'number') return undecided(text, found)
  return { text, verdict: found >= least ? 'HOLDS' : 'MISSES', found: `${found.toFixed(0)} ${unit}` }
}

function below(text: string, limit: number, unit: string, found: Finding): Target {
  if (typeof found !== 'number') return undecided(text, found)
  return { text, verdict: found < limit ? 'HOLDS' : 'MISSES', found: `${found.toFixed(2)} ${unit}` }
}

/** Within a tenth, both in CPU time per request and in requests per second. */
function flat(cpuOne: Finding, cpuMany: Finding, rateOne: Finding, rateMany: Finding): Target {
  const text = `Cost per request flat (within 10 %) from 1 to ${MANY_APPS.toLocaleString('en')} apps`
  const findings = [cpuOne, cpuMany, rateOne, rateMany]
  const gap = findings.find((finding) => typeof finding !== 'number')
  if (gap !== undefined) return undecided(text, gap)
  const [cpu, rate] = [Number(cpuMany) / Number(cpuOne), Number(rateMany) / Number(rateOne)]
  const verdict = cpu <= 1.1 && rate >= 0.9 ? 'HOLDS' : 'MISSES'
  return { text, verdict, found: `CPU ${cpu.toFixed(2)}x, requests/s ${rate.toFixed(2)}x` }
}
