import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { readStream } from '../support/h2-client.js'
import { gatewayFor, handshake, KEY, rawUpstream, refused, socketUpstream } from '../support/handshake.js'
import { RawClient } from '../support/raw-client.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { closed, DOORS, endSession, extendedConnect } from '../support/websocket.js'

describe.each(DOORS)('over $name', (door) => {
  test('a dead backend is a 502 with a page, and the next one is tried first', async () => {
    const upstream = await socketUpstream()
    const dead = 'http://127.0.0.1:1'
    const gateway = await gatewayFor({
      apps: [
        {
          name: 'app',
          routes: [
            { path: '/', upstream: { backends: [{ url: dead }] } },
            { path: '/two', upstream: { backends: [{ url: dead }, { url: upstream.url }], balance: 'first' } },
          ],
        },
      ],
    })
    const answer = await refused(door.name, gateway)
    expect(answer.status).toBe(502)
    expect(answer.body).toContain('Nothing listens on 127.0.0.1:1')
    const client = await door.connect(gateway, '/two')
    client.close()
    await closed(client)
    expect(await gateway.entry('/two')).toMatchObject({ status: door.acceptedStatus, backend: upstream.url })
  })

  test('a backend that never answers is a 504, and its connection is closed', async () => {
    const upstream = await rawUpstream(() => {})
    const gateway = await gatewayFor({
      defaults: { timeouts: { response: '400ms' } },
      apps: [{ name: 'app', port: upstream.port }],
    })
    const answer = await refused(door.name, gateway)
    expect(answer.status).toBe(504)
    expect(answer.body).toContain('did not answer within 400 ms')
    await expect.poll(() => upstream.sockets[0]?.destroyed || upstream.sockets[0]?.readableEnded).toBe(true)
  })

  test.each([
    ['garbage', 'no http at all\r\n\r\n', /not valid HTTP/],
    ['a switch to something else', 'HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n', /not to WebSocket/],
    ['a switch without Upgrade', 'HTTP/1.1 101 X\r\nSec-WebSocket-Accept: x\r\n\r\n', /lacks Upgrade/],
  ])('%s from the backend is a 502', async (_what, bytes, message) => {
    const upstream = await rawUpstream(({ socket }) => socket.write(bytes))
    const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
    const answer = await refused(door.name, gateway)
    expect(answer.status).toBe(502)
    expect(answer.body).toMatch(message)
  })

  test('a backend that hangs up without an answer is a 502', async () => {
    for (const hangUp of ['end', 'resetAndDestroy'] as const) {
      const upstream = await rawUpstream(({ socket }) => socket[hangUp]())
      const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
      const answer = await refused(door.name, gateway)
      expect(answer.status).toBe(502)
      expect(answer.body).toContain('closed the connection without an answer')
    }
  })

  test('more WebSockets than the limit allows are a 503 until one ends', async () => {
    const upstream = await socketUpstream()
    const gateway = await gatewayFor({ limits: { tunnels: 2 }, apps: [{ name: 'app', port: upstream.port }] })
    const first = await door.connect(gateway)
    const second = await door.connect(gateway)
    const answer = await refused(door.name, gateway, '/third')
    expect(answer.status).toBe(503)
    expect(answer.field('retry-after')).toBe('1')
    first.close()
    await closed(first)
    await gateway.entry('/')
    const third = await door.connect(gateway, '/again')
    for (const socket of [second, third]) {
      socket.close()
      await closed(socket)
    }
  })

  test('hosts and routes that are not there are refused with a page', async () => {
    const upstream = await socketUpstream()
    const gateway = await gatewayFor({
      apps: [{ name: 'app', routes: [{ path: '/ws', upstream: { backends: [{ url: upstream.url }] } }] }],
    })
    const answer = await refused(door.name, gateway, '/elsewhere')
    expect(answer.status).toBe(404)
    expect(answer.body).toContain('no route for /elsewhere')
    expect(await gateway.entry('/elsewhere')).toMatchObject({ status: 404 })
  })
})

describe('what is no handshake is refused before a backend sees it', () => {
  let upstream: TestUpstream
  let gateway: TestGateway

  beforeAll(async () => {
    upstream = await startUpstream()
    gateway = await startGateway({ apps: [{ name: 'app', port: upstream.port }] })
  })

  afterAll(async () => {
    await endSession(gateway)
    await gateway.stop()
    await upstream.close()
  })

  test.each([
    ['another version', { version: '8' }, 426],
    ['no key', { key: '' }, 400],
    ['a short key', { key: 'Sec-WebSocket-Key: c2hvcnQ=\r\n' }, 400],
    ['two keys', { key: `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Key: ${KEY}\r\n` }, 400],
    ['a body', { fields: 'Content-Length: 5\r\n' }, 400],
    ['a chunked body', { fields: 'Transfer-Encoding: chunked\r\n' }, 400],
  ])('%s over HTTP/1.1', async (_what, parts, status) => {
    const client = await RawClient.connect(gateway)
    const text = await client.send(handshake(gateway, parts)).closed()
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    if (status === 426) {
      expect(text).toMatch(/^Sec-WebSocket-Version: 13\r$/m)
      expect(text).toMatch(/^Upgrade: websocket\r$/m)
    }
    expect(upstream.heads).toBe(0)
  })

  test('another version over HTTP/2', async () => {
    const { status, fields } = await readStream(await extendedConnect(gateway, '/', [['sec-websocket-version', '8']]))
    expect(status).toBe(426)
    expect(fields).toContainEqual(['sec-websocket-version', '13'])
    expect(upstream.heads).toBe(0)
  })
})

test('a handshake behind a request that has no answer yet is a plain request, and harms nobody', async () => {
  const upstream = await startUpstream((request, response) => {
    setTimeout(() => response.end(`answer to ${request.url}`), request.url === '/slow' ? 100 : 0)
  })
  onTestFinished(() => upstream.close())
  const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
  const client = await RawClient.connect(gateway)
  const slow = `GET /slow HTTP/1.1\r\nHost: app.localhost:${gateway.httpsPort}\r\n\r\n`
  const text = await client.send(slow + handshake(gateway, { target: '/ws' })).receive('answer to /ws')
  expect(client.statuses()).toEqual([200, 200])
  expect(text.indexOf('answer to /slow')).toBeLessThan(text.indexOf('answer to /ws'))
  expect(upstream.last().values('upgrade')).toEqual([])
  client.destroy()
  const socketClient = await RawClient.connect(gateway)
  await socketClient.send(slow).receive('answer to /slow')
  await socketClient.send(handshake(gateway, { target: '/later' })).receive('answer to /later')
  expect(upstream.last().values('upgrade')).toEqual(['websocket'])
  socketClient.destroy()
})

test('over HTTP/2 a backend that has not read the key is a 502', async () => {
  const upstream = await rawUpstream(({ socket }) =>
    socket.write(
      'HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
    ),
  )
  const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
  const answer = await refused('HTTP/2', gateway)
  expect(answer.status).toBe(502)
  expect(answer.body).toContain('Sec-WebSocket-Accept is wrong')
})
