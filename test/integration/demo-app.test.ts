import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROTOCOLS } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { connectH2 } from '../support/h2-client.js'
import { RawClient } from '../support/raw-client.js'
import { until, within } from '../support/wait.js'
import { closed, DOORS, endSession, extendedConnect, HTTP1, message } from '../support/websocket.js'

let gateway: TestGateway

beforeAll(async () => {
  gateway = await startGateway({ apps: [{ name: 'app', demo: true }] }, { drainMs: 3_000 })
})

afterAll(async () => {
  await endSession(gateway)
  await gateway.stop()
})

describe.each(PROTOCOLS)('the demo over $name', (protocol) => {
  const get = (path: string) => protocol.request(gateway, { path })

  test('is a page that may load nothing from elsewhere and nothing inline', async () => {
    const page = await get('/')
    expect(page.status).toBe(200)
    expect(page.values('content-type')).toEqual(['text/html; charset=utf-8'])
    const [policy = ''] = page.values('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    expect(page.text).not.toMatch(/<style|<script>|style=|\son\w+=|https?:\/\/(?!shop\.localhost)/)
    const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path)
    expect(assets).toEqual(['demo.css', 'demo.js'])
    for (const asset of assets) expect((await get(`/${asset}`)).status).toBe(200)
  })

  test('tells what the gateway did with the request, and nothing that the browser keeps to itself', async () => {
    const headers: [string, string][] = [
      ['cookie', 'secret=hidden'],
      ['authorization', 'Bearer hidden'],
    ]
    const answer = await protocol.request(gateway, { path: `/api/facts?${protocol.name}`, headers })
    const facts = JSON.parse(answer.text)
    expect(facts).toMatchObject({
      protocol: protocol.name,
      tls: { version: 'TLSv1.3', serverName: 'app.localhost' },
      client: '127.0.0.1',
      host: `app.localhost:${gateway.httpsPort}`,
    })
    expect(facts.added).toEqual(
      expect.arrayContaining([
        ['X-Forwarded-For', '127.0.0.1'],
        ['X-Forwarded-Proto', 'https'],
        ['X-Forwarded-Host', `app.localhost:${gateway.httpsPort}`],
      ]),
    )
    expect(answer.text).not.toContain('hidden')
    const entry = await gateway.entry(`/api/facts?${protocol.name}`)
    expect(entry).toMatchObject({ id: facts.request, app: 'app', status: 200, backend: null, error: null })
  })

  test.each([
    ['/api/missing', 404],
    ['/api/broken', 500],
    ['/api/no-such', 404],
    ['/toString', 404],
    ['/api/socket', 400],
    ['/api/echo', 405],
    ['/api/hello?wait=20', 200],
    ['/api/hello?wait=never', 200],
  ])('answers %s with %i', async (path, status) => {
    expect((await get(path)).status).toBe(status)
  })

  test('echoes a body as text, up to a megabyte', async () => {
    const post = (body: string) => protocol.request(gateway, { method: 'POST', path: '/api/echo', body })
    const echoed = await post('<script>hello</script>')
    expect(echoed).toMatchObject({ status: 200, text: '<script>hello</script>' })
    expect(echoed.values('content-type')).toEqual(['text/plain; charset=utf-8'])
    expect(echoed.values('x-content-type-options')).toEqual(['nosniff'])
    expect((await post('x'.repeat(1024 * 1024))).body).toHaveLength(1024 * 1024)
    expect((await post('x'.repeat(1024 * 1024 + 1))).status).toBe(413)
  })
})

test('a client that does not wait for a late answer costs nothing', async () => {
  const client = await RawClient.connect(gateway)
  client.send('GET /api/hello?wait=9999&gone HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
  client.socket.destroy()
  const entry = await gateway.entry('/api/hello?wait=9999&gone')
  expect(entry.totalMs).toBeLessThan(9_000)
})

test('an event is sent a second, until the client has enough', async () => {
  const session = await connectH2(gateway)
  const stream = session.request({ ':path': '/api/ticks', ':authority': `app.localhost:${gateway.httpsPort}` })
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  await until(() => text.includes('id: 2\n'), 'the second event')
  expect(text).toMatch(/^id: 1\ndata: \{"count":1,"time":"[^"]+"\}\n\nid: 2\n/)
  stream.close()
  await gateway.entry('/api/ticks')
  session.destroy()
})

describe.each(DOORS)('a WebSocket over $name', ({ connect }) => {
  test('gets back what it sends, text and bytes', async () => {
    const socket = await connect(gateway, '/api/socket')
    socket.send('hello')
    expect(await message(socket)).toMatchObject({ data: Buffer.from('hello'), isBinary: false })
    const bytes = Buffer.alloc(100_000, 7)
    socket.send(bytes)
    expect(await message(socket)).toMatchObject({ data: bytes, isBinary: true })
    socket.close(1000)
    expect(await closed(socket)).toMatchObject({ code: 1000 })
  })
})

test('a WebSocket to elsewhere is refused over HTTP/2, where a page would count as accepted', async () => {
  const stream = await extendedConnect(gateway, '/')
  const [headers] = (await within(once(stream, 'response'), 'the answer')) as [{ ':status': number }]
  expect(headers[':status']).toBe(404)
  stream.close()
})

test('events and WebSockets end when the gateway stops', async () => {
  const own = await startGateway({ apps: [{ name: 'app', demo: true }] })
  const socket = await HTTP1.connect(own, '/api/socket')
  const client = await RawClient.connect(own)
  client.send('GET /api/ticks HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
  await client.receive(/"count":1/)
  const ended = closed(socket)
  await own.stop()
  expect(await ended).toMatchObject({ code: 1001 })
  await client.closed()
})
