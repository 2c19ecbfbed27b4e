import { expect, test } from 'vitest'
import type { CaseId } from '../../bench/cases.ts'
import type { CaseResult, MetricName, Metrics, Report, Row } from '../../bench/model.ts'
import { renderReport } from '../../bench/report.ts'
import { judge } from '../../bench/targets.ts'

const rows = (metrics: Readonly<Record<string, Metrics>>): Row[] =>
  Object.entries(metrics).map(([contestant, median]) => ({ contestant, state: 'measured', median, rounds: [median] }))

function caseOf(id: CaseId, compareBy: MetricName | null, found: readonly Row[]): CaseResult {
  return { id, title: id, columns: ['requestsPerSecond', 'cpuMicrosPerRequest'], compareBy, rows: found }
}

function speeds(id: CaseId, portico: number, caddy: number, bare = 10_000): CaseResult {
  const rate = (requestsPerSecond: number) => ({ requestsPerSecond })
  return caseOf(
    id,
    'requestsPerSecond',
    rows({ Caddy: rate(caddy), 'http-proxy-3': rate(bare), Portico: rate(portico) }),
  )
}

function apps(cpuMany: number, rateMany: number): CaseResult {
  const one = { cpuMicrosPerRequest: 50, requestsPerSecond: 20_000 }
  const many = { cpuMicrosPerRequest: cpuMany, requestsPerSecond: rateMany }
  return caseOf('apps', null, rows({ 'Portico, 1 app': one, 'Portico, 5,000 apps': many }))
}

test('policies may cost a fifth of the throughput', () => {
  const rate = (requestsPerSecond: number) => ({ requestsPerSecond })
  const policies = (some: number) =>
    caseOf('policies', null, rows({ 'Portico, no policies': rate(20_000), 'Portico, four policies': rate(some) }))
  expect(verdicts(policies(16_000))[0]).toMatch(/^HOLDS 0.80x/)
  expect(verdicts(policies(15_800))[0]).toMatch(/^MISSES 0.79x/)
})

const verdicts = (...cases: CaseResult[]) =>
  judge(cases)
    .filter(({ verdict }) => verdict !== 'NOT MEASURED')
    .map(({ text, verdict, found }) => `${verdict} ${found} ${text.split(':')[0]}`)

test('judges speed by the ratio to a peer', () => {
  expect(verdicts(speeds('h1-1k', 19_000, 19_001))).toEqual([
    'HOLDS 1.90x HTTP/1.1, 1 KiB',
    'MISSES 1.00x HTTP/1.1, 1 KiB',
  ])
  expect(verdicts(speeds('h2-1k', 12_900, 10_000))).toEqual(['MISSES 1.29x HTTP/2, 1 KiB'])
})

test('judges memory in MB, start in seconds, and latency by what it adds', () => {
  const found = verdicts(
    caseOf('memory', null, rows({ Portico: { idleBytes: 89_999_000 } })),
    caseOf('start', null, rows({ Portico: { startMs: 1000 } })),
    caseOf('latency-h1', null, rows({ Portico: { p95Ms: 9, addedP95Ms: 4.99 } })),
  )
  expect(found).toEqual([
    'HOLDS 4.99 ms HTTP/1.1',
    'HOLDS 90.00 MB Idle memory under 90 MB',
    'MISSES 1.00 s First request served under 1 s after start',
  ])
})

test('cost is flat only when neither CPU time nor throughput moves by more than a tenth', () => {
  expect(verdicts(apps(55, 18_000))[0]).toMatch(/^HOLDS CPU 1.10x, requests\/s 0.90x/)
  expect(verdicts(apps(55.1, 20_000))[0]).toMatch(/^MISSES/)
  expect(verdicts(apps(50, 17_900))[0]).toMatch(/^MISSES/)
})

test('a load that Portico failed under is a miss; a peer that is missing decides nothing', () => {
  const failed: Row = { contestant: 'Portico', state: 'invalid', reason: 'wrk: 10 requests with errors: 1 status' }
  const missing: Row = { contestant: 'Caddy', state: 'skipped', reason: 'caddy is not installed' }
  const portico = rows({ Portico: { requestsPerSecond: 1 } })
  expect(judge([caseOf('h2-1k', 'requestsPerSecond', [failed])])).toContainEqual(
    expect.objectContaining({ verdict: 'MISSES', found: 'Portico invalid: wrk: 10 requests with errors: 1 status' }),
  )
  expect(verdicts(caseOf('h2-1k', 'requestsPerSecond', [missing, ...portico]))).toEqual([])
})

test('the report names the machine, aligns its tables, and shows ratios, skipped peers and why', () => {
  const skipped: Row = { contestant: 'haproxy', state: 'skipped', reason: 'haproxy is not installed' }
  const measured = speeds('h1-1k', 21_000, 20_000)
  const cases = [{ ...measured, rows: [skipped, ...measured.rows] }]
  const text = renderReport(reportOf(cases))
  expect(text).toContain('Test CPU, 2 cores, 16.0 GiB, Debian, Linux 6.1, Node v24.0.0')
  expect(text).toContain('Portico / http-proxy-3: 2.10x, Portico / Caddy: 1.05x')
  expect(text).toContain('| haproxy      |    SKIPPED |        SKIPPED |')
  expect(text).toContain('| Portico      |     21,000 |                |')
  expect(text).toContain('haproxy SKIPPED: haproxy is not installed')
  expect(text).toContain('- Caddy: Caddy 2.6.2; h2 TLSv1.3')
})

function reportOf(cases: readonly CaseResult[]): Report {
  const machine = { cpu: 'Test CPU', cores: 2, memoryBytes: 16 * 1024 ** 3, system: 'Debian', kernel: '6.1' }
  return {
    date: '2026-01-01T00:00:00.000Z',
    machine: { ...machine, node: 'v24.0.0', tools: ['wrk 4.1.0'], loadBefore: 0 },
    rounds: 3,
    seconds: 5,
    partial: false,
    contestants: [{ name: 'Caddy', version: 'Caddy 2.6.2', tls: ['h2 TLSv1.3'] }],
    cases,
    targets: judge(cases),
  }
}

test('a tunnel carries 150 MB/s in one transfer, and ten within a fifth', () => {
  const tunnel = (oneBytesPerSecond: number, spread: number) =>
    caseOf('tunnel', null, rows({ 'Portico, ws': { oneBytesPerSecond, spread }, 'ssh -R': { oneBytesPerSecond: 1 } }))
  expect(verdicts(tunnel(150e6, 0.1))).toEqual(['HOLDS 150 MB/s Tunnel', 'HOLDS 10.00 % Tunnel'])
  expect(verdicts(tunnel(149e6, 0.2))).toEqual(['MISSES 149 MB/s Tunnel', 'MISSES 20.00 % Tunnel'])
})
