import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { HTTP1, PROTOCOLS } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { connectH2, readStream } from '../support/h2-client.js'
import { RawClient } from '../support/raw-client.js'
import { type RawUpstream, startRawUpstream } from '../support/raw-upstream.js'
import { type Responder, startUpstream, type TestUpstream } from '../support/upstream.js'
import { until, within } from '../support/wait.js'

let gateway: TestGateway
let upstream: TestUpstream
/** answers before the body has come; what happens to it is up to the test */
let early: TestUpstream
let raw: RawUpstream
let respond: Responder = (_request, response) => response.end('ok')
let respondEarly: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => response.end()

beforeAll(async () => {
  upstream = await startUpstream((...args) => respond(...args))
  early = await startUpstream((request, response) => respondEarly(request, response), { early: true })
  raw = await startRawUpstream(({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'))
  gateway = await startGateway({
    apps: [
      { name: 'app', port: upstream.port },
      { name: 'early', port: early.port },
      { name: 'raw', port: raw.port },
      { name: 'small', routes: [{ path: '/', upstream: { backends: [{ url: upstream.url }] } }] },
    ],
  })
})

afterAll(async () => {
  await gateway.stop()
  await Promise.all([upstream.close(), early.close(), raw.close()])
})

beforeEach(() => {
  upstream.requests.length = 0
  respond = (_request, response) => response.end('ok')
})

describe.each(PROTOCOLS)('over $name', (client) => {
  test('bodies of any bytes and sizes arrive as sent and come back as sent', async () => {
    respond = (_request, response, { body }) => {
      response.writeHead(200, { 'Content-Length': body.length })
      response.end(body)
    }
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 2_000_000 }).map(patterned)),
        fc.boolean(),
        async (bytes, chunked) => {
          const body = Buffer.from(bytes)
          const answer = await client.request(gateway, { method: 'POST', body, chunked })
          expect(answer.status).toBe(200)
          expect(upstream.last().body.equals(body)).toBe(true)
          expect(answer.body.equals(body)).toBe(true)
        },
      ),
      { numRuns: 15 },
    )
  })

  test.each(['DELETE', 'OPTIONS', 'GET', 'PATCH', 'POST', 'PUT', 'PROPFIND'])(
    'a body of %s keeps its framing: Content-Length',
    async (method) => {
      const before = raw.received.join('').length
      await client.request(gateway, { host: 'raw.localhost', method, body: 'GET /smuggled HTTP/1.1\r\n\r\n' })
      const text = raw.received.join('').slice(before)
      expect(text).toMatch(/content-length: 26\r\n/i)
      expect(text).not.toMatch(/transfer-encoding/i)
    },
  )

  test.each(['DELETE', 'OPTIONS', 'GET', 'PATCH', 'POST', 'PUT', 'PROPFIND'])(
    'a body of %s without a length arrives whole',
    async (method) => {
      const body = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
      await client.request(gateway, { method, body, chunked: true })
      expect(upstream.requests).toHaveLength(1)
      expect(upstream.last().method).toBe(method)
      expect(upstream.last().body.toString()).toBe(body)
    },
  )

  test('a request without body has none at the upstream, and POST says so', async () => {
    await client.request(gateway, { method: 'POST', body: '' })
    expect(upstream.last().values('content-length')).toEqual(['0'])
    await client.request(gateway)
    expect([...upstream.last().values('content-length'), ...upstream.last().values('transfer-encoding')]).toEqual([])
  })

  test('an answer that comes before the upload has ended is relayed: 413', async () => {
    respondEarly = (_request, response) => {
      response.writeHead(413, { Connection: 'close' })
      response.end('too much')
    }
    const answer = await within(
      client.request(gateway, { host: 'early.localhost', method: 'POST', body: Buffer.alloc(8_000_000) }),
      'the early answer',
      15_000,
    )
    expect(answer.status).toBe(413)
    expect(answer.text).toBe('too much')
  })

  test('the first server-sent event arrives before the second is sent', async () => {
    let send: (text: string) => void = () => {}
    respond = (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      response.flushHeaders()
      send = (text) => response.write(text)
      response.on('close', () => response.end())
    }
    const stream = await openStream(client.name, '/sse')
    await within(stream.head, 'the head before any event')
    send('data: one\n\n')
    expect(await within(stream.next(), 'the first event')).toBe('data: one\n\n')
    send('data: two\n\n')
    expect(await within(stream.next(), 'the second event')).toBe('data: two\n\n')
    stream.destroy()
    await gateway.entry('/sse')
  })

  test('a request body streams: its first bytes reach the upstream before its last are sent', async () => {
    const got: string[] = []
    respondEarly = (request, response) => {
      request.on('data', (chunk: Buffer) => got.push(chunk.toString()))
      request.on('end', () => response.end('done'))
    }
    const upload = await openUpload(client.name)
    upload.write('first')
    await until(() => got.join('') === 'first', 'the first bytes at the upstream')
    upload.write('second')
    await until(() => got.join('') === 'firstsecond', 'the second bytes at the upstream')
    upload.end()
    expect(await within(upload.answer, 'the answer')).toBe('done')
  })
})

describe('over HTTP/1.1', () => {
  const HOST = 'Host: app.localhost\r\n'

  test('100-continue is answered, then the body is taken', async () => {
    const client = await RawClient.connect(gateway)
    client.send(`POST / HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`)
    await client.receive('HTTP/1.1 100 Continue\r\n\r\n')
    client.send('hello')
    await client.receive(/200 OK[\s\S]*ok$/)
    expect(client.statuses()).toEqual([100, 200])
    expect(upstream.last().values('expect')).toEqual([])
    expect(upstream.last().body.toString()).toBe('hello')
    client.destroy()
  })

  test('a client that expects 100-continue but sends at once is served', async () => {
    const client = await RawClient.connect(gateway)
    client.send(`POST / HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello`)
    await client.receive(/200 OK[\s\S]*ok$/)
    expect(upstream.last().body.toString()).toBe('hello')
    client.destroy()
  })

  test('a refused request that expects 100-continue gets the refusal alone, and the connection ends', async () => {
    const client = await RawClient.connect(gateway)
    client.send('POST / HTTP/1.1\r\nHost: early.localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n')
    const text = await client.closed()
    expect(client.statuses()).toEqual([421])
    expect(text).toMatch(/connection: close/i)
  })

  test('trailers of a request are dropped, not promoted (RFC 9110 section 6.5.1)', async () => {
    const client = await RawClient.connect(gateway)
    client.send(
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n5;ext=1\r\nhello\r\n0\r\nX-T: 1\r\nHost: evil\r\n\r\n`,
    )
    await client.receive(/200 OK[\s\S]*ok$/)
    expect(upstream.last().body.toString()).toBe('hello')
    expect(upstream.last().values('x-t')).toEqual([])
    expect(upstream.last().values('host')).toEqual(['app.localhost'])
    client.destroy()
  })

  test('a body that looks like a request is only a body, and the next request on the connection is the next', async () => {
    const client = await RawClient.connect(gateway)
    const inner = `GET /inner HTTP/1.1\r\n${HOST}\r\n`
    client.send(`POST /outer HTTP/1.1\r\n${HOST}Content-Length: ${inner.length}\r\n\r\n${inner}`)
    client.send(
      `POST /outer2 HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
    )
    client.send(`GET /next HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`)
    await client.closed()
    expect(client.statuses()).toEqual([200, 200, 200])
    expect(upstream.requests.map(({ target }) => target).sort()).toEqual(['/next', '/outer', '/outer2'])
  })

  test('after an early answer the rest of the upload does not become a request', async () => {
    respondEarly = (_request, response) => response.writeHead(403, { 'Content-Length': 2 }).end('no')
    const client = await RawClient.connect(gateway, { sni: 'early.localhost' })
    const inner = 'GET /smuggled HTTP/1.1\r\nHost: early.localhost\r\n\r\n'
    const before = early.heads
    client.send(`POST /early HTTP/1.1\r\nHost: early.localhost\r\nContent-Length: ${inner.length * 2}\r\n\r\n${inner}`)
    await client.receive(/403 [\s\S]*no$/)
    client.send(inner)
    client.send('GET /after HTTP/1.1\r\nHost: early.localhost\r\nConnection: close\r\n\r\n')
    await client.closed()
    expect(early.requests.slice(before).map(({ target }) => target)).not.toContain('/smuggled')
  })

  test('a body larger than the limit is refused with 413, announced or not', async () => {
    await gateway.configure({ limits: { bodyBytes: 1000 }, apps: [{ name: 'app', port: upstream.port }] })
    try {
      const announced = await HTTP1.request(gateway, { method: 'POST', body: 'a'.repeat(1001) })
      expect(announced.status).toBe(413)
      const chunked = await HTTP1.request(gateway, { method: 'POST', body: 'a'.repeat(5000), chunked: true })
      expect(chunked.status).toBe(413)
      expect(upstream.requests).toEqual([])
      expect((await HTTP1.request(gateway, { method: 'POST', body: 'a'.repeat(1000) })).status).toBe(200)
    } finally {
      await gateway.configure({
        apps: [
          { name: 'app', port: upstream.port },
          { name: 'early', port: early.port },
          { name: 'raw', port: raw.port },
        ],
      })
    }
  })
})

function patterned(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff)
}

interface OpenStream {
  head: Promise<unknown>
  next(): Promise<string>
  destroy(): void
}

async function openStream(protocol: string, path: string): Promise<OpenStream> {
  if (protocol === 'HTTP/2') {
    const session = await connectH2(gateway)
    const stream = session.request({ ':path': path, ':authority': 'app.localhost' })
    stream.on('error', () => {})
    return {
      head: once(stream, 'response'),
      next: async () => String((await once(stream, 'data'))[0]),
      destroy: () => session.destroy(),
    }
  }
  const request = https.get({
    ...{ host: '127.0.0.1', port: gateway.httpsPort, servername: 'app.localhost', ca: gateway.ca, agent: false, path },
    headers: { host: 'app.localhost' },
  })
  request.on('error', () => {})
  const head = once(request, 'response') as Promise<[IncomingMessage]>
  return {
    head,
    next: async () => String((await once((await head)[0], 'data'))[0]),
    destroy: () => request.destroy(),
  }
}

interface Upload {
  write(text: string): void
  end(): void
  answer: Promise<string>
}

async function openUpload(protocol: string): Promise<Upload> {
  if (protocol === 'HTTP/2') {
    const session = await connectH2(gateway, 'early.localhost')
    const stream = session.request({ ':method': 'POST', ':path': '/up', ':authority': 'early.localhost' })
    const answer = readStream(stream).then(({ text }) => {
      session.destroy()
      return text
    })
    return { write: (text) => stream.write(text), end: () => stream.end(), answer }
  }
  const request = https.request({
    ...{ host: '127.0.0.1', port: gateway.httpsPort, servername: 'early.localhost', ca: gateway.ca, agent: false },
    method: 'POST',
    path: '/up',
    headers: { host: 'early.localhost' },
  })
  const answer = (once(request, 'response') as Promise<[IncomingMessage]>).then(async ([response]) => {
    const chunks = await response.toArray()
    return Buffer.concat(chunks).toString()
  })
  return { write: (text) => request.write(text), end: () => request.end(), answer }
}
