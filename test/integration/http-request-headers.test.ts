import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { HTTP1, HTTP2, PROTOCOLS } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { connectH2, requestH2 } from '../support/h2-client.js'
import { RawClient, statusOfBytes } from '../support/raw-client.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'

let gateway: TestGateway
/** trusts nobody */
let wary: TestGateway
let upstream: TestUpstream

beforeAll(async () => {
  upstream = await startUpstream()
  const apps = [
    { name: 'app', port: upstream.port },
    {
      name: 'edit',
      routes: [
        {
          path: '/',
          upstream: { backends: [{ url: upstream.url }], preserveHost: false },
          headers: { request: { set: { 'X-Set': 'by config', Authorization: 'Bearer fixed' }, remove: ['X-Gone'] } },
        },
      ],
    },
    {
      name: 'named',
      routes: [
        {
          path: '/',
          upstream: { backends: [{ url: upstream.url }] },
          headers: { request: { set: { Host: 'inner.example' } } },
        },
      ],
    },
    {
      name: 'prefix',
      routes: [
        { path: '/strip/*', stripPrefix: '/strip', upstream: { backends: [{ url: upstream.url }] } },
        { path: '/add/*', addPrefix: '/base', upstream: { backends: [{ url: upstream.url }] } },
        { path: '/both/*', stripPrefix: '/both', addPrefix: '/base', upstream: { backends: [{ url: upstream.url }] } },
      ],
    },
  ]
  gateway = await startGateway({ apps })
  wary = await startGateway({ apps, trustedProxies: ['192.0.2.0/24'] })
})

afterAll(async () => {
  await gateway.stop()
  await wary.stop()
  await upstream.close()
})

beforeEach(() => {
  upstream.requests.length = 0
})

describe.each(PROTOCOLS)('over $name', (client) => {
  const version = client.name === 'HTTP/2' ? '2' : '1.1'

  test('repeated fields stay apart, in order and with their values as sent', async () => {
    await client.request(gateway, {
      headers: [
        ['x-a', 'one'],
        ['x-b', 'b'],
        ['x-a', 'two, three'],
        ['x-a', ''],
        ['accept', 'text/html'],
        ['accept', 'text/plain;q=0.5'],
      ],
    })
    expect(upstream.last().values('x-a')).toEqual(['one', 'two, three', ''])
    expect(upstream.last().values('accept')).toEqual(['text/html', 'text/plain;q=0.5'])
  })

  test('Cookie is sent once, its crumbs joined with "; " (RFC 9113 section 8.2.3)', async () => {
    await client.request(gateway, {
      headers: [
        ['cookie', 'a=1'],
        ['cookie', 'b=2'],
        ['cookie', 'c="x y"'],
      ],
    })
    expect(upstream.last().values('cookie')).toEqual(['a=1; b=2; c="x y"'])
  })

  test('a field called __proto__, constructor or hasOwnProperty is a field', async () => {
    const answer = await client.request(gateway, {
      headers: [
        ['__proto__', 'polluted'],
        ['constructor', 'c'],
        ['hasownproperty', 'h'],
      ],
    })
    expect(answer.status).toBe(200)
    expect(upstream.last().values('__proto__')).toEqual(['polluted'])
    expect(upstream.last().values('constructor')).toEqual(['c'])
    expect(upstream.last().values('hasownproperty')).toEqual(['h'])
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  test('bytes above 0x7f in a value pass unchanged', async () => {
    const bytes = 'caf\xe9 \xff\x80'
    await client.request(gateway, { headers: [['x-latin1', bytes]] })
    expect(upstream.last().values('x-latin1')).toEqual([bytes])
  })

  test('a trusted peer is believed and appended to', async () => {
    await client.request(gateway, {
      headers: [
        ['x-forwarded-for', '203.0.113.7'],
        ['x-forwarded-for', '198.51.100.2'],
        ['x-forwarded-proto', 'http'],
        ['x-forwarded-host', 'public.example'],
        ['x-forwarded-port', '8443'],
        ['x-real-ip', '203.0.113.7'],
        ['forwarded', 'for=203.0.113.7'],
        ['via', '1.1 front'],
      ],
    })
    const { values } = upstream.last()
    expect(values('x-forwarded-for')).toEqual(['203.0.113.7, 198.51.100.2, 127.0.0.1'])
    expect(values('x-forwarded-proto')).toEqual(['http'])
    expect(values('x-forwarded-host')).toEqual(['public.example'])
    expect(values('x-forwarded-port')).toEqual(['8443'])
    expect(values('x-real-ip')).toEqual(['203.0.113.7'])
    expect(values('forwarded')).toEqual([
      `for=203.0.113.7, for=127.0.0.1;host="app.localhost:${gateway.httpsPort}";proto=https`,
    ])
    expect(values('via')).toHaveLength(1)
    expect(values('via')[0]).toMatch(new RegExp(`^1\\.1 front, ${version} portico-[0-9a-f]+$`))
  })

  test('what an untrusted peer says of others is replaced', async () => {
    await client.request(wary, {
      headers: [
        ['x-forwarded-for', '203.0.113.7'],
        ['x-forwarded-proto', 'http'],
        ['x-forwarded-host', 'public.example'],
        ['x-forwarded-port', '8443'],
        ['x-real-ip', '203.0.113.7'],
        ['forwarded', 'for=203.0.113.7'],
      ],
    })
    const { values } = upstream.last()
    expect(values('x-forwarded-for')).toEqual(['127.0.0.1'])
    expect(values('x-forwarded-proto')).toEqual(['https'])
    expect(values('x-forwarded-host')).toEqual([`app.localhost:${wary.httpsPort}`])
    expect(values('x-forwarded-port')).toEqual([String(wary.httpsPort)])
    expect(values('x-real-ip')).toEqual(['127.0.0.1'])
    expect(values('forwarded')).toEqual([`for=127.0.0.1;host="app.localhost:${wary.httpsPort}";proto=https`])
  })

  test('fields with an underscore that alias the gateway’s own are dropped, others are kept', async () => {
    await client.request(gateway, {
      headers: [
        ['x_forwarded_for', '203.0.113.7'],
        ['X_Forwarded-Proto'.toLowerCase(), 'http'],
        ['content_length', '5'],
        ['transfer_encoding', 'chunked'],
        ['my_header', 'kept'],
      ],
    })
    const names = upstream.last().fields.map(([name]) => name.toLowerCase())
    expect(names.filter((name) => name.includes('_'))).toEqual(['my_header'])
  })

  test('the Host of the client reaches a local app, port and all', async () => {
    await client.request(gateway)
    expect(upstream.last().values('host')).toEqual([`app.localhost:${gateway.httpsPort}`])
  })

  test('with preserveHost off the backend is called by its own name', async () => {
    await client.request(gateway, { host: 'edit.localhost' })
    expect(upstream.last().values('host')).toEqual([`127.0.0.1:${upstream.port}`])
    expect(upstream.last().values('x-forwarded-host')).toEqual([`edit.localhost:${gateway.httpsPort}`])
  })

  test('a Host that the route sets is the one and only', async () => {
    await client.request(gateway, { host: 'named.localhost' })
    expect(upstream.last().values('host')).toEqual(['inner.example'])
  })

  test('the route’s request header edits replace and remove', async () => {
    await client.request(gateway, {
      host: 'edit.localhost',
      headers: [
        ['authorization', 'Basic abc'],
        ['x-set', 'one'],
        ['x-set', 'two'],
        ['x-gone', 'x'],
      ],
    })
    expect(upstream.last().values('authorization')).toEqual(['Bearer fixed'])
    expect(upstream.last().values('x-set')).toEqual(['by config'])
    expect(upstream.last().values('x-gone')).toEqual([])
  })

  test('TE passes only its "trailers"', async () => {
    await client.request(gateway, { headers: [['te', 'trailers']] })
    expect(upstream.last().values('te')).toEqual(['trailers'])
  })

  test.each([
    ['/strip', '/'],
    ['/strip/', '/'],
    ['/strip/a/b?x=/strip', '/a/b?x=/strip'],
    ['/strip?x=1', '/?x=1'],
    ['/strip/strip/x', '/strip/x'],
    ['/strip//x', '//x'],
    ['/add', '/base/add'],
    ['/add/x?y', '/base/add/x?y'],
    ['/both/x', '/base/x'],
    ['/both', '/base/'],
  ])('the route’s prefixes turn %s into %s', async (path, expected) => {
    await client.request(gateway, { host: 'prefix.localhost', path })
    expect(upstream.last().target).toBe(expected)
  })

  test('paths and queries reach the upstream byte for byte', async () => {
    const piece = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(..."abzAZ09-._~!$&'()*+,;=:@/?".split('')) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('%2F', '%2f', '%00', '%25', '%E9', '%c3%a9', '%zz', '%', '//', '..', '+'),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom('a=1&a=2', '?', '&&', '==', '|', '^', '"', '<', '>', '{', '}', '`', '\\', '[', ']'),
      },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
        const path = `/${pieces.join('')}`
        upstream.requests.length = 0
        const answer = await client.request(gateway, { path })
        expect(answer.status).toBe(200)
        expect(upstream.last().target).toBe(path)
      }),
      { numRuns: 40 },
    )
  })

  test.each(['PURGE', 'PROPFIND', 'REPORT', 'QUERY', 'MKCOL', 'SEARCH', 'DELETE', 'OPTIONS', 'PATCH', 'PUT', 'LINK'])(
    'the method %s reaches the upstream with its body',
    async (method) => {
      const answer = await client.request(gateway, { method, body: 'payload' })
      expect(answer.status).toBe(200)
      expect(upstream.last().method).toBe(method)
      expect(upstream.last().body.toString()).toBe('payload')
    },
  )

  test('OPTIONS * is answered by the gateway, for itself (RFC 9110 section 9.3.7)', async () => {
    const answer = await client.request(gateway, { method: 'OPTIONS', path: '*' })
    expect(answer.status).toBe(204)
    expect(answer.values('allow')[0]).toContain('GET')
    expect(upstream.requests).toEqual([])
  })

  test('a request that comes back to the gateway ends as a loop', async () => {
    await client.request(gateway)
    const via = upstream.last().values('via')[0] as string
    upstream.requests.length = 0
    const answer = await client.request(gateway, { headers: [['via', via]] })
    expect(answer.status).toBe(508)
    expect(answer.text).toContain('Portico itself')
    expect(upstream.requests).toEqual([])
  })
})

describe('over HTTP/1.1', () => {
  const HOST = 'Host: app.localhost\r\n'

  test('fields of the connection are not forwarded', async () => {
    const fields = [
      'Connection: X-Private, keep-alive , x-other',
      'X-Private: secret',
      'X-Other: secret',
      'Keep-Alive: timeout=5',
      'Proxy-Connection: keep-alive',
      'Proxy-Authorization: Basic abc',
      'TE: gzip, trailers',
      'Trailer: X-T',
      'X-Public: shown',
    ]
    await statusOfBytes(gateway, `GET / HTTP/1.1\r\n${HOST}${fields.join('\r\n')}\r\n\r\n`)
    const names = upstream.last().fields.map(([name]) => name.toLowerCase())
    for (const gone of ['x-private', 'x-other', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'trailer'])
      expect(names).not.toContain(gone)
    expect(upstream.last().values('te')).toEqual(['trailers'])
    expect(upstream.last().values('x-public')).toEqual(['shown'])
  })

  test('Connection cannot name away framing, routing or identity', async () => {
    await HTTP1.request(gateway, {
      method: 'POST',
      body: 'hello',
      headers: [
        [
          'Connection',
          'Content-Length, Transfer-Encoding, Host, X-Forwarded-For, Authorization, Cookie, Via, Forwarded',
        ],
        ['Authorization', 'Basic abc'],
        ['Cookie', 'a=1'],
        ['X-Forwarded-For', '203.0.113.7'],
      ],
    })
    const { values, body } = upstream.last()
    expect(body.toString()).toBe('hello')
    expect(values('authorization')).toEqual(['Basic abc'])
    expect(values('cookie')).toEqual(['a=1'])
    expect(values('x-forwarded-for')).toEqual(['203.0.113.7, 127.0.0.1'])
    expect(values('via')).toHaveLength(1)
  })

  test('an h2c upgrade is never offered to the upstream and answered as a plain request', async () => {
    const { status, closed } = await statusOfBytes(
      gateway,
      `GET /h2c HTTP/1.1\r\n${HOST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n`,
    )
    expect(status).toBe(200)
    // What the client may have sent behind it is lost in Node's parser, so the connection says that it ends.
    expect(closed).toBe(true)
    const names = upstream.last().fields.map(([name]) => name.toLowerCase())
    expect(names).not.toContain('upgrade')
    expect(names).not.toContain('http2-settings')
  })

  test('an absolute-form target for the same host is forwarded as a path', async () => {
    const { status } = await statusOfBytes(gateway, `GET https://app.localhost/x?y=1 HTTP/1.1\r\n${HOST}\r\n`)
    expect(status).toBe(200)
    expect(upstream.last().target).toBe('/x?y=1')
  })

  test('extra spaces in the request line are read as one (RFC 9112 section 3)', async () => {
    const { status } = await statusOfBytes(gateway, `GET  /spaces HTTP/1.1\r\n${HOST}\r\n`)
    expect(status).toBe(200)
    expect(upstream.last().target).toBe('/spaces')
  })

  test('an HTTP/1.0 client gets an answer without chunks on a connection that ends', async () => {
    const { text, closed } = await statusOfBytes(gateway, `GET / HTTP/1.0\r\n${HOST}\r\n`)
    expect(text).toMatch(/^HTTP\/1\.1 200 /)
    expect(text).not.toMatch(/transfer-encoding/i)
    expect(text).toMatch(/ok$/)
    expect(closed).toBe(true)
    expect(upstream.last().values('via')[0]).toMatch(/^1\.0 portico-/)
  })

  test('an HTTP/1.0 client that asks for it keeps its connection', async () => {
    const client = await RawClient.connect(gateway)
    client.send(`GET / HTTP/1.0\r\n${HOST}Connection: keep-alive\r\n\r\n`)
    await client.receive(/connection: keep-alive\r\n[\s\S]*\r\n\r\nok/i)
    client.send(`GET / HTTP/1.0\r\n${HOST}\r\n`)
    await client.closed()
    expect(client.statuses()).toEqual([200, 200])
  })

  test('pipelined requests are answered in their order', async () => {
    const client = await RawClient.connect(gateway)
    const paths = Array.from({ length: 20 }, (_, index) => `/p${index}`)
    client.send(paths.map((path) => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`).join(''))
    client.send(`GET /last HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`)
    await client.closed()
    expect(client.statuses()).toEqual(Array(21).fill(200))
    expect(new Set(upstream.requests.map(({ target }) => target))).toEqual(new Set([...paths, '/last']))
  })

  test('a good request is answered before the broken one behind it', async () => {
    const client = await RawClient.connect(gateway)
    client.send(`GET /good HTTP/1.1\r\n${HOST}\r\nnonsense\r\n\r\n`)
    await client.closed()
    expect(client.statuses()).toEqual([200, 400])
  })

  test('the request head may arrive byte by byte', async () => {
    const client = await RawClient.connect(gateway)
    for (const byte of `GET /slow?x=1 HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`) {
      client.send(byte)
      await new Promise(setImmediate)
    }
    await client.closed()
    expect(client.statuses()).toEqual([200])
    expect(upstream.last().target).toBe('/slow?x=1')
  })

  test('a client that half-closes after its request is answered', async () => {
    const client = await RawClient.connect(gateway)
    client.socket.end(`GET /half HTTP/1.1\r\n${HOST}\r\n`)
    await client.receive(/HTTP\/1\.1 200 [\s\S]*ok/)
    client.destroy()
  })
})

describe('over HTTP/2', () => {
  test('many streams of one session share connections to the upstream and each get their own answer', async () => {
    const session = await connectH2(gateway)
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => requestH2(session, gateway, { path: `/s${index}` })),
    )
    session.destroy()
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(new Set(upstream.requests.map(({ target }) => target)).size).toBe(100)
  })

  test('a Host field that agrees with :authority is accepted and sent once', async () => {
    const answer = await HTTP2.request(gateway, { headers: [['host', `app.localhost:${gateway.httpsPort}`]] })
    expect(answer.status).toBe(200)
    expect(upstream.last().values('host')).toHaveLength(1)
  })

  test('a Host field that differs from :authority is refused', async () => {
    const answer = await HTTP2.request(gateway, { headers: [['host', 'other.localhost']] })
    expect(answer.status).toBe(400)
    expect(upstream.requests).toEqual([])
  })
})
