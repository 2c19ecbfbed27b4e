import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startGateway, type TestConfig, type TestGateway } from '../support/gateway.js'
import { readStream } from '../support/h2-client.js'
import { RawClient } from '../support/raw-client.js'
import { type RawUpstream, startRawUpstream } from '../support/raw-upstream.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import {
  closed,
  DOORS,
  extendedConnect,
  HTTP1,
  message,
  type SocketUpstream,
  sessionOf,
  startSocketUpstream,
} from '../support/websocket.js'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

async function gatewayFor(config: TestConfig): Promise<TestGateway> {
  const gateway = await startGateway(config)
  onTestFinished(() => gateway.stop())
  return gateway
}

async function socketUpstream(...args: Parameters<typeof startSocketUpstream>): Promise<SocketUpstream> {
  const upstream = await startSocketUpstream(...args)
  onTestFinished(() => upstream.close())
  return upstream
}

async function rawUpstream(...args: Parameters<typeof startRawUpstream>): Promise<RawUpstream> {
  const upstream = await startRawUpstream(...args)
  onTestFinished(() => upstream.close())
  return upstream
}

interface Answer {
  status: number
  body: string
  field(name: string): string | undefined
}

/** A handshake over either protocol that is expected to be refused. */
async function refused(door: string, gateway: TestGateway, target = '/', fields = ''): Promise<Answer> {
  const lines = fields.split('\r\n').filter((line) => line !== '')
  if (door === 'HTTP/2') {
    const pairs = lines.map((line) => line.split(': ') as [string, string])
    const stream = await extendedConnect(gateway, target, [['sec-websocket-version', '13'], ...pairs])
    const { status, body, fields: answer } = await readStream(stream)
    return { status, body: body.toString(), field: (name) => answer.find(([field]) => field === name)?.[1] }
  }
  const client = await RawClient.connect(gateway)
  client.send(handshake(gateway, { target, fields }))
  const text = await client.closed()
  const [head = '', ...rest] = text.split('\r\n\r\n')
  return {
    status: Number(head.split(' ')[1]),
    body: dechunked(head, rest.join('\r\n\r\n')),
    field: (name) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim(),
  }
}

function handshake(
  gateway: TestGateway,
  { target = '/', fields = '', key = `Sec-WebSocket-Key: ${KEY}\r\n`, version = '13' } = {},
): string {
  return (
    `GET ${target} HTTP/1.1\r\nHost: app.localhost:${gateway.httpsPort}\r\nConnection: keep-alive, Upgrade\r\n` +
    `Upgrade: websocket\r\n${key}Sec-WebSocket-Version: ${version}\r\n${fields}\r\n`
  )
}

function dechunked(head: string, body: string): string {
  if (!/^transfer-encoding: chunked/im.test(head)) return body
  let out = ''
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at)
    const size = Number.parseInt(body.slice(at, end), 16)
    if (!(size > 0)) return out
    out += body.slice(end + 2, end + 2 + size)
    at = end + 4 + size
  }
}

describe.each(DOORS)('over $name', (door) => {
  test('subprotocol and compression are negotiated between the two ends', async () => {
    const upstream = await socketUpstream((socket) => socket.on('message', (data) => socket.send(data)), {
      perMessageDeflate: { threshold: 0 },
      handleProtocols: (offered) => [...offered][1] as string,
    })
    const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
    const client = await door.connect(gateway, '/', {
      protocols: ['first', 'second'],
      perMessageDeflate: { threshold: 0 },
    })
    expect(client.protocol).toBe('second')
    expect(client.extensions).toContain('permessage-deflate')
    const offered = upstream.handshakes[0]?.headers
    expect(offered?.['sec-websocket-protocol']).toBe('first,second')
    expect(offered?.['sec-websocket-extensions']).toBe('permessage-deflate; client_max_window_bits')
    const arrival = message(client)
    client.send('a'.repeat(100_000))
    expect((await arrival).data.toString()).toBe('a'.repeat(100_000))
    client.close()
    const entry = await gateway.entry('/')
    expect(entry.bytesIn).toBeLessThan(2_000)
    if (door.name === 'HTTP/2') (await sessionOf(gateway)).destroy()
  })

  test('what the client did not offer is not negotiated', async () => {
    const upstream = await socketUpstream(undefined, { perMessageDeflate: true })
    const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
    const client = await door.connect(gateway, '/', { perMessageDeflate: false })
    expect(client.extensions).toBe('')
    expect(client.protocol).toBe('')
    expect(upstream.handshakes[0]?.headers['sec-websocket-extensions']).toBeUndefined()
    client.close()
    await closed(client)
    if (door.name === 'HTTP/2') (await sessionOf(gateway)).destroy()
  })

  test('the backend sees a proper handshake: path untouched, Host kept, forwarding fields, one Cookie', async () => {
    const upstream = await socketUpstream()
    const gateway = await gatewayFor({
      apps: [
        {
          name: 'app',
          routes: [
            {
              path: '/in/*',
              stripPrefix: '/in',
              addPrefix: '/out',
              upstream: { backends: [{ url: upstream.url }] },
              headers: { request: { set: { 'X-Added': 'yes' }, remove: ['X-Removed'] } },
            },
          ],
        },
      ],
    })
    const client = await door.connect(gateway, '/in//a%2Fb/c%20d?x=1&x=%zz&empty=?&', {
      headers: {
        Cookie: 'a=1; b=2',
        'X-Removed': '1',
        'X-Forwarded-For': '10.9.8.7',
        'X-Twice': ['1', '2'] as unknown as string,
      },
      origin: 'https://elsewhere.example',
    })
    const request = upstream.handshakes[0]
    const raw = request?.rawHeaders ?? []
    const values = (name: string) => raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === name)
    expect(request?.url).toBe('/out//a%2Fb/c%20d?x=1&x=%zz&empty=?&')
    expect(values('host')).toEqual([`app.localhost:${gateway.httpsPort}`])
    expect(values('connection')).toEqual(['Upgrade'])
    expect(values('upgrade')).toEqual(['websocket'])
    expect(values('sec-websocket-version')).toEqual(['13'])
    expect(values('sec-websocket-key')).toHaveLength(1)
    expect(values('cookie')).toEqual(['a=1; b=2'])
    expect(values('origin')).toEqual(['https://elsewhere.example'])
    expect(values('x-added')).toEqual(['yes'])
    expect(values('x-removed')).toEqual([])
    expect(values('x-forwarded-for')).toEqual(['10.9.8.7, 127.0.0.1'])
    expect(values('x-forwarded-proto')).toEqual(['https'])
    expect(values('forwarded')).toHaveLength(1)
    expect(values('via')[0]).toMatch(door.name === 'HTTP/2' ? /^2 portico-/ : /^1\.1 portico-/)
    expect(raw.filter((name) => name.startsWith(':'))).toEqual([])
    client.close()
    await closed(client)
    if (door.name === 'HTTP/2') (await sessionOf(gateway)).destroy()
  })

  test.each(['/?', '/a?', '//double//slash', '/?only=query', '/%00%ff', '/a/../b/./c'])(
    'the target %s arrives byte for byte',
    async (target) => {
      const upstream = await socketUpstream()
      const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
      if (door.name === 'HTTP/2') {
        const stream = await extendedConnect(gateway, target)
        await once(stream, 'response')
        stream.close()
        ;(await sessionOf(gateway)).destroy()
      } else {
        const client = await RawClient.connect(gateway)
        await client.send(handshake(gateway, { target })).receive('101 ')
        client.destroy()
      }
      expect(upstream.handshakes[0]?.url).toBe(target)
    },
  )

  describe('a backend that refuses is heard', () => {
    let upstream: TestUpstream
    let gateway: TestGateway

    beforeAll(async () => {
      upstream = await startUpstream((request, response) => {
        const status = Number(request.url?.slice(1))
        response.setHeader('X-Reason', 'because')
        response.setHeader('Set-Cookie', ['a=1', 'b=2'])
        response.setHeader('Connection', 'keep-alive, X-Hop')
        response.setHeader('X-Hop', 'private')
        if (status === 302) response.setHeader('Location', `http://localhost:${upstream.port}/login`)
        response.statusCode = status
        if (status === 204 || status === 304) response.end()
        else if (status === 200) {
          response.setHeader('Content-Length', '12')
          response.end('plain answer')
        } else {
          response.write('first, ')
          response.end(`no (${status})`)
        }
      })
      gateway = await startGateway({ apps: [{ name: 'app', port: upstream.port }] })
    })

    afterAll(async () => {
      if (door.name === 'HTTP/2') (await sessionOf(gateway)).destroy()
      await gateway.stop()
      await upstream.close()
    })

    test.each([401, 404, 500, 503])('%i with its fields and body', async (status) => {
      const answer = await refused(door.name, gateway, `/${status}`)
      expect(answer.status).toBe(status)
      expect(answer.body).toBe(`first, no (${status})`)
      expect(answer.field('x-reason')).toBe('because')
      expect(answer.field('x-hop')).toBeUndefined()
      const entry = await gateway.entry(`/${status}`)
      expect(entry).toMatchObject({ status, error: null, bytesOut: answer.body.length })
    })

    test('a 2xx, where that does not mean acceptance', async () => {
      const answer = await refused(door.name, gateway, '/200')
      const empty = await refused(door.name, gateway, '/204')
      if (door.name === 'HTTP/2') {
        expect([answer.status, empty.status]).toEqual([502, 502])
        expect(answer.body).toContain('it sent 200 instead of switching')
        return
      }
      expect(empty).toMatchObject({ status: 204, body: '' })
      expect(empty.field('transfer-encoding')).toBeUndefined()
      expect(answer).toMatchObject({ status: 200, body: 'plain answer' })
      expect(answer.field('content-length')).toBe('12')
      expect(answer.field('transfer-encoding')).toBeUndefined()
    })

    test('304, without a body', async () => {
      const answer = await refused(door.name, gateway, '/304')
      expect(answer).toMatchObject({ status: 304, body: '' })
      expect(answer.field('transfer-encoding')).toBeUndefined()
    })

    test('a redirect, to the address that the client knows', async () => {
      const answer = await refused(door.name, gateway, '/302')
      expect(answer.status).toBe(302)
      expect(answer.field('location')).toBe(`https://app.localhost:${gateway.httpsPort}/login`)
    })

    test('its connection is not kept', async () => {
      await refused(door.name, gateway, '/404')
      await expect.poll(() => upstream.connections.size).toBe(0)
    })
  })

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
    if (door.name === 'HTTP/2') (await sessionOf(gateway)).destroy()
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
    if (door.name === 'HTTP/2') (await sessionOf(gateway)).destroy()
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
    if (door.name === 'HTTP/2') (await sessionOf(gateway)).destroy()
  })

  test('a backend that hangs up without an answer is a 502', async () => {
    for (const hangUp of ['end', 'resetAndDestroy'] as const) {
      const upstream = await rawUpstream(({ socket }) => socket[hangUp]())
      const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
      const answer = await refused(door.name, gateway)
      expect(answer.status).toBe(502)
      expect(answer.body).toContain('closed the connection without an answer')
      if (door.name === 'HTTP/2') (await sessionOf(gateway)).destroy()
    }
  })

  test('a refusal that breaks off in its middle does not end cleanly', async () => {
    const upstream = await rawUpstream(({ socket }) =>
      socket.end('HTTP/1.1 403 No\r\nContent-Length: 100\r\n\r\nonly this'),
    )
    const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
    if (door.name === 'HTTP/2') {
      const { status, broken } = await readStream(await extendedConnect(gateway))
      expect({ status, broken }).toEqual({ status: 403, broken: true })
      ;(await sessionOf(gateway)).destroy()
    } else {
      const client = await RawClient.connect(gateway)
      const text = await client.send(handshake(gateway)).closed()
      expect(text).toContain('Content-Length: 100')
      expect(text.endsWith('only this')).toBe(true)
    }
    expect((await gateway.entry('/')).error).toContain('broke off in the middle')
  })

  test('backends on ::1 only are found', async () => {
    const upstream = await socketUpstream(undefined, { listenHost: '::1' })
    const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
    const client = await door.connect(gateway)
    client.close()
    await closed(client)
    if (door.name === 'HTTP/2') (await sessionOf(gateway)).destroy()
  })

  test('a secure backend is verified against its CA file, and refused without', async () => {
    const pems = await generate([{ name: 'commonName', value: 'backend.test' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'backend.test' }] }],
    })
    const upstream = await socketUpstream((socket) => socket.on('message', (data) => socket.send(data)), {
      tls: { cert: pems.cert, key: pems.private },
    })
    const gateway = await gatewayFor({ apps: [] })
    const caFile = path.join(gateway.dataDir, 'backend-ca.pem')
    await writeFile(caFile, pems.cert)
    const route = (target: string, more: object) => ({
      path: target,
      upstream: { backends: [{ url: upstream.url, ...more }] },
    })
    await gateway.configure({
      apps: [
        {
          name: 'app',
          routes: [
            route('/verified', { caFile, serverName: 'backend.test' }),
            route('/insecure', { insecure: true }),
            route('/unverified', { serverName: 'backend.test' }),
          ],
        },
      ],
    })
    for (const target of ['/verified', '/insecure']) {
      const client = await door.connect(gateway, target)
      const arrival = message(client)
      client.send('through TLS')
      expect((await arrival).data.toString()).toBe('through TLS')
      client.close()
      await closed(client)
    }
    const answer = await refused(door.name, gateway, '/unverified')
    expect(answer.status).toBe(502)
    expect(answer.body).toContain('could not be reached safely')
    if (door.name === 'HTTP/2') (await sessionOf(gateway)).destroy()
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
    if (door.name === 'HTTP/2') (await sessionOf(gateway)).destroy()
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
    if (door.name === 'HTTP/2') (await sessionOf(gateway)).destroy()
  })

  test('response fields are rewritten and edited, but what was negotiated stays', async () => {
    const upstream = await socketUpstream(undefined, { handleProtocols: () => 'chat' })
    upstream.server.on('headers', (headers) =>
      headers.push('Set-Cookie: a=1; Domain=127.0.0.1', 'Set-Cookie: b=2', 'Server: secret', 'X-Gone: 1'),
    )
    const gateway = await gatewayFor({
      apps: [
        {
          name: 'app',
          routes: [
            {
              path: '/',
              upstream: { backends: [{ url: upstream.url }] },
              headers: {
                response: {
                  set: { 'X-Set': 'yes', 'Sec-WebSocket-Protocol': 'other' },
                  remove: ['X-Gone', 'Sec-WebSocket-Accept'],
                },
              },
            },
          ],
        },
      ],
    })
    let fields: Record<string, string | string[] | undefined>
    if (door.name === 'HTTP/2') {
      const stream = await extendedConnect(gateway, '/', [
        ['sec-websocket-version', '13'],
        ['sec-websocket-protocol', 'chat'],
      ])
      fields = (await once(stream, 'response'))[0]
      expect(fields['sec-websocket-accept']).toBeUndefined()
      stream.close()
      ;(await sessionOf(gateway)).destroy()
    } else {
      const [response] = await new Promise<[{ headers: typeof fields }]>((resolve, reject) => {
        HTTP1.connect(gateway, '/', {
          protocols: ['chat'],
          finishRequest: (request) => {
            request.on('upgrade', (answer) => resolve([answer]))
            request.end()
          },
        }).then((client) => client.terminate(), reject)
      })
      fields = response.headers
      expect(fields['sec-websocket-accept']).toBeDefined()
    }
    expect(fields['sec-websocket-protocol']).toBe('chat')
    expect(fields['set-cookie']).toEqual(['a=1', 'b=2'])
    expect(fields.server).toBeUndefined()
    expect(fields['x-set']).toBe('yes')
    expect(fields['x-gone']).toBeUndefined()
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
    ;(await sessionOf(gateway)).destroy()
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

test('a refusal that its client does not read is given up at the idle timeout', async () => {
  const upstream = await startUpstream((_request, response) => {
    response.statusCode = 403
    response.end(Buffer.alloc(32 * 1024 * 1024))
  })
  onTestFinished(() => upstream.close())
  const gateway = await gatewayFor({
    defaults: { timeouts: { idle: '400ms' } },
    apps: [{ name: 'app', port: upstream.port }],
  })
  const client = await RawClient.connect(gateway)
  client.socket.pause()
  client.send(handshake(gateway))
  expect((await gateway.entry('/')).error).toBe('The client stopped reading the answer.')
  client.destroy()
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
  ;(await sessionOf(gateway)).destroy()
})
