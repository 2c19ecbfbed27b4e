import { afterEach, expect, test } from 'vitest'
import type { BackendSpec } from '../../../../src/main/engine/upstreams/target.js'
import { Upstreams } from '../../../../src/main/engine/upstreams/upstreams.js'
import { startUpstream } from '../../../support/upstream.js'
import { until } from '../../../support/wait.js'
import { CLIENT, NONE, send, spec, target } from './target.js'

let upstreams = new Upstreams()

afterEach(async () => {
  await upstreams.destroy()
  upstreams = new Upstreams()
})

function poolOf(backend: BackendSpec, { timeoutMs = 1_000, max = 1024, idleMs = 4_000 } = {}) {
  const picked = upstreams.pick(target([backend], { connections: { max, idleMs } }), CLIENT, timeoutMs, NONE)
  return (picked as { pool?: unknown } | null)?.pool
}

test('equal backends share their connections, across routes and configs; different ones do not', () => {
  const first = poolOf(spec('http://127.0.0.1:1'))
  expect(first).toBeDefined()
  expect(poolOf(spec('http://127.0.0.1:1', { weight: 7 }))).toBe(first)
  expect(poolOf(spec('http://127.0.0.1:2'))).not.toBe(first)
  expect(poolOf(spec('http://127.0.0.1:1', { serverName: 'x.test' }))).not.toBe(first)
  expect(poolOf(spec('http://127.0.0.1:1'), { timeoutMs: 2_000 })).not.toBe(first)
  expect(poolOf(spec('http://127.0.0.1:1'), { max: 2 })).not.toBe(first)
  expect(poolOf(spec('http://127.0.0.1:1'), { idleMs: 2_000 })).not.toBe(first)
})

test('a backend that was tried is not picked again, and when all were there is none', () => {
  const both = target(['http://127.0.0.1:1', 'http://127.0.0.1:2'])
  const first = upstreams.pick(both, CLIENT, 1000, NONE)
  const second = upstreams.pick(both, CLIENT, 1000, new Set([first as object]))
  expect(second).not.toBe(null)
  expect(second).not.toBe(first)
  expect(upstreams.pick(both, CLIENT, 1000, new Set([first as object, second as object]))).toBe(null)
})

test.each([
  ['http://localhost:3000', 'localhost', 'localhost:3000', false],
  ['http://[::1]:3000', '::1', '[::1]:3000', false],
  ['https://backend.test', 'backend.test', 'backend.test', true],
])('%s has the host %s and the authority %s', (url, host, authority, secure) => {
  const picked = upstreams.pick(target([url]), CLIENT, 1000, NONE)
  expect([picked?.host, picked?.authority, picked?.secure]).toEqual([host, authority, secure])
})

test('a CA file that cannot be read is a fault that names it', () => {
  const broken = target([spec('https://127.0.0.1:1', { caFile: '/nonexistent.pem' })])
  expect(() => upstreams.pick(broken, CLIENT, 1000, NONE)).toThrow(
    expect.objectContaining({ code: 'certificate-invalid', message: expect.stringContaining('/nonexistent.pem') }),
  )
})

test('destroying ends every connection', async () => {
  const upstream = await startUpstream()
  const picked = upstreams.pick(target([upstream.url]), CLIENT, 1000, NONE)
  if (picked === null) throw new Error('no backend')
  await send(picked)
  expect(upstream.connections.size).toBe(1)
  await upstreams.destroy()
  await until(() => upstream.connections.size === 0, 'no connection is left')
  await upstream.close()
})
