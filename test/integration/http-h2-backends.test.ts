import { once } from 'node:events'
import http2, { type ServerHttp2Stream } from 'node:http2'
import net, { type AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { curl } from '../support/curl.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { bytes, callUnary, grpcClient, metadata, startGrpcBackend } from '../support/grpc.js'
import { connectH2, requestH2 } from '../support/h2-client.js'
import { FLAG, frame, settings, TYPE, uint32 } from '../support/h2-wire.js'
import { startUpstream } from '../support/upstream.js'
import { until, within } from '../support/wait.js'

const open: { stop(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop()
})

type Respond = (stream: ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void

/** A well-behaved h2c server of node:http2. */
async function h2cServer(respond: Respond, options: http2.ServerOptions = {}): Promise<{ url: string; port: number }> {
  const server = http2.createServer(options)
  const sessions = new Set<http2.ServerHttp2Session>()
  server.on('session', (session) => sessions.add(session))
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    respond(stream, headers)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push({
    stop: () => {
      for (const session of sessions) session.destroy()
      server.close()
    },
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port }
}

async function gatewayTo(url: string, more: object = { protocol: 'h2' }): Promise<TestGateway> {
  const gateway = await startGateway({
    apps: [{ name: 'app', routes: [{ path: '/', upstream: { backends: [{ url }], ...more } }] }],
  })
  open.push(gateway)
  return gateway
}

function clientOf(gateway: TestGateway) {
  const client = grpcClient(gateway)
  open.push({ stop: () => client.close() })
  return client
}

/** Whatever frames are to be sent to the request on each stream; the connection is an HTTP/2 server's otherwise. */
async function rawH2(answer: (send: (bytes: Buffer) => void, stream: number, turn: number) => void): Promise<string> {
  const sockets: net.Socket[] = []
  let turn = 0
  const server = net.createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.write(settings())
    let rest = Buffer.alloc(0)
    let preface = false
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk])
      if (!preface && rest.length >= 24) {
        preface = true
        rest = rest.subarray(24)
      }
      while (preface && rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
        const [type, stream] = [rest[3], rest.readUInt32BE(5)]
        rest = rest.subarray(9 + rest.readUIntBE(0, 3))
        if (type === TYPE.HEADERS) answer((out) => socket.write(out), stream, ++turn)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push({
    stop: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const STATUS_200 = Buffer.from([0x88])
const END = FLAG.END_HEADERS | FLAG.END_STREAM

describe('a backend over HTTP/2', () => {
  test('answers clients of both versions, with the fields and the trailers that HTTP/1.1 backends have', async () => {
    const seen: http2.IncomingHttpHeaders[] = []
    const { url } = await h2cServer((stream, headers) => {
      seen.push(headers)
      stream.respond({ ':status': 201, 'content-type': 'text/html' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': 'abc' }))
      stream.end('<p>hello</p>')
    })
    const gateway = await gatewayTo(url)
    const old = await curl(gateway, `https://app.localhost/page?q=1`, '--http1.1', '--raw')
    const session = await connectH2(gateway)
    const answer = await requestH2(session, gateway, { path: '/page?q=1' })
    expect(answer.status).toBe(201)
    expect(String(answer.body)).toBe('<p>hello</p>')
    expect(answer.trailers).toEqual([['x-sum', 'abc']])
    session.destroy()
    expect(old).toMatch(/<p>hello<\/p>\r\n0\r\nx-sum: abc\r\n/i)
    expect(seen.at(-1)).toMatchObject({
      ':path': '/page?q=1',
      ':authority': `app.localhost:${gateway.httpsPort}`,
      'x-forwarded-proto': 'https',
    })
  })

  test('that refuses a stream gets the request once more, whatever its method', async () => {
    const bodies: string[] = []
    const { url } = await h2cServer((stream) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        bodies.push(String(Buffer.concat(chunks)))
        if (bodies.length === 1) return stream.close(http2.constants.NGHTTP2_REFUSED_STREAM)
        stream.respond({ ':status': 200 })
        stream.end('taken')
      })
    })
    const gateway = await gatewayTo(url)
    const session = await connectH2(gateway)
    const answer = await requestH2(session, gateway, { method: 'POST', body: 'order' })
    session.destroy()
    expect(String(answer.body)).toBe('taken')
    expect(bodies).toEqual(['order', 'order'])
  })

  test('that says GOAWAY before a request is asked again on another connection', async () => {
    const url = await rawH2((send, stream, turn) => {
      if (turn === 1) send(frame(TYPE.GOAWAY, 0, 0, Buffer.concat([uint32(0), uint32(0)])))
      else send(frame(TYPE.HEADERS, END, stream, STATUS_200))
    })
    const gateway = await gatewayTo(url)
    const session = await connectH2(gateway)
    const answer = await within(requestH2(session, gateway, { method: 'POST', body: 'x' }), 'an answer')
    session.destroy()
    expect(answer.status).toBe(200)
  })

  test.each([
    ['a frame that is too large', Buffer.concat([Buffer.from([0x7f, 0xff, 0xff, 0, 0, 0, 0, 0, 1])])],
    ['fields that cannot be decoded', frame(TYPE.HEADERS, END, 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))],
    ['a reset', frame(TYPE.RST_STREAM, 0, 1, uint32(2))],
    ['the text of HTTP/1.1', Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')],
  ])('that answers with %s is a bad gateway, and the next request is served anew', async (_name, answer) => {
    const url = await rawH2((send, stream, turn) =>
      send(turn === 1 ? answer : frame(TYPE.HEADERS, END, stream, STATUS_200)),
    )
    const gateway = await gatewayTo(url)
    const session = await connectH2(gateway)
    const first = await within(requestH2(session, gateway, { method: 'POST', body: 'x' }), 'an answer')
    expect(first.status).toBe(502)
    const second = await within(requestH2(session, gateway, { method: 'POST', body: 'x' }), 'the next answer')
    session.destroy()
    expect(second.status).toBe(200)
  })

  test('may take one request at a time: the others wait or get a connection of their own', async () => {
    const { url } = await h2cServer(
      (stream) => {
        stream.respond({ ':status': 200 })
        stream.end('ok')
      },
      { settings: { maxConcurrentStreams: 1 } },
    )
    const gateway = await gatewayTo(url, { protocol: 'h2', connections: { max: 3 } })
    const session = await connectH2(gateway)
    const answers = await within(
      Promise.all(Array.from({ length: 50 }, () => requestH2(session, gateway))),
      'all answers',
      15_000,
    )
    session.destroy()
    expect(answers.every(({ status }) => status === 200)).toBe(true)
  })
})

describe('gRPC at length', () => {
  test('10 MB messages pass both ways', async () => {
    const backend = await startGrpcBackend()
    open.push(backend)
    const gateway = await gatewayTo(`http://127.0.0.1:${backend.port}`, {})
    const message = Buffer.alloc(10 * 1024 * 1024, 'portico ')
    const { code, message: echoed } = await within(callUnary(clientOf(gateway), message), 'the echo', 30_000)
    expect(code).toBe(0)
    expect(echoed?.equals(message)).toBe(true)
  }, 40_000)

  test('a client that does not read holds its backend back', async () => {
    let sent = 0
    const backend = await startGrpcBackend({
      repeat: (call) => {
        const chunk = Buffer.alloc(64 * 1024)
        const more = () => {
          while (sent < 200 * 1024 * 1024) {
            sent += chunk.length
            if (!call.write(chunk)) return void call.once('drain', more)
          }
        }
        call.on('error', () => {})
        more()
      },
    })
    open.push(backend)
    const gateway = await gatewayTo(`http://127.0.0.1:${backend.port}`, {})
    // The client of node:http2, which takes nothing that is not read.
    const session = await connectH2(gateway)
    const call = [':method', 'POST', ':scheme', 'https', ':authority', `app.localhost:${gateway.httpsPort}`]
    const fields = [':path', '/test.Echo/Repeat', 'content-type', 'application/grpc', 'te', 'trailers']
    const stream = session.request([...call, ...fields])
    stream.on('error', () => {})
    stream.end(Buffer.from([0, 0, 0, 0, 1, 65]))
    let before = -1
    let since = performance.now()
    await until(
      () => {
        if (sent !== before) since = performance.now()
        before = sent
        return sent > 0 && performance.now() - since > 500
      },
      'the backend to be held back',
      15_000,
    )
    expect(sent).toBeLessThan(16 * 1024 * 1024)
    session.destroy()
  }, 20_000)

  test('1,000 calls are open at once', async () => {
    const backend = await startGrpcBackend()
    open.push(backend)
    const gateway = await gatewayTo(`http://127.0.0.1:${backend.port}`, {})
    let echoes = 0
    const calls = Array.from({ length: 10 }, () => clientOf(gateway)).flatMap((client) =>
      Array.from({ length: 100 }, () => {
        const call = client.makeBidiStreamRequest('/test.Echo/Chat', bytes, bytes, metadata({}), {})
        call.on('error', () => {})
        call.on('data', () => {
          echoes += 1
        })
        call.write(Buffer.from('x'))
        return call
      }),
    )
    await until(
      () => echoes === 1_000,
      () => `1,000 echoes, got ${echoes}`,
      30_000,
    )
    expect(gateway.engine.status()).toBeDefined()
    const codes = calls.map((call) => new Promise<number>((resolve) => call.on('status', ({ code }) => resolve(code))))
    for (const call of calls) call.end()
    expect(new Set(await within(Promise.all(codes), 'every status', 30_000))).toEqual(new Set([0]))
  }, 90_000)
})

test('gRPC-Web passes as it is, over HTTP/1.1 to the backend, with the trailers in its body', async () => {
  const body = Buffer.concat([
    Buffer.from([0, 0, 0, 0, 1, 65]),
    Buffer.from([0x80, 0, 0, 0, 16]),
    Buffer.from('grpc-status: 0\r\n'),
  ])
  const upstream = await startUpstream((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/grpc-web+proto' })
    response.end(body)
  })
  open.push({ stop: () => upstream.close() })
  const gateway = await gatewayTo(upstream.url, {})
  const session = await connectH2(gateway)
  const sent = Buffer.from([0, 0, 0, 0, 1, 66])
  const headers: [string, string][] = [
    ['content-type', 'application/grpc-web+proto'],
    ['x-grpc-web', '1'],
  ]
  const answer = await requestH2(session, gateway, {
    method: 'POST',
    path: '/test.Echo/Unary',
    headers,
    body: sent as never,
  })
  session.destroy()
  expect(answer.body.equals(body)).toBe(true)
  expect(upstream.last().body.equals(sent)).toBe(true)
})
