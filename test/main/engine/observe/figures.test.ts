import { expect, test } from 'vitest'
import { DURATION_BOUNDS, Figures } from '../../../../src/main/engine/observe/metrics/figures.js'
import { trafficFamilies } from '../../../../src/main/engine/observe/metrics/traffic-families.js'
import { exchange } from './observed-exchange.js'

const KNOWN = new Map([['shop', new Set(['/*', '/v1/*'])]])

function figures(known: ReadonlyMap<string, ReadonlySet<string>> = KNOWN): Figures {
  const made = new Figures()
  made.apply(known)
  return made
}

const series = (of: Figures, urls: string[] = ['http://127.0.0.1:3000']) =>
  trafficFamilies(of, new Set(urls)).flatMap(({ name, samples }) =>
    samples.map((one) => ({ name: one.metricName ?? name, ...one })),
  )

test('10,000 paths, methods, hosts and statuses make no more series than a few', () => {
  const of = figures()
  for (let i = 0; i < 10_000; i++) {
    of.add(exchange({ target: `/p/${i}`, method: `M${i}`, host: `h${i}.test`, status: 100 + (i % 900) }))
    of.add(exchange({ app: null, route: null, host: `h${i}.test`, target: `/${i}`, method: 'GET', status: 404 }))
    of.add(exchange({ app: { name: `app-${i}` }, notes: [{ policy: 'cache', outcome: `o${i}` }] }))
    of.addRefused(`M${i}`, 400)
  }
  const counted = series(of).filter(({ name }) => name === 'portico_requests_total')
  expect(counted.length).toBeLessThan(75)
  expect(counted.reduce((sum, { value }) => sum + value, 0)).toBe(40_000)
  expect(new Set(counted.map(({ labels }) => labels.method))).toEqual(new Set(['OTHER', 'GET']))
  expect(new Set(counted.map(({ labels }) => labels.app))).toEqual(new Set(['shop', '-']))
  expect(counted.some(({ labels }) => labels.status === 'other')).toBe(true)
  expect(series(of).length).toBeLessThan(200)
})

test('what is taken out of the config is taken out of the metrics', () => {
  const of = figures()
  of.add(exchange({ route: { pattern: '/v1/*', stripPrefix: null, addPrefix: null } }))
  of.add(exchange())
  of.apply(new Map([['shop', new Set(['/*'])]]))
  expect(series(of).some(({ labels }) => labels.route === '/v1/*')).toBe(false)
  expect(series(of).some(({ labels }) => labels.route === '/*')).toBe(true)
  of.apply(new Map())
  of.add(exchange()) // one that was under way
  expect(series(of).some(({ labels }) => labels.app === 'shop')).toBe(false)
})

test('a backend that is gone is told of no more', () => {
  const of = figures()
  of.add(exchange())
  expect(series(of).some(({ labels }) => labels.backend !== undefined)).toBe(true)
  expect(series(of, []).some(({ labels }) => labels.backend !== undefined)).toBe(false)
})

test('durations fall into cumulative buckets', () => {
  const of = figures()
  for (const totalMs of [1, 5, 5.1, 9_999, 60_000]) of.add(exchange({ totalMs }))
  of.add(exchange({ totalMs: 60_000, firstByteMs: 2, openEnded: true }))
  of.add(exchange({ status: 0 }))
  const named = (end: string) => series(of).filter(({ name }) => name === `portico_request_duration_seconds_${end}`)
  expect(named('bucket').map(({ value }) => value)).toEqual([3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 6])
  expect(named('bucket')).toHaveLength(DURATION_BOUNDS.length + 1)
  expect(named('count').map(({ value }) => value)).toEqual([6])
  expect(named('sum')[0]?.value).toBeCloseTo(70.0121)
})

test('attempts are counted by backend, and those after the first as retries', () => {
  const of = figures()
  const failed = { backend: 'http://127.0.0.1:3001', error: 'x', startedMs: 0, ms: 1, status: null }
  of.add(exchange({ attempts: 2, failedAttempts: [failed] }))
  const urls = ['http://127.0.0.1:3000', 'http://127.0.0.1:3001']
  const attempts = series(of, urls).filter(({ name }) => name === 'portico_backend_requests_total')
  expect(attempts.filter(({ value }) => value === 1).map(({ labels }) => [labels.backend, labels.outcome])).toEqual([
    ['http://127.0.0.1:3001', 'failed'],
    ['http://127.0.0.1:3000', 'answered'],
  ])
  expect(series(of).find(({ name }) => name === 'portico_retries_total')?.value).toBe(1)
})
