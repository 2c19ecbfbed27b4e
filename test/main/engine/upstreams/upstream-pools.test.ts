import { afterEach, expect, test } from 'vitest'
import { type BackendSpec, UpstreamPools } from '../../../../src/main/engine/upstreams/upstream-pools.js'
import { startUpstream } from '../../../support/upstream.js'
import { until } from '../../../support/wait.js'

const spec = (url: string, more: Partial<BackendSpec> = {}): BackendSpec => ({
  url,
  weight: 1,
  caFile: null,
  serverName: null,
  insecure: false,
  ...more,
})

const CLIENT = { client: '127.0.0.1', sticky: null }
const NONE: ReadonlySet<object> = new Set()
let pools = new UpstreamPools()

afterEach(async () => {
  await pools.destroy()
  pools = new UpstreamPools()
})

test('equal backends share their connections, across routes and configs; different ones do not', () => {
  const pick = (backend: BackendSpec, timeout = 1000) =>
    pools.pick({ backends: [backend], balance: '' }, CLIENT, timeout, NONE)
  const first = pick(spec('http://127.0.0.1:1'))
  expect(pick(spec('http://127.0.0.1:1', { weight: 7 }))).toBe(first)
  expect(pick(spec('http://127.0.0.1:2'))).not.toBe(first)
  expect(pick(spec('http://127.0.0.1:1', { serverName: 'x.test' }))).not.toBe(first)
  expect(pick(spec('http://127.0.0.1:1'), 2000)).not.toBe(first)
})

test('a backend that was tried is not picked again, and when all were there is none', () => {
  const target = { backends: [spec('http://127.0.0.1:1'), spec('http://127.0.0.1:2')], balance: 'round-robin' }
  const first = pools.pick(target, CLIENT, 1000, NONE)
  const second = pools.pick(target, CLIENT, 1000, new Set([first as object]))
  expect(second).not.toBe(null)
  expect(second).not.toBe(first)
  expect(pools.pick(target, CLIENT, 1000, new Set([first as object, second as object]))).toBe(null)
})

test('"first" goes down the list and passes over a weight of 0', () => {
  const backends = [spec('http://127.0.0.1:1', { weight: 0 }), spec('http://127.0.0.1:2'), spec('http://127.0.0.1:3')]
  const target = { backends, balance: 'first' }
  const first = pools.pick(target, CLIENT, 1000, NONE)
  expect(first?.authority).toBe('127.0.0.1:2')
  expect(pools.pick(target, CLIENT, 1000, new Set([first as object]))?.authority).toBe('127.0.0.1:3')
})

test.each([
  ['http://localhost:3000', 'localhost', 'localhost:3000', false],
  ['http://[::1]:3000', '::1', '[::1]:3000', false],
  ['https://backend.test', 'backend.test', 'backend.test', true],
])('%s has the host %s and the authority %s', (url, host, authority, secure) => {
  const pool = pools.pick({ backends: [spec(url)], balance: '' }, CLIENT, 1000, NONE)
  expect([pool?.host, pool?.authority, pool?.secure]).toEqual([host, authority, secure])
})

test('a CA file that cannot be read is a fault that names it', () => {
  const backends = [spec('https://127.0.0.1:1', { caFile: '/nonexistent.pem' })]
  expect(() => pools.pick({ backends, balance: '' }, CLIENT, 1000, NONE)).toThrow(
    expect.objectContaining({ code: 'certificate-invalid', message: expect.stringContaining('/nonexistent.pem') }),
  )
})

test('destroying ends every connection', async () => {
  const upstream = await startUpstream()
  const pool = pools.pick({ backends: [spec(upstream.url)], balance: '' }, CLIENT, 1000, NONE)
  await new Promise<void>((resolve, reject) => {
    pool?.dispatch(
      { method: 'GET', path: '/' },
      {
        onRequestStart: () => {},
        onResponseStart: () => {},
        onResponseData: () => {},
        onResponseEnd: () => resolve(),
        onResponseError: (_c, error) => reject(error),
      },
    )
  })
  expect(upstream.connections.size).toBe(1)
  await pools.destroy()
  await until(() => upstream.connections.size === 0, 'no connection is left')
  await upstream.close()
})
