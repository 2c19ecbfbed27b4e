import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { ClientHttp2Session } from 'node:http2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HTTP1, PROTOCOLS } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { connectH2, requestH2 } from '../support/h2-client.js'
import { FLAG, FrameClient, frame, literal, request, TYPE } from '../support/hostile/h2-frames.js'
import { RawClient } from '../support/raw-client.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'

const LIMITS = { connections: 60, queue: 3, headerCount: 50, headerBytes: 8_192, urlBytes: 1_024 }
/** Most connections to one backend; what comes then waits in its queue. */
const POOL = 1_024

let upstream: TestUpstream
let gateway: TestGateway
let held: ServerResponse[] = []

beforeAll(async () => {
  upstream = await startUpstream((incoming, response) => {
    if (incoming.url?.startsWith('/hold')) held.push(response)
    else response.end('ok')
  })
  gateway = await startGateway({ limits: LIMITS, apps: [{ name: 'app', port: upstream.port }] })
})

afterAll(async () => {
  await gateway.stop()
  await upstream.close()
})

test('connections beyond the limit are closed at once, and served again when others have gone', async () => {
  const clients = await Promise.all(Array.from({ length: LIMITS.connections }, () => RawClient.connect(gateway)))
  await expect(HTTP1.request(gateway)).rejects.toThrow(/reset|disconnected|hang up|EPIPE/)
  clients[0]?.send('GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
  await clients[0]?.receive(/ok$/)
  for (const client of clients) client.destroy()
  await until(
    () =>
      HTTP1.request(gateway).then(
        ({ text }) => text === 'ok',
        () => false,
      ),
    'service resumes',
  )
})

describe.each(PROTOCOLS)('over $name', (client) => {
  test('too many header fields are answered with 431', async () => {
    const headers = Array.from({ length: LIMITS.headerCount + 1 }, (_, i): [string, string] => [`x-${i}`, 'y'])
    expect((await client.request(gateway, { headers })).status).toBe(431)
  })

  test('a URL that is too long is answered with 414', async () => {
    expect((await client.request(gateway, { path: `/${'u'.repeat(LIMITS.urlBytes)}` })).status).toBe(414)
  })

  test('a head that is too large reaches no backend', async () => {
    const before = upstream.heads
    const headers: [string, string][] = [['x-big', 'y'.repeat(LIMITS.headerBytes)]]
    const outcome = await client.request(gateway, { headers }).then(
      ({ status }) => status,
      () => 'reset',
    )
    expect([431, 'reset']).toContain(outcome)
    expect(upstream.heads).toBe(before)
  })
})

test('a header list that HPACK makes large is refused on its stream, and the connection goes on', async () => {
  const client = await FrameClient.connect(gateway)
  const before = upstream.heads
  const fields = Buffer.concat(Array.from({ length: 400 }, (_, i) => literal(`x-${i}`, 'v')))
  client.send(frame(TYPE.HEADERS, FLAG.END_HEADERS | FLAG.END_STREAM, 1, Buffer.concat([request(), fields])))
  await until(() => client.count(TYPE.RST_STREAM) + client.count(TYPE.HEADERS) > 0, 'it is refused')
  client.send(frame(TYPE.HEADERS, FLAG.END_HEADERS | FLAG.END_STREAM, 3, request()))
  await until(() => upstream.heads === before + 1, 'the next request is forwarded')
  client.destroy()
})

test('more requests than a backend has connections wait in its queue, and those beyond it get 503', async () => {
  held = []
  const sessions: ClientHttp2Session[] = []
  const outcomes: number[] = []
  while (sessions.length * 100 < POOL + LIMITS.queue + 50) {
    const session = await connectH2(gateway)
    sessions.push(session)
    for (let i = 0; i < 100; i++)
      void requestH2(session, gateway, { path: '/hold' }).then(
        ({ status }) => outcomes.push(status),
        () => outcomes.push(0),
      )
  }
  const refused = sessions.length * 100 - POOL - LIMITS.queue
  await until(
    () => outcomes.length === refused,
    () => `${outcomes.length} of ${refused} refused`,
    15_000,
  )
  expect(new Set(outcomes)).toEqual(new Set([503]))
  await until(
    () => held.length === POOL,
    () => `the backend has ${held.length} of ${POOL}`,
    15_000,
  )
  for (const session of sessions) session.destroy()
  await until(async () => (await HTTP1.request(gateway)).text === 'ok', 'service resumes')
  await until(() => upstream.connections.size < 10, 'the backend is free')
}, 40_000)

test('a pipeline has an end: what is behind it neither reaches a backend nor is held', async () => {
  held = []
  const before = upstream.heads
  const client = await RawClient.connect(gateway)
  const line = 'GET /hold HTTP/1.1\r\nHost: app.localhost\r\n\r\n'
  for (let i = 0; i < 200; i++) client.send(line.repeat(100))
  await until(
    () => held.length === 100,
    () => `100 are held: ${held.length}`,
  )
  const answer = (response: ServerResponse) => response.end('done')
  held.forEach(answer)
  const received = await client.closed()
  expect(received.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(100)
  expect(received).toMatch(/Connection: close[\s\S]*done$/)
  expect(upstream.heads - before).toBe(100)
})

test('a client that keeps sending a body nobody wants is cut', async () => {
  const client = await RawClient.connect(gateway, { sni: null })
  client.send('POST / HTTP/1.1\r\nHost: nobody.localhost\r\nContent-Length: 100000000\r\n\r\n')
  await client.receive(/^HTTP\/1\.1 404 /)
  const timer = setInterval(() => client.send('x'.repeat(1_000)), 100)
  const start = performance.now()
  await Promise.race([once(client.socket, 'close'), client.closed(13_000)])
  clearInterval(timer)
  expect(performance.now() - start).toBeLessThan(13_000)
  client.destroy()
})
