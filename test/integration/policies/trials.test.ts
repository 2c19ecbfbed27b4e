import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { HTTP1, PROTOCOLS } from '../../support/client.js'
import { gatewayOf, upstreamOf } from '../../support/for-this-test.js'
import { until } from '../../support/wait.js'
import { startSocketUpstream, HTTP1 as WS_HTTP1 } from '../../support/websocket.js'

const app = (upstream: { port: number }, policies: object) => ({
  apps: [{ name: 'app', port: upstream.port, policies: policies as never }],
})

describe.each(PROTOCOLS)('over $name', (protocol) => {
  test('a fixed answer needs no backend', async () => {
    const respond = { status: 418, headers: { 'X-Kind': 'pot' }, body: '{"short":true}' }
    const gateway = await gatewayOf(app({ port: 9 }, { respond }))
    const answer = await protocol.request(gateway)
    expect([answer.status, answer.values('x-kind'), answer.values('content-type'), answer.text]).toEqual([
      ...[418, ['pot'], ['application/json'], '{"short":true}'],
    ])
    const head = await protocol.request(gateway, { method: 'HEAD' })
    expect([head.status, head.values('content-length'), head.body.length]).toEqual([418, ['14'], 0])
  })

  test('errors on purpose are the answer, and connections that are to break do', async () => {
    const upstream = await upstreamOf()
    const gateway = await gatewayOf(app(upstream, { faults: { error: { status: 503 } } }))
    const answer = await protocol.request(gateway)
    expect([answer.status, answer.text.includes('policy "faults"')]).toEqual([503, true])
    await gateway.configure(app(upstream, { faults: { abort: {} } }))
    await expect(protocol.request(gateway)).rejects.toThrow()
    expect(gateway.entries().at(-1)?.error).toContain('"faults"')
    await gateway.configure(app(upstream, { faults: { enabled: false, abort: {} } }))
    expect((await protocol.request(gateway)).status).toBe(200)
    expect(upstream.requests).toHaveLength(1)
  })

  test('a bandwidth is kept to, nothing is lost, and the backend is made to wait', async () => {
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251))
    const upstream = await upstreamOf((_incoming, response) => response.end(body))
    const gateway = await gatewayOf(app(upstream, { faults: { bandwidth: 400_000 } }))
    const begun = performance.now()
    const answer = await protocol.request(gateway)
    expect(answer.body.equals(body)).toBe(true)
    // A lower bound is no matter of how fast the machine is: 300 kB at 400 kB/s.
    expect(performance.now() - begun).toBeGreaterThan(600)
  })
})

test('a delay holds the request back, and a client that does not wait for it is forgotten', async () => {
  const upstream = await upstreamOf()
  const gateway = await gatewayOf(app(upstream, { faults: { delay: { time: '300ms' } } }))
  const begun = performance.now()
  await HTTP1.request(gateway)
  expect(performance.now() - begun).toBeGreaterThanOrEqual(290)
  await gateway.configure(app(upstream, { faults: { delay: { time: '1h' } } }))
  const leaving = HTTP1.request(gateway, { path: '/gone', signal: AbortSignal.timeout(200) }).catch(() => null)
  await leaving
  expect(await gateway.entry('/gone')).toMatchObject({ status: 0 })
  expect(upstream.requests).toHaveLength(1)
})

test('a delay and an error strike WebSocket handshakes too', async () => {
  const sockets = await startSocketUpstream()
  onTestFinished(() => sockets.close())
  const gateway = await gatewayOf(app(sockets, { faults: { delay: { time: '50ms' }, error: { status: 502 } } }))
  await expect(WS_HTTP1.connect(gateway)).rejects.toThrow('502')
  await gateway.configure(app(sockets, { faults: { delay: { time: '50ms' }, bandwidth: 10 } }))
  const socket = await WS_HTTP1.connect(gateway)
  socket.terminate()
})

test('a fixed answer from a file follows the file, and one that is gone is told', async () => {
  const gateway = await gatewayOf(app({ port: 9 }, { respond: { file: 'page.html' } }))
  const file = path.join(path.dirname(gateway.configFile), 'page.html')
  const missing = await HTTP1.request(gateway)
  expect([missing.status, missing.text.includes(file)]).toEqual([500, true])
  await writeFile(file, '<p>one</p>')
  const one = await HTTP1.request(gateway)
  expect([one.text, one.values('content-type')]).toEqual(['<p>one</p>', ['text/html; charset=utf-8']])
  await writeFile(file, '<p>two</p>')
  expect((await HTTP1.request(gateway)).text).toBe('<p>two</p>')
})

test('requests are copied to the mirror with their bodies, and its troubles reach nobody', async () => {
  const mirror = await upstreamOf((_incoming, response) => {
    response.statusCode = 500
    response.end('ignored')
  })
  const upstream = await upstreamOf((_incoming, response) => response.end('real'))
  const gateway = await gatewayOf({
    apps: [
      { name: 'app', port: upstream.port, policies: { mirror: { app: 'copy', maxBodyBytes: 100_000 } } },
      { name: 'copy', port: mirror.port },
    ],
  })
  const body = 'x'.repeat(90_000)
  const answer = await HTTP1.request(gateway, { method: 'POST', path: '/orders?a=1', body, headers: [['x-mine', '1']] })
  expect(answer.text).toBe('real')
  await until(() => mirror.requests.length === 1, 'the copy arrives')
  const copy = mirror.last()
  expect([copy.method, copy.target, copy.body.toString()]).toEqual(['POST', '/orders?a=1', body])
  expect([copy.values('x-mine'), copy.values('host'), copy.values('x-forwarded-host').length]).toEqual([
    ...[['1'], ['copy.localhost'], 1],
  ])
  expect(upstream.last().body.toString()).toBe(body)
  await HTTP1.request(gateway, { method: 'POST', body: 'y'.repeat(100_001) })
  await HTTP1.request(gateway, { method: 'POST', body: 'y'.repeat(200_000), chunked: true })
  await HTTP1.request(gateway, { path: '/last' })
  await until(() => mirror.requests.some(({ target }) => target === '/last'), 'the last copy arrives')
  expect(mirror.requests.map(({ method, target }) => `${method} ${target}`)).toEqual(['POST /orders?a=1', 'GET /last'])
  await mirror.close()
  expect((await HTTP1.request(gateway)).text).toBe('real')
})
