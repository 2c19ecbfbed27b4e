import { expect, test } from 'vitest'
import {
  CAPTURED,
  CAPTURED_LENGTH,
  Capture,
  type CapturedExchange,
} from '../../../../src/main/engine/traffic/capture.js'

const exchange = (id: string, more: Partial<CapturedExchange> = {}): CapturedExchange => ({
  id,
  headers: ['Host', 'shop.localhost'],
  responseHeaders: null,
  route: null,
  connection: { tls: null },
  failedAttempts: null,
  answeredBy: null,
  attemptStartedMs: 0,
  totalMs: 0,
  status: 0,
  requestId: id,
  notes: null,
  requestTrailers: [],
  sentTrailers: null,
  trace: null,
  ...more,
})

test('an exchange that was never answered has neither answer, route nor attempts', () => {
  const capture = new Capture()
  capture.add(exchange('a'))
  expect(capture.get('a')).toEqual({
    id: 'a',
    route: null,
    requestHeaders: [['Host', 'shop.localhost']],
    responseHeaders: null,
    tls: null,
    attempts: [],
    requestTrailers: [],
    responseTrailers: [],
    requestId: 'a',
    traceId: null,
    notes: [],
  })
})

test('the backend that answered comes after those that did not', () => {
  const capture = new Capture()
  const failed = { backend: 'http://x', error: 'refused', startedMs: 1.2345, ms: 2, status: null }
  const times = { attemptStartedMs: 3.5, totalMs: 10.111, status: 200 }
  capture.add(exchange('a', { failedAttempts: [failed], answeredBy: 'http://y', ...times }))
  expect(capture.get('a')?.attempts).toEqual([
    { ...failed, startedMs: 1.23 },
    { backend: 'http://y', error: null, startedMs: 3.5, ms: 6.61, status: 200 },
  ])
})

test('the latest thousand are kept, the ones before are gone', () => {
  const capture = new Capture()
  for (let i = 0; i < CAPTURED + 10; i++) capture.add(exchange(`e${i}`))
  expect(CAPTURED).toBe(1_000)
  expect([capture.get('e9'), capture.get('e10')?.id, capture.get('e1009')?.id]).toEqual([null, 'e10', 'e1009'])
})

test('of exchanges with very long fields fewer are kept, the latest one always', () => {
  const capture = new Capture()
  capture.add(exchange('short'))
  const long = ['Cookie', 'x'.repeat(CAPTURED_LENGTH / 4)]
  for (let i = 0; i < 5; i++)
    capture.add(exchange(`long${i}`, i % 2 === 0 ? { headers: long } : { responseHeaders: long }))
  const kept = ['short', 'long0', 'long1', 'long2', 'long3', 'long4'].filter((id) => capture.get(id) !== null)
  expect(kept).toEqual(['long2', 'long3', 'long4'])
  capture.add(exchange('huge', { headers: ['Cookie', 'x'.repeat(CAPTURED_LENGTH * 2)] }))
  expect([capture.get('long4'), capture.get('huge')?.id]).toEqual([null, 'huge'])
  for (let i = 0; i < CAPTURED; i++) capture.add(exchange(`e${i}`))
  expect([capture.get('huge'), capture.get('e0')?.id]).toEqual([null, 'e0'])
})

test('a slot that is used again keeps nothing of the exchange before', () => {
  const capture = new Capture()
  const full = exchange('old', { responseHeaders: ['A', 'b'], route: { pattern: '/x' }, answeredBy: 'http://y' })
  for (let i = 0; i < CAPTURED; i++) capture.add(full)
  capture.add(exchange('new'))
  expect(capture.get('new')).toMatchObject({ responseHeaders: null, route: null, attempts: [] })
})

test('after a clear nothing is found, not even by an empty id', () => {
  const capture = new Capture()
  capture.add(exchange('a'))
  capture.clear()
  expect([capture.get('a'), capture.get('')]).toEqual([null, null])
  capture.add(exchange('b'))
  expect(capture.get('b')?.id).toBe('b')
})
