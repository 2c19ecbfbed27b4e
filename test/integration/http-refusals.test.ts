import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { RawClient, statusOfBytes } from '../support/raw-client.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'

let gateway: TestGateway
let upstream: TestUpstream

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway({
    apps: [
      { name: 'app', port: upstream.port },
      { name: 'other', port: upstream.port },
    ],
  })
})

afterAll(async () => {
  await gateway.stop()
  await upstream.close()
})

beforeEach(() => {
  upstream.requests.length = 0
})

const HOST = 'Host: app.localhost\r\n'
const post = (fields: string, body = '') => `POST / HTTP/1.1\r\n${HOST}${fields}\r\n${body}`
const get = (fields: string) => `GET / HTTP/1.1\r\n${HOST}${fields}\r\n`

/** Each is refused with one of the statuses, the connection is closed, and no upstream ever hears of it. */
const REFUSED: [name: string, bytes: string, statuses: number[]][] = [
  // RFC 9112 section 6.3
  [
    'Content-Length with Transfer-Encoding',
    post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    [400],
  ],
  [
    'Transfer-Encoding with Content-Length',
    post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'),
    [400],
  ],
  ['two different Content-Lengths', post('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello'), [400]],
  ['the same Content-Length twice', post('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello'), [400]],
  ['a list as Content-Length', post('Content-Length: 5, 5\r\n', 'hello'), [400]],
  ['a Content-Length with a sign', post('Content-Length: +5\r\n', 'hello'), [400]],
  ['a negative Content-Length', post('Content-Length: -5\r\n', 'hello'), [400]],
  ['a hexadecimal Content-Length', post('Content-Length: 0x5\r\n', 'hello'), [400]],
  ['an empty Content-Length', post('Content-Length: \r\n', 'hello'), [400]],
  ['a Content-Length with an inner space', post('Content-Length: 1 1\r\n', 'hello world'), [400]],
  ['a Content-Length beyond 64 bits', post('Content-Length: 18446744073709551617\r\n', 'h'), [400]],
  // RFC 9112 section 6.1
  ['Transfer-Encoding: xchunked', post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), [400, 501]],
  ['Transfer-Encoding: identity', post('Transfer-Encoding: identity\r\n', '0\r\n\r\n'), [400, 501]],
  ['Transfer-Encoding: ,chunked', post('Transfer-Encoding: ,chunked\r\n', '0\r\n\r\n'), [400, 501]],
  ['Transfer-Encoding: chunked, identity', post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'), [400, 501]],
  ['Transfer-Encoding: chunked, chunked', post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n'), [400, 501]],
  ['Transfer-Encoding: gzip, chunked', post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'), [400, 501]],
  [
    'two Transfer-Encoding fields',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    [400, 501],
  ],
  ['Transfer-Encoding: "chunked" in quotes', post('Transfer-Encoding: "chunked"\r\n', '0\r\n\r\n'), [400, 501]],
  ['Transfer-Encoding: chunked;x=1', post('Transfer-Encoding: chunked;x=1\r\n', '0\r\n\r\n'), [400, 501]],
  ['an empty Transfer-Encoding', post('Transfer-Encoding: \r\n', '0\r\n\r\n'), [400, 501]],
  ['Transfer-Encoding with a vertical tab', post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'), [400, 501]],
  ['Transfer-Encoding in HTTP/1.0', `POST / HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, [400]],
  // RFC 9112 section 5
  ['a folded field value', get('X-A: one\r\n two\r\n'), [400]],
  ['a folded field value after a tab', get('X-A: one\r\n\ttwo\r\n'), [400]],
  ['a folded first field', `GET / HTTP/1.1\r\n X-A: one\r\n${HOST}\r\n`, [400]],
  ['a folded Host', `GET / HTTP/1.1\r\nHost:\r\n app.localhost\r\n\r\n`, [400]],
  ['a folded Content-Length', post('Content-Length:\r\n 5\r\n', 'hello'), [400]],
  ['a folded Transfer-Encoding', post('Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n'), [400]],
  ['a space before the colon', get('X-A : one\r\n'), [400]],
  ['a space before the colon of Content-Length', post('Content-Length : 5\r\n', 'hello'), [400]],
  ['an empty field name', get(': one\r\n'), [400]],
  ['a field name with a space', get('X A: one\r\n'), [400]],
  ['a field name that is no token', get('X(A): one\r\n'), [400]],
  ['a field name with a high byte', get('X-\xe9: one\r\n'), [400]],
  ['a field line without a colon', get('nonsense\r\n'), [400]],
  ['a bare CR in a value', get('X-A: one\rX-B: two\r\n'), [400]],
  ['a bare LF in a value', get('X-A: one\nX-B: two\r\n'), [400]],
  ['a NUL in a value', get('X-A: one\0two\r\n'), [400]],
  ['a control character in a value', get('X-A: one\x01two\r\n'), [400]],
  ['a DEL in a value', get('X-A: one\x7ftwo\r\n'), [400]],
  ['a NUL in a name', get('X-\0A: one\r\n'), [400]],
  ['line ends of LF alone', 'GET / HTTP/1.1\nHost: app.localhost\n\n', [400]],
  ['a request line ended by CR alone', `GET / HTTP/1.1\r${HOST}\r\n`, [400]],
  // RFC 9112 section 3
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', [400]],
  ['two Hosts', `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, [400]],
  ['two different Hosts', `GET / HTTP/1.1\r\n${HOST}Host: other.localhost\r\n\r\n`, [400]],
  ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', [400]],
  ['a Host with a path', 'GET / HTTP/1.1\r\nHost: app.localhost/x\r\n\r\n', [400]],
  ['a Host with user information', 'GET / HTTP/1.1\r\nHost: me@app.localhost\r\n\r\n', [400]],
  ['a Host with a space', 'GET / HTTP/1.1\r\nHost: app.localhost evil\r\n\r\n', [400]],
  ['a Host list', 'GET / HTTP/1.1\r\nHost: app.localhost, other.localhost\r\n\r\n', [400]],
  ['a Host with a bad port', 'GET / HTTP/1.1\r\nHost: app.localhost:99999\r\n\r\n', [400]],
  ['no Host in HTTP/1.0 (a name is needed to choose the app)', 'GET / HTTP/1.0\r\n\r\n', [400]],
  ['an absolute-form target that differs from Host', `GET http://other.localhost/ HTTP/1.1\r\n${HOST}\r\n`, [400, 421]],
  ['a foreign absolute-form target', 'GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n', [404, 421]],
  ['an absolute-form target of another scheme', `GET ftp://app.localhost/ HTTP/1.1\r\n${HOST}\r\n`, [400]],
  ['an absolute-form target with user information', `GET http://me@app.localhost/ HTTP/1.1\r\n${HOST}\r\n`, [400]],
  ['a target that is no path', `GET nonsense HTTP/1.1\r\n${HOST}\r\n`, [400]],
  ['a target of * with another method than OPTIONS', `GET * HTTP/1.1\r\n${HOST}\r\n`, [400]],
  ['a target with a space', `GET /a b HTTP/1.1\r\n${HOST}\r\n`, [400]],
  ['a target with a control character', `GET /a\x01b HTTP/1.1\r\n${HOST}\r\n`, [400]],
  ['a target with a fragment', `GET /a#b HTTP/1.1\r\n${HOST}\r\n`, [400]],
  ['CONNECT', 'CONNECT app.localhost:443 HTTP/1.1\r\nHost: app.localhost:443\r\n\r\n', [405, 501]],
  ['TRACE', `TRACE / HTTP/1.1\r\n${HOST}\r\n`, [405]],
  ['TRACK', `TRACK / HTTP/1.1\r\n${HOST}\r\n`, [400, 405, 501]],
  ['a lower-case method', `get / HTTP/1.1\r\n${HOST}\r\n`, [400, 501]],
  ['an unknown HTTP version', `GET / HTTP/1.2\r\n${HOST}\r\n`, [400, 505]],
  ['the HTTP/2 preface over HTTP/1.1', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400, 505]],
  ['HTTP/0.9', 'GET /\r\n\r\n', [400, 505]],
  ['bytes that are not HTTP', '\x00\x01\x02\x03nonsense\r\n\r\n', [400]],
  // sizes
  ['a field of 20 KB', get(`X-A: ${'a'.repeat(20_000)}\r\n`), [431]],
  [
    '20 KB in many fields',
    get(Array.from({ length: 190 }, (_, i) => `X-${i}: ${'a'.repeat(100)}\r\n`).join('')),
    [431],
  ],
  ['201 fields', get(Array.from({ length: 201 }, (_, i) => `X-${i}: a\r\n`).join('')), [431]],
  ['a URL of 9 KB', `GET /${'a'.repeat(9_000)} HTTP/1.1\r\n${HOST}\r\n`, [414]],
  // RFC 9110 section 10.1.1: an expectation that cannot be met
  ['an expectation other than 100-continue', get('Expect: the-unexpected\r\n'), [417]],
]

describe('a request is refused, and no upstream hears of it, when it has', () => {
  test.each(REFUSED)('%s', async (_name, bytes, statuses) => {
    const { status, closed } = await statusOfBytes(gateway, bytes)
    expect(statuses).toContain(status)
    expect(upstream.requests).toEqual([])
    if (status === 400 && bytes.startsWith('POST')) expect(closed).toBe(true)
  })
})

/** The head is good, so the upstream may see a request begin, but never one that is complete. */
const BROKEN_CHUNKS: [name: string, chunks: string][] = [
  ['a sign', '+5\r\nhello\r\n0\r\n\r\n'],
  ['a minus', '-5\r\nhello\r\n0\r\n\r\n'],
  ['an underscore', '0_5\r\nhello\r\n0\r\n\r\n'],
  ['0x', '0x5\r\nhello\r\n0\r\n\r\n'],
  ['a leading space', ' 5\r\nhello\r\n0\r\n\r\n'],
  ['a trailing space', '5 \r\nhello\r\n0\r\n\r\n'],
  ['a bare LF', '5\nhello\r\n0\r\n\r\n'],
  ['a bare CR', '5\rhello\r\n0\r\n\r\n'],
  ['an LF inside an extension', '5;a\nb\r\nhello\r\n0\r\n\r\n'],
  ['a CR inside an extension', '5;a\rb\r\nhello\r\n0\r\n\r\n'],
  ['nothing', '\r\nhello\r\n0\r\n\r\n'],
  ['more than 64 bits', 'fffffffffffffffff\r\nhello\r\n0\r\n\r\n'],
  ['data longer than it says', '4\r\nhello\r\n0\r\n\r\n'],
  ['data ended by LF', '5\r\nhello\n0\r\n\r\n'],
  ['extensions of 20 KB', `5;${'a'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`],
]

describe('a chunked body is refused when its size has', () => {
  test.each(BROKEN_CHUNKS)('%s', async (_name, chunks) => {
    const { status, closed } = await statusOfBytes(gateway, post('Transfer-Encoding: chunked\r\n', chunks))
    expect([400, 413]).toContain(status)
    expect(closed).toBe(true)
    expect(upstream.requests).toEqual([])
  })
})

describe('what follows a refused request on its connection is never served', () => {
  const smuggled = `GET /smuggled HTTP/1.1\r\n${HOST}\r\n`
  test.each([
    [
      'Content-Length with Transfer-Encoding',
      post(`Content-Length: ${smuggled.length}\r\nTransfer-Encoding: chunked\r\n`, `0\r\n\r\n${smuggled}`),
    ],
    ['two Content-Lengths', post(`Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n`, smuggled)],
    ['a Transfer-Encoding it does not know', post('Transfer-Encoding: xchunked\r\n', smuggled)],
    [
      'Transfer-Encoding in HTTP/1.0',
      `POST / HTTP/1.0\r\nConnection: keep-alive\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    ['a broken chunk size', post('Transfer-Encoding: chunked\r\n', `0_0\r\n\r\n${smuggled}`)],
    ['a folded field', get('X-A: one\r\n two\r\n') + smuggled],
    ['CONNECT', `CONNECT app.localhost:443 HTTP/1.1\r\nHost: app.localhost:443\r\n\r\n${smuggled}`],
    ['no Host', `GET / HTTP/1.1\r\n\r\n${smuggled}`],
    ['a lower-case method', `get / HTTP/1.1\r\n${HOST}\r\n${smuggled}`],
  ])('%s', async (_name, bytes) => {
    const client = await RawClient.connect(gateway)
    client.send(bytes)
    await client.closed()
    expect(client.statuses()).toHaveLength(1)
    expect(upstream.requests).toEqual([])
  })
})
