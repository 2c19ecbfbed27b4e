import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PROTOCOLS } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { type BlackHole, startBlackHole } from '../support/hostile/black-hole.js'
import { type RawExchange, type RawUpstream, startRawUpstream } from '../support/raw-upstream.js'
import { until } from '../support/wait.js'

let gateway: TestGateway
let raw: RawUpstream
let script: (exchange: RawExchange) => void
let deaf: BlackHole

beforeAll(async () => {
  raw = await startRawUpstream((exchange) => script(exchange))
  deaf = await startBlackHole()
  const timeouts = { connect: '300ms', response: '400ms', idle: '400ms' }
  const route = (url: string) => [{ path: '/', upstream: { backends: [{ url }] }, timeouts }]
  gateway = await startGateway({
    apps: [
      { name: 'app', routes: route(raw.url) },
      { name: 'silent-tls', routes: route(`https://127.0.0.1:${raw.port}`) },
      { name: 'deaf', routes: route(`http://127.0.0.1:${deaf.port}`) },
    ],
  })
})

afterAll(async () => {
  await gateway.stop()
  await raw.close()
  await deaf.close()
})

beforeEach(() => {
  script = () => {}
})

describe.each(PROTOCOLS)('over $name', (client) => {
  test('a backend that does not accept the connection in time is 504', async () => {
    const answer = await client.request(gateway, { host: 'deaf.localhost' })
    expect(answer.status).toBe(504)
    expect(answer.text).toContain('did not accept a connection in time')
  })

  test('a backend that does not finish the TLS handshake in time is 504', async () => {
    expect((await client.request(gateway, { host: 'silent-tls.localhost' })).status).toBe(504)
  })

  test('a backend that does not answer in time is 504, with a page that names it, and its connection is closed', async () => {
    const before = raw.sockets.length
    const begun = performance.now()
    const answer = await client.request(gateway, { path: '/late' })
    expect(answer.status).toBe(504)
    expect(performance.now() - begun).toBeGreaterThan(390)
    expect(answer.text).toContain(raw.url.replace('http://', ''))
    expect(answer.text).toContain('timeouts.response')
    const used = raw.sockets[before] ?? raw.sockets.at(-1)
    await until(() => used?.destroyed || used?.readableEnded, 'the connection to the backend ends')
    expect(await gateway.entry('/late')).toMatchObject({
      status: 504,
      error: expect.stringContaining('did not answer'),
    })
  })

  test('an upload counts as activity; only after it the answer is waited for', async () => {
    script = ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    const answer = await client.request(gateway, { method: 'POST', body: Buffer.alloc(1_000_000) })
    expect(answer.status).toBe(200)
  })

  test('an answer that falls silent is broken off visibly', async () => {
    script = ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin')
    const answer = await client.request(gateway, { path: `/silent-${client.name}` })
    expect(answer.text).toBe('begin')
    expect(answer.broken).toBe(true)
    expect(await gateway.entry(`/silent-${client.name}`)).toMatchObject({
      status: 200,
      error: expect.stringContaining('silent'),
    })
  })

  test('an answer that keeps moving may take longer than every timeout', async () => {
    script = ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n')
      let sent = 0
      const timer = setInterval(() => {
        socket.write('x')
        if (++sent === 8) clearInterval(timer)
      }, 150)
    }
    const answer = await client.request(gateway)
    expect(answer.text).toBe('xxxxxxxx')
    expect(answer.broken).toBe(false)
  })

  test('an event stream may be silent for longer than the idle timeout', async () => {
    script = ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: 1\n\n')
      setTimeout(() => socket.end('data: 2\n\n'), 1_200)
    }
    const answer = await client.request(gateway)
    expect(answer.text).toBe('data: 1\n\ndata: 2\n\n')
    expect(answer.broken).toBe(false)
  })
})
