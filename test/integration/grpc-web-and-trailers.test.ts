import { once } from 'node:events'
import http2, { type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { connectH2 } from '../support/h2-client.js'
import { pairs, startUpstream, type TestUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'

interface Arrived {
  path: string
  fields: Record<string, unknown>
  body: Buffer
  trailers: [string, string][]
}

/** What the client has of an answer so far. */
interface Stream {
  readonly status: number
  readonly fields: Record<string, unknown>
  readonly body: Buffer
  readonly ended: boolean
}

/** One client's way to send a body piece by piece, with trailers behind it. */
interface Sender {
  name: string
  post(
    path: string,
    fields: Record<string, string>,
    body: Buffer,
    trailers?: Record<string, string | string[]>,
  ): Promise<Stream>
}

let http1: TestUpstream
let http2Port: number
let gateway: TestGateway
let arrived: Arrived[]
/** streams that are to be refused before one is taken */
let refusals = 0
/** messages that the backends send when told to */
let release: (() => void)[] = []
const closing: (() => unknown)[] = []

const text = (bytes: string) => Buffer.from(bytes, 'latin1')
const MESSAGE = text('\0\0\0\0\x05hello')
const SECOND = text('\0\0\0\0\x05world')
const END = text('\x80\0\0\0\x10grpc-status: 0\r\n')

beforeAll(async () => {
  http1 = await startUpstream((request, response, received) => {
    arrived.push({ path: received.target, fields: request.headers, body: received.body, trailers: received.trailers })
    const coded = request.headers['content-type']?.includes('-text') === true
    const send = (bytes: Buffer) => (coded ? bytes.toString('base64') : bytes)
    response.writeHead(200, { 'Content-Type': request.headers['content-type'] ?? 'text/plain' })
    response.write(send(MESSAGE))
    release.push(() => {
      response.write(send(SECOND))
      response.end(send(END))
    })
  })
  const server = http2.createServer()
  server.on('stream', (stream, headers) => void answer(stream, headers))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  http2Port = (server.address() as AddressInfo).port
  const sessions = new Set<http2.ServerHttp2Session>()
  server.on('session', (session) => sessions.add(session))
  const to = (port: number, more: object) => ({ backends: [{ url: `http://127.0.0.1:${port}` }], ...more })
  gateway = await startGateway({
    apps: [
      {
        name: 'app',
        routes: [
          { path: '/h1/*', upstream: to(http1.port, {}) },
          { path: '/h2/*', upstream: to(http2Port, { protocol: 'h2' }) },
          {
            path: '/delayed/*',
            upstream: to(http2Port, { protocol: 'h2' }),
            policies: { faults: { delay: { time: '20ms' } } },
          },
        ],
      },
    ],
  } as never)
  closing.push(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
})

beforeEach(() => {
  arrived = []
  release = []
  refusals = 0
})

afterAll(async () => {
  for (const close of closing.reverse()) await close()
  await gateway.stop()
  await http1.close()
})

async function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
  stream.on('error', () => {})
  if (refusals > 0) {
    refusals -= 1
    stream.close(http2.constants.NGHTTP2_REFUSED_STREAM)
    return
  }
  const chunks: Buffer[] = []
  let trailers: [string, string][] = []
  stream.on('trailers', (_fields, _flags, raw) => {
    trailers = pairs(raw as unknown as string[])
  })
  for await (const chunk of stream) chunks.push(chunk)
  arrived.push({ path: String(headers[':path']), fields: headers, body: Buffer.concat(chunks), trailers })
  const type = String(headers['content-type'])
  const send = (bytes: Buffer) => (type.includes('-text') ? bytes.toString('base64') : bytes)
  stream.respond({ ':status': 200, 'content-type': type })
  stream.write(send(MESSAGE))
  release.push(() => {
    stream.write(send(SECOND))
    stream.end(send(END))
  })
}

const OVER_HTTP1: Sender = {
  name: 'HTTP/1.1',
  post: async (path, fields, body, trailers) => {
    const request = https.request({
      ...{ host: '127.0.0.1', port: gateway.httpsPort, servername: 'app.localhost', ca: gateway.ca, agent: false },
      ...{ method: 'POST', path },
      headers: { Host: `app.localhost:${gateway.httpsPort}`, 'Transfer-Encoding': 'chunked', ...fields },
    })
    request.write(body.subarray(0, 3))
    request.write(body.subarray(3))
    if (trailers !== undefined)
      request.addTrailers(
        Object.entries(trailers).flatMap(([name, all]) => [all].flat().map((one) => [name, one] as const)),
      )
    request.end()
    const [response] = await once(request, 'response')
    return readingOf(response, response.statusCode, response.headers)
  },
}

const OVER_HTTP2: Sender = {
  name: 'HTTP/2',
  post: async (path, fields, body, trailers) => {
    const session = await connectH2(gateway)
    closing.push(() => session.destroy())
    const stream = session.request(
      { ':method': 'POST', ':path': path, ':authority': `app.localhost:${gateway.httpsPort}`, ...fields },
      { waitForTrailers: trailers !== undefined },
    )
    stream.on('wantTrailers', () => stream.sendTrailers(trailers ?? {}))
    stream.write(body.subarray(0, 3))
    stream.end(body.subarray(3))
    const [headers] = await once(stream, 'response')
    return readingOf(stream, headers[':status'], headers)
  },
}

function readingOf(stream: NodeJS.ReadableStream, status: number, fields: Record<string, unknown>): Stream {
  const reading = { status, fields, body: Buffer.alloc(0), ended: false }
  stream.on('data', (chunk: Buffer) => {
    reading.body = Buffer.concat([reading.body, chunk])
  })
  stream.on('end', () => {
    reading.ended = true
  })
  return reading
}

describe.each([OVER_HTTP1, OVER_HTTP2])('from a client of $name', (sender) => {
  test.each([
    ['HTTP/1.1', '/h1', 'application/grpc-web+proto'],
    ['HTTP/1.1', '/h1', 'application/grpc-web-text'],
    ['HTTP/2', '/h2', 'application/grpc-web+proto'],
    ['HTTP/2', '/h2', 'application/grpc-web-text'],
  ])('gRPC-Web reaches a backend of %s (%s) as it is, and comes back message by message: %s', async (_, at, type) => {
    const sent = type.includes('-text') ? Buffer.from(MESSAGE.toString('base64')) : MESSAGE
    const back = (bytes: Buffer) => (type.includes('-text') ? Buffer.from(bytes.toString('base64')) : bytes)
    const reading = await sender.post(`${at}/shop.Orders/Watch`, { 'content-type': type, 'x-grpc-web': '1' }, sent)
    const first = back(MESSAGE)
    await until(() => reading.body.length >= first.length, 'the first message')
    expect([reading.status, reading.fields['content-type'], reading.body.equals(first)]).toEqual([200, type, true])
    expect(arrived[0]?.body.equals(sent)).toBe(true)
    expect([arrived[0]?.fields['content-type'], arrived[0]?.fields['x-grpc-web']]).toEqual([type, '1'])
    release[0]?.()
    await until(() => reading.ended, 'the end')
    expect(reading.body.equals(Buffer.concat([first, back(SECOND), back(END)]))).toBe(true)
  })

  const trailers = { 'x-sum': 'abc', 'x-many': ['1', '2'], host: 'evil.localhost', authorization: 'Basic x' }
  const sendWithTrailers = async (path: string) => {
    const posted = sender.post(path, { trailer: 'x-sum', 'content-type': 'text/plain' }, text('the body'), trailers)
    await until(() => release.length === 1, 'the request at the backend')
    release[0]?.()
    await posted
    return arrived[0] as Arrived
  }

  test.each(['/h2/plain', '/delayed/by-a-policy'])('trailers go on to a backend of HTTP/2: %s', async (path) => {
    const got = await sendWithTrailers(path)
    expect(got.body.toString()).toBe('the body')
    expect(got.trailers).toEqual([
      ['x-sum', 'abc'],
      ['x-many', '1'],
      ['x-many', '2'],
    ])
    expect(got.fields).not.toHaveProperty('x-sum')
  })

  test('trailers go with a request that is sent once more', async () => {
    refusals = 1
    const got = await sendWithTrailers('/h2/again')
    expect([got.body.toString(), got.trailers.length, refusals]).toEqual(['the body', 3, 0])
  })

  test('trailers end at a backend of HTTP/1.1, which gets the whole body and none of them as fields', async () => {
    const got = await sendWithTrailers('/h1/plain')
    expect([got.body.toString(), got.trailers]).toEqual(['the body', []])
    for (const name of ['x-sum', 'x-many', 'authorization', 'trailer']) expect(got.fields).not.toHaveProperty(name)
  })
})
