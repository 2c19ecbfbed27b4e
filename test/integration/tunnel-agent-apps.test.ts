import { once } from 'node:events'
import http from 'node:http'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import WebSocket from 'ws'
import { AppHop } from '../../src/main/engine/share/app-hop.js'
import { type SharedApp, sharedApp } from '../../src/main/engine/share/shared-app.js'
import type { Listener } from '../../src/shared/contract.js'
import type { Fault } from '../../src/shared/fault.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { tunnelPair } from '../support/tunnel-pair.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until, within } from '../support/wait.js'
import { type SocketUpstream, startSocketUpstream } from '../support/websocket.js'

const PUBLIC = 'https://shop.relay.example'

let app: TestUpstream
/** requests that the app has not answered when they went away */
let abandoned = 0
let sockets: SocketUpstream
let gateway: TestGateway

beforeAll(async () => {
  app = await startUpstream((request, response, received) => {
    if (request.url === '/login') {
      const { host } = request.headers
      response.writeHead(302, { location: `http://${host}/form`, 'set-cookie': ['a=1; Domain=shop.localhost', 'b=2'] })
      response.end()
    } else if (request.url === '/trailers') {
      response.writeHead(200, { trailer: 'x-sum' })
      response.write('body')
      response.addTrailers({ 'x-sum': '42' })
      response.end()
    } else if (request.url === '/half') {
      response.writeHead(200, { 'content-length': 100 })
      response.write('half', () => response.destroy())
    } else if (request.url === '/never') {
      response.on('close', () => {
        abandoned += 1
      })
    } else response.end(received.body)
  })
  sockets = await startSocketUpstream((socket) => socket.on('message', (data) => socket.send(`you said ${data}`)))
  gateway = await startGateway({
    apps: [
      { name: 'shop', port: app.port },
      { name: 'live', port: sockets.port },
      { name: 'other', demo: true },
      { name: 'off', port: 1, enabled: false },
      { name: 'wild', hosts: ['*.wild.localhost'], port: app.port },
    ],
  })
})

afterAll(async () => {
  await gateway.stop()
  await app.close()
  await sockets.close()
})

/** A hop for one app, at the end of a real tunnel. @returns opens a connection as the relay does */
async function startHop(name: string, change: Partial<SharedApp> = {}) {
  const failures: string[] = []
  const hop = new AppHop({
    locate: async () => {
      const { apps, listeners } = gateway.engine.status()
      return { ...sharedApp(name, apps, listeners), ...change }
    },
    ca: () => gateway.ca,
    isOwn: async () => false,
    publicOrigin: () => PUBLIC,
    onFailure: (reason) => failures.push(reason),
  })
  onTestFinished(() => hop.close())
  const { relay } = await tunnelPair({ agent: { open: (stream) => hop.take(stream) } })
  const connect = () => {
    const stream = relay.open({ kind: 'app', name }, '192.0.2.7:1234', () => {})
    stream.on('error', () => {})
    return stream
  }
  return { connect, failures }
}

interface Asked {
  method?: string
  path?: string
  headers?: Record<string, string>
  body?: string
}

/** One request, as the relay's gateway sends it. */
async function ask(stream: Duplex, { method = 'GET', path = '/', headers = {}, body }: Asked = {}) {
  const all = {
    host: 'shop.relay.example',
    'x-forwarded-for': '203.0.113.7',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'shop.relay.example',
    ...headers,
  }
  const request = http.request({ method, path, headers: all, createConnection: () => stream as never })
  request.end(body)
  const failed = new Promise<never>((_, reject) => request.on('error', reject))
  failed.catch(() => {})
  const [response] = (await within(once(request, 'response'), 'an answer')) as [http.IncomingMessage]
  const chunks = within(Promise.race([response.toArray(), failed]), 'its body')
  const text = Buffer.concat(await chunks).toString()
  return { response, text, status: response.statusCode }
}

test('the app gets its own Host, and the public name and the visitor in X-Forwarded-*', async () => {
  const { connect } = await startHop('shop')
  const headers = { 'portico-relay-key': 'secret of the relay', 'x-kept': 'yes' }
  const { status, text } = await ask(connect(), { method: 'POST', path: '/echo?a=%20', headers, body: 'hello' })
  expect({ status, text }).toEqual({ status: 200, text: 'hello' })
  const seen = app.last()
  expect(seen).toMatchObject({ method: 'POST', target: '/echo?a=%20' })
  expect(seen.values('host')).toEqual([`shop.localhost:${gateway.httpsPort}`])
  expect([seen.values('portico-relay-key'), seen.values('x-kept')]).toEqual([[], ['yes']])
  expect(seen.values('x-forwarded-host')).toEqual(['shop.relay.example'])
  expect(seen.values('x-forwarded-proto')).toEqual(['https'])
  expect(seen.values('x-real-ip').concat(seen.values('x-forwarded-for'))[1]).toMatch(/^203\.0\.113\.7, /)
})

test('chunked bodies, trailers, several requests on one connection and answers without a body go through', async () => {
  const { connect } = await startHop('shop')
  const { text } = await ask(connect(), {
    method: 'PUT',
    path: '/chunked',
    headers: { 'transfer-encoding': 'chunked', expect: '100-continue' },
    body: 'x'.repeat(100_000),
  })
  expect(text).toHaveLength(100_000)
  const { response } = await ask(connect(), { path: '/trailers', headers: { te: 'trailers' } })
  expect(response.trailers).toEqual({ 'x-sum': '42' })
  const stream = connect()
  stream.write('HEAD /one HTTP/1.1\r\nHost: x\r\n\r\n')
  await until(() => app.requests.some(({ target }) => target === '/one'), 'the first request')
  stream.write('GET /two HTTP/1.1\r\nHost: x\r\n\r\n')
  await until(() => app.requests.some(({ target }) => target === '/two'), 'the second request')
  stream.destroy()
})

test("the app's own addresses in answers become public ones", async () => {
  const { connect } = await startHop('shop')
  const { response } = await ask(connect(), { path: '/login' })
  expect(response.headers.location).toBe(`${PUBLIC}/form`)
  expect(response.headers['set-cookie']).toEqual(['a=1', 'b=2'])
})

test('an answer that breaks off breaks off for the visitor too', async () => {
  const { connect } = await startHop('shop')
  await expect(ask(connect(), { path: '/half' })).rejects.toMatchObject({ error: 'reset' })
})

test('a WebSocket goes through; a handshake that is refused is answered', async () => {
  const { connect } = await startHop('live')
  const socket = new WebSocket('ws://shop.relay.example/live', { createConnection: () => connect() as never })
  await within(once(socket, 'open'), 'it opens')
  socket.send('hello')
  const [data] = await within(once(socket, 'message'), 'an answer')
  expect(String(data)).toBe('you said hello')
  expect(sockets.handshakes.at(-1)?.headers.host).toBe(`live.localhost:${gateway.httpsPort}`)
  socket.close()
  await within(once(socket, 'close'), 'it closes')
  const plain = await startHop('shop')
  const refused = new WebSocket('ws://shop.relay.example/', { createConnection: () => plain.connect() as never })
  const [error] = await within(once(refused, 'error'), 'it is refused')
  expect(error.message).toMatch(/^Unexpected server response: \d{3}$/)
})

test('whatever Host is sent, it is the one app that answers: no other, and not the panel', async () => {
  const { connect } = await startHop('shop')
  for (const host of ['portico.localhost', 'other.localhost', `other.localhost:${gateway.httpsPort}`]) {
    expect((await ask(connect(), { path: '/who', headers: { host } })).status).toBe(200)
    expect(app.last().values('host')).toEqual([`shop.localhost:${gateway.httpsPort}`])
  }
  const stream = connect()
  stream.write('GET https://portico.localhost/ HTTP/1.1\r\nHost: portico.localhost\r\n\r\n')
  const [answer] = await within(once(stream, 'data'), 'a refusal')
  expect(String(answer)).toMatch(/^HTTP\/1.1 (400|421) /)
  stream.destroy()
})

test('even with a Host of the panel the gateway refuses on a connection for the app', async () => {
  const { connect } = await startHop('shop', { authority: 'portico.localhost' })
  expect((await ask(connect())).status).toBe(421)
})

test('a gateway that is not there is a 502 that tells nothing of this machine', async () => {
  const { connect, failures } = await startHop('shop', { port: 1 })
  const { status, text } = await ask(connect())
  expect({ status, text }).toEqual({ status: 502, text: 'This app is not running at the moment.\n' })
  expect(failures[0]).toContain('ECONNREFUSED')
})

test('a gateway that does not have the certificate of the local authority gets no request', async () => {
  const { connect, failures } = await startHop('shop', { serverName: 'elsewhere.example' })
  expect((await ask(connect())).status).toBe(502)
  expect(failures).toHaveLength(1)
})

test('a visitor who goes away is gone for the app too', async () => {
  const { connect } = await startHop('live')
  const stream = connect()
  stream.write(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==\r\n\r\n',
  )
  await within(once(stream, 'data'), 'the upgrade')
  await until(() => sockets.server.clients.size === 1, 'the app has the WebSocket')
  stream.destroy()
  await until(() => sockets.server.clients.size === 0, 'the app is told')
})

test('a visitor who goes away before the app has answered is gone for it too, with a request or a handshake', async () => {
  const { connect } = await startHop('shop')
  for (const fields of [
    '',
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==\r\n',
  ]) {
    const before = app.heads
    const stream = connect()
    stream.write(`GET /never HTTP/1.1\r\nHost: x\r\n${fields}\r\n`)
    await until(() => app.heads > before, 'the app is asked')
    abandoned = 0
    stream.destroy()
    await until(() => abandoned === 1, 'the app is told')
  }
})

test('which apps can be shared, and by which name and address they are reached', () => {
  const { apps } = gateway.engine.status()
  const https = (address: string, port: number, publicPort?: number): Listener => ({
    address,
    port,
    protocol: 'https',
    ...(publicPort === undefined ? {} : { publicPort }),
  })
  const local = [
    { address: '127.0.0.1', port: 80, protocol: 'http' } as const,
    https('::1', 443),
    https('127.0.0.1', 443),
  ]
  expect(sharedApp('shop', apps, local)).toEqual({
    address: '127.0.0.1',
    port: 443,
    serverName: 'shop.localhost',
    authority: 'shop.localhost',
  })
  expect(sharedApp('wild', apps, [https('0.0.0.0', 4443)])).toMatchObject({
    address: '127.0.0.1',
    serverName: 'share.wild.localhost',
    authority: 'share.wild.localhost:4443',
  })
  expect(sharedApp('shop', apps, [https('::', 4443, 443)])).toMatchObject({
    address: '::1',
    port: 4443,
    authority: 'shop.localhost',
  })
  const codeOf = (name: string, listeners: Listener[]) => {
    try {
      return sharedApp(name, apps, listeners).address
    } catch (thrown) {
      return (thrown as Fault).code
    }
  }
  expect([codeOf('nobody', local), codeOf('off', local), codeOf('shop', [])]).toEqual([
    'not-found',
    'app-disabled',
    'not-running',
  ])
})
