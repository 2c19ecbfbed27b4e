import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { END_HEADERS, END_STREAM, encodeFields, FRAME, FrameClient } from '../support/h2-frames.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'

let gateway: TestGateway
let upstream: TestUpstream

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway({ apps: [{ name: 'app', port: upstream.port }] })
})

afterAll(async () => {
  await gateway.stop()
  await upstream.close()
})

beforeEach(() => {
  upstream.requests.length = 0
})

type Fields = [string, string][]

const head = (changes: Record<string, string | null> = {}, extra: Fields = []): Fields => {
  const pseudo: Record<string, string | null> = {
    ':method': 'GET',
    ':scheme': 'https',
    ':authority': 'app.localhost',
    ':path': '/',
    ...changes,
  }
  return [...(Object.entries(pseudo).filter(([, value]) => value !== null) as Fields), ...extra]
}

/** None of these may be forwarded; a reset, the end of the connection or a 4xx are all fit answers. */
const REFUSED: [name: string, fields: Fields][] = [
  ['no :method', head({ ':method': null })],
  ['no :scheme', head({ ':scheme': null })],
  ['no :path', head({ ':path': null })],
  ['an empty :path', head({ ':path': '' })],
  ['a :path that is no path', head({ ':path': 'nonsense' })],
  ['a :path with a space', head({ ':path': '/a b' })],
  ['a :path with CR and LF', head({ ':path': '/ HTTP/1.1\r\nX-Evil: 1\r\n' })],
  ['a :path of another origin', head({ ':path': 'http://evil.example/' })],
  ['a :path with a fragment', head({ ':path': '/a#b' })],
  ['neither :authority nor Host', head({ ':authority': null })],
  ['an empty :authority', head({ ':authority': '' })],
  ['an :authority with user information', head({ ':authority': 'me@app.localhost' })],
  ['an :authority with a path', head({ ':authority': 'app.localhost/x' })],
  ['an :authority that differs from Host', head({}, [['host', 'other.localhost']])],
  [
    'two Hosts',
    head({}, [
      ['host', 'app.localhost'],
      ['host', 'app.localhost'],
    ]),
  ],
  ['two :paths', [...head(), [':path', '/other']]],
  ['two :methods', [...head(), [':method', 'POST']]],
  ['two :authorities', [...head(), [':authority', 'other.localhost']]],
  ['an unknown pseudo-header', head({ ':unknown': 'x' })],
  ['a response pseudo-header', head({ ':status': '200' })],
  ['a pseudo-header behind a field', [...head({ ':path': null }), ['x-a', '1'], [':path', '/']]],
  [':protocol without CONNECT', head({ ':protocol': 'websocket' })],
  ['a :method with a space', head({ ':method': 'GET /evil' })],
  ['a :method with CR and LF', head({ ':method': 'GET / HTTP/1.1\r\nX: y\r\n\r\nGET' })],
  ['an upper-case field name', head({}, [['X-Upper', '1']])],
  ['connection', head({}, [['connection', 'close']])],
  ['keep-alive', head({}, [['keep-alive', 'timeout=5']])],
  ['proxy-connection', head({}, [['proxy-connection', 'keep-alive']])],
  ['transfer-encoding', head({ ':method': 'POST' }, [['transfer-encoding', 'chunked']])],
  ['upgrade', head({}, [['upgrade', 'websocket']])],
  ['TE other than trailers', head({}, [['te', 'gzip']])],
  [
    'CONNECT',
    [
      [':method', 'CONNECT'],
      [':authority', 'app.localhost:443'],
    ],
  ],
  ['TRACE', head({ ':method': 'TRACE' })],
  ['a content-length that is no number', head({ ':method': 'POST' }, [['content-length', 'five']])],
  [
    'two different content-lengths',
    head({ ':method': 'POST' }, [
      ['content-length', '0'],
      ['content-length', '5'],
    ]),
  ],
  ['a content-length with a sign', head({ ':method': 'POST' }, [['content-length', '+0']])],
  ['a content-length without DATA', head({ ':method': 'POST' }, [['content-length', '5']])],
  ['a field of 40 KB', head({}, [['x-a', 'a'.repeat(40_000)]])],
  ['a :path of 9 KB', head({ ':path': `/${'a'.repeat(9_000)}` })],
  [
    '300 fields',
    head(
      {},
      Array.from({ length: 300 }, (_, i): [string, string] => [`x-${i}`, 'a']),
    ),
  ],
  ['an expectation other than 100-continue', head({}, [['expect', 'the-unexpected']])],
]

/** The parser takes such a field out of the request; a reset would be as good (RFC 9113 section 8.2.1). */
const DROPPED: [name: string, fields: Fields][] = [
  ['an empty field name', head({}, [['', '1']])],
  ['a field name with a space', head({}, [['x a', '1']])],
  ['a field name with a colon', head({}, [['x:a', '1']])],
  ['a field name with LF', head({}, [['x\nevil', '1']])],
  ['CR and LF in a value', head({}, [['x-a', 'one\r\nX-Evil: 1']])],
  ['LF in a value', head({}, [['x-a', 'one\nX-Evil: 1']])],
  ['CR in a value', head({}, [['x-a', 'one\rX-Evil: 1']])],
  ['NUL in a value', head({}, [['x-a', 'one\0two']])],
  ['a leading space in a value', head({}, [['x-a', ' one']])],
  ['a trailing space in a value', head({}, [['x-a', 'one ']])],
  ['a trailing tab in a value', head({}, [['x-a', 'one\t']])],
]

describe('a field never reaches the upstream when it has', () => {
  test.each(DROPPED)('%s', async (_name, fields) => {
    const client = await FrameClient.connect(gateway)
    client.headers(1, fields)
    if ((await client.outcome(1)) === 'answered') {
      const names = upstream.last().fields.map(([name]) => name.toLowerCase())
      expect(names.filter((name) => name === '' || name.includes('x'))).toEqual(names.filter((name) => OWN.has(name)))
    }
    client.destroy()
  })
})

/** The fields with an x that the gateway writes. */
const OWN = new Set(['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port', 'x-real-ip'])

describe('an HTTP/2 request is not forwarded when it has', () => {
  test.each(REFUSED)('%s', async (_name, fields) => {
    const before = gateway.entries().length
    const client = await FrameClient.connect(gateway)
    sendHead(client, 1, fields)
    if ((await client.outcome(1)) === 'answered') {
      await until(() => gateway.entries().length > before, 'an access-log entry')
      expect(String(gateway.entries().at(-1)?.status)).toMatch(/^(4\d\d|501)$/)
    }
    expect(upstream.requests).toEqual([])
    client.destroy()
  })
})

test('a well-formed request is answered, so that the refusals above mean something', async () => {
  const client = await FrameClient.connect(gateway)
  client.headers(1, head())
  expect(await client.outcome(1)).toBe('answered')
  await until(() => client.body(1) === 'ok', 'the body')
  client.destroy()
})

test.each([
  ['more DATA than content-length', '10', ['hello', 'hello', '!']],
  ['less DATA than content-length', '10', ['hello']],
])('%s resets the stream, and no whole request reaches the upstream', async (_name, length, parts) => {
  const client = await FrameClient.connect(gateway)
  client.headers(1, head({ ':method': 'POST' }, [['content-length', length]]), END_HEADERS)
  for (const [index, part] of parts.entries()) client.data(1, part, index === parts.length - 1)
  await until(() => client.frames.some(({ type }) => type === FRAME.RST_STREAM || type === FRAME.GOAWAY), 'a reset')
  client.destroy()
  const next = await FrameClient.connect(gateway)
  next.headers(1, head({ ':path': '/after' }))
  expect(await next.outcome(1)).toBe('answered')
  expect(upstream.requests.map(({ target }) => target)).toEqual(['/after'])
  next.destroy()
})

test('without :authority the Host decides (RFC 9113 section 8.3.1)', async () => {
  const client = await FrameClient.connect(gateway)
  client.headers(1, head({ ':authority': null }, [['host', 'app.localhost']]))
  expect(await client.outcome(1)).toBe('answered')
  await until(() => upstream.requests.length === 1, 'the request')
  expect(upstream.last().values('host')).toEqual(['app.localhost'])
  client.destroy()
})

test('trailers of a request are dropped, not promoted', async () => {
  const client = await FrameClient.connect(gateway)
  client.headers(1, head({ ':method': 'POST' }), END_HEADERS)
  client.data(1, 'hello', false)
  client.headers(1, [['x-late', '1']], END_STREAM | END_HEADERS)
  expect(await client.outcome(1)).toBe('answered')
  expect(upstream.last().body.toString()).toBe('hello')
  expect(upstream.last().values('x-late')).toEqual([])
  client.destroy()
})

test('a bad stream does not cost the good ones of its connection anything', async () => {
  const client = await FrameClient.connect(gateway)
  client.headers(1, head({ ':path': '/good' }))
  client.headers(3, head({}, [['te', 'gzip']]))
  client.headers(5, head({ ':path': '/good-too' }))
  expect(await client.outcome(1)).toBe('answered')
  expect(await client.outcome(5)).toBe('answered')
  client.destroy()
})

test('100-continue is answered with an interim response', async () => {
  const client = await FrameClient.connect(gateway)
  client.headers(
    1,
    head({ ':method': 'POST' }, [
      ['expect', '100-continue'],
      ['content-length', '5'],
    ]),
    END_HEADERS,
  )
  await until(() => client.frames.some(({ type }) => type === FRAME.HEADERS), 'the interim response')
  client.data(1, 'hello', true)
  await until(() => client.body(1) === 'ok', 'the answer')
  expect(client.frames.filter(({ type }) => type === FRAME.HEADERS)).toHaveLength(2)
  expect(upstream.last().body.toString()).toBe('hello')
  client.destroy()
})

/** Heads above 16 KB go on in CONTINUATION frames. */
function sendHead(client: FrameClient, stream: number, fields: Fields): void {
  const block = encodeFields(fields)
  for (let at = 0; at === 0 || at < block.length; at += 16_000) {
    const flags = (at === 0 ? END_STREAM : 0) | (at + 16_000 >= block.length ? END_HEADERS : 0)
    client.send(at === 0 ? FRAME.HEADERS : FRAME.CONTINUATION, flags, stream, block.subarray(at, at + 16_000))
  }
}
