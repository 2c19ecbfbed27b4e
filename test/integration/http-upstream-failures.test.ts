import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PROTOCOLS } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { RawClient } from '../support/raw-client.js'
import { type RawExchange, type RawUpstream, startRawUpstream } from '../support/raw-upstream.js'
import { until, within } from '../support/wait.js'

let gateway: TestGateway
let raw: RawUpstream
let script: (exchange: RawExchange) => void
let deadPort: number

beforeAll(async () => {
  raw = await startRawUpstream((exchange) => script(exchange))
  deadPort = await unusedPort()
  gateway = await startGateway({
    apps: [
      { name: 'app', port: raw.port },
      { name: 'dead', port: deadPort },
      {
        name: 'nowhere',
        routes: [{ path: '/', upstream: { backends: [{ url: 'http://no-such-host.invalid:8000' }] } }],
      },
    ],
  })
})

afterAll(async () => {
  await gateway.stop()
  await raw.close()
})

beforeEach(() => {
  script = () => {}
})

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** Answers that are no HTTP, or not one answer. */
const GARBAGE: [name: string, bytes: string][] = [
  ['no HTTP at all', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['a TLS alert', '\x15\x03\x01\x00\x02\x02\x46'],
  ['two Content-Lengths that differ', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!'],
  ['two Content-Lengths that agree', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok'],
  ['a list as Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok'],
  ['a Content-Length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok'],
  [
    'Content-Length and Transfer-Encoding',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  ],
  ['a status that is no number', 'HTTP/1.1 abc OK\r\n\r\n'],
  ['a status of 99', 'HTTP/1.1 99 Odd\r\nContent-Length: 0\r\n\r\n'],
  ['a field line without a colon', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n'],
  ['a field name with a space', 'HTTP/1.1 200 OK\r\nX A: 1\r\nContent-Length: 0\r\n\r\n'],
  ['a NUL in a value', 'HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 0\r\n\r\n'],
  ['a bare CR in a value', 'HTTP/1.1 200 OK\r\nX-A: a\rX-B: b\r\nContent-Length: 0\r\n\r\n'],
  [
    'a switch of protocols that nobody asked for',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\nConnection: Upgrade\r\n\r\n',
  ],
  ['a 100 Continue that nobody asked for', `HTTP/1.1 100 Continue\r\n\r\n${OK}`],
  ['a status above 599', 'HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n'],
  ['a coding that the gateway does not undo', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
  ['a control character in a value', 'HTTP/1.1 200 OK\r\nX-A: a\x01b\r\nContent-Length: 0\r\n\r\n'],
  ['HTTP/2 frames', '\x00\x00\x00\x04\x00\x00\x00\x00\x00'],
  ['a head of 100 KB', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(100_000)}\r\nContent-Length: 0\r\n\r\n`],
  ['interim responses without end', 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n'.repeat(1000)],
]

describe.each(PROTOCOLS)('over $name', (client) => {
  const h2 = client.name === 'HTTP/2'

  test('a backend that nothing listens on is 502 with a page that names app, backend, cause and fix', async () => {
    const page = await client.request(gateway, { host: 'dead.localhost', headers: [['accept', 'text/html,*/*']] })
    expect(page.status).toBe(502)
    expect(page.values('content-type')).toEqual(['text/html; charset=utf-8'])
    for (const part of ['dead', `localhost:${deadPort}`, 'Nothing listens', 'Start the app'])
      expect(page.text).toContain(part)
    expect(page.text).not.toMatch(/\bat \S+ \(|node:internal|\.ts:\d+/)
    const json = await client.request(gateway, { host: 'dead.localhost', headers: [['accept', 'application/json']] })
    expect(JSON.parse(json.text)).toMatchObject({ error: { status: 502, code: 'dial-failed', app: 'dead' } })
    const text = await client.request(gateway, { host: 'dead.localhost' })
    expect(text.values('content-type')).toEqual(['text/plain; charset=utf-8'])
    expect(text.text).toMatch(/^502 dead is not answering\./)
  })

  test('a backend whose name does not resolve is 502 and says so', async () => {
    const answer = await client.request(gateway, { host: 'nowhere.localhost' })
    expect(answer.status).toBe(502)
    expect(answer.text).toContain('does not resolve')
  })

  test('an unsent upload to a dead backend is answered, too', async () => {
    const answer = await client.request(gateway, {
      host: 'dead.localhost',
      method: 'POST',
      body: Buffer.alloc(3_000_000),
    })
    expect(answer.status).toBe(502)
  })

  test('an upstream that closes before its head is 502', async () => {
    script = ({ socket }) => socket.destroy()
    const answer = await client.request(gateway)
    expect(answer.status).toBe(502)
    expect(answer.text).toContain('closed the connection without an answer')
  })

  test('an upstream that closes in the middle of its head is 502', async () => {
    script = ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nContent-Le')
    expect((await client.request(gateway)).status).toBe(502)
  })

  test.each([
    ['with Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this', true],
    ['with Content-Length, by reset', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this', false],
    ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n', true],
    ['in chunks, inside one', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nonly this', true],
    ['in chunks, by reset', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n', false],
    ['with a broken chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\nzz\r\n', true],
  ])('an upstream that dies in the middle of its body breaks the client’s stream: %s', async (_name, bytes, clean) => {
    script = ({ socket }) => {
      socket.write(bytes, 'latin1', () => (clean ? socket.end() : socket.resetAndDestroy()))
    }
    const answer = await client.request(gateway).catch((error: Error) => error)
    // A reset may overtake the head; what must not come is an answer that looks whole.
    if (!(answer instanceof Error)) {
      expect(answer.broken || answer.status === 502).toBe(true)
      if (clean) expect(answer.text).toBe('only this')
    }
    if (clean) expect(answer).not.toBeInstanceOf(Error)
  })

  test('a body that ends with the connection is whole', async () => {
    script = ({ socket }) => socket.end('HTTP/1.1 200 OK\r\n\r\nto the end')
    const answer = await client.request(gateway)
    expect(answer.text).toBe('to the end')
    expect(answer.broken).toBe(false)
  })

  test.each(GARBAGE)(
    'an upstream that answers %s is 502, its connection is given up, and the next request is clean',
    async (_name, bytes) => {
      script = ({ socket }) => socket.write(bytes, 'latin1')
      const answer = await within(client.request(gateway), 'an answer')
      expect(answer.status).toBe(502)
      const used = raw.sockets.length
      script = ({ socket }) => socket.write(OK)
      const next = await client.request(gateway)
      expect(next.status).toBe(200)
      expect(next.text).toBe('ok')
      expect(raw.sockets.length).toBe(used + 1)
    },
  )

  test('bytes behind an answer are never the next one’s: the connection is not used again', async () => {
    script = ({ socket }) => socket.write(`${OK}HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled`)
    expect((await client.request(gateway)).text).toBe('ok')
    const used = raw.sockets.length
    script = ({ socket }) => socket.write(OK)
    const next = await client.request(gateway)
    expect(next.text).toBe('ok')
    expect(raw.sockets.length).toBe(used + 1)
  })

  test('a body that comes with an answer to HEAD is never the next one’s', async () => {
    script = ({ socket, received }) =>
      socket.write(received.startsWith('HEAD') ? 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled' : OK)
    const head = await client.request(gateway, { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(head.body).toHaveLength(0)
    script = ({ socket }) => socket.write(OK)
    for (let round = 0; round < 3; round++) expect((await client.request(gateway)).text).toBe('ok')
  })

  test.each([
    ['HTTP/1.1 205 Reset Content\r\nContent-Length: 5\r\n\r\nhello', 205],
    ['HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello', 204],
    ['HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n', 304],
  ])('an answer that may not have a body and has one is passed without it', async (bytes, status) => {
    script = ({ socket }) => socket.write(bytes)
    const answer = await within(client.request(gateway), 'an answer')
    expect(answer.status).toBe(status)
    expect(answer.body).toHaveLength(0)
    expect(answer.broken).toBe(false)
    script = ({ socket }) => socket.write(OK)
    expect((await client.request(gateway)).text).toBe('ok')
  })

  test('an interim response that promises a body is passed without the promise', async () => {
    script = ({ socket }) =>
      socket.write(`HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\nLink: </a>; rel=preload\r\n\r\n${OK}`)
    const answer = await client.request(gateway)
    expect(answer.text).toBe('ok')
    expect(answer.interim.map(({ fields }) => fields.map(([name]) => name.toLowerCase()))).toEqual([['link']])
  })

  test('an answer whose reason phrase has bytes above 0x7f passes', async () => {
    script = ({ socket }) => socket.write('HTTP/1.1 200 Tr\xe8s bien\r\nContent-Length: 2\r\n\r\nok', 'latin1')
    const answer = await client.request(gateway)
    expect(answer.status).toBe(200)
    expect(answer.text).toBe('ok')
  })

  test('an HTTP/1.0 answer without a length ends with its connection', async () => {
    script = ({ socket }) => socket.end('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold')
    expect((await client.request(gateway)).text).toBe('old')
  })

  test('the head may arrive byte by byte', async () => {
    script = async ({ socket }) => {
      for (const byte of OK) {
        socket.write(byte)
        await new Promise(setImmediate)
      }
    }
    expect((await client.request(gateway)).text).toBe('ok')
  })

  test('an idle connection that the upstream closes just as it is used again costs no client anything', async () => {
    for (let round = 0; round < 10; round++) {
      script = ({ socket }) => socket.end(OK)
      expect((await client.request(gateway, { path: `/r${round}` })).text).toBe('ok')
    }
  })

  test('every exchange that failed has its access-log entry with the reason', async () => {
    script = ({ socket }) => socket.destroy()
    const path = `/log-${h2 ? 'h2' : 'h1'}`
    await client.request(gateway, { path })
    expect(await gateway.entry(path)).toMatchObject({
      app: 'app',
      status: 502,
      protocol: h2 ? 'h2' : 'http/1.1',
      backend: `http://localhost:${raw.port}`,
      error: expect.stringContaining('closed the connection'),
    })
  })
})

test('a truncated answer never ends cleanly on HTTP/1.1: no last chunk, no whole length', async () => {
  script = ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n')
  const client = await RawClient.connect(gateway)
  client.send('GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
  const text = await client.closed()
  expect(text).toContain('only this')
  expect(text).not.toContain('\r\n0\r\n')
  await until(() => gateway.entries().at(-1)?.error !== null, 'an entry with the error')
})

async function unusedPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
