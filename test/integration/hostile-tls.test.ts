import { execFile } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { setImmediate as tick } from 'node:timers/promises'
import tls from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HTTP1, HTTP2 } from '../support/client.js'
import { type GatewayProcess, startGatewayProcess } from '../support/hostile/gateway-process.js'
import { clientHello, firstRecord, type HelloOptions } from '../support/hostile/tls-bytes.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until, within } from '../support/wait.js'

let upstream: TestUpstream
let gateway: GatewayProcess

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGatewayProcess({
    limits: { headersTimeout: '2s' },
    apps: [
      { name: 'app', port: upstream.port },
      { name: 'other', port: upstream.port },
    ],
  })
}, 90_000)

afterAll(async () => {
  const errors = gateway?.stderr()
  const alive = gateway?.alive()
  await gateway?.dispose()
  await upstream?.close()
  expect(alive).toBe(true)
  expect(errors).toBe('')
})

const bytes = (text: string) => Buffer.from(text, 'latin1')

describe('a server name', () => {
  const cases: [string, Buffer | null, 'handshake' | 'alert'][] = [
    ['of the config', bytes('app.localhost'), 'handshake'],
    ['that is missing', null, 'handshake'],
    ['in upper case', bytes('APP.LOCALHOST'), 'handshake'],
    ['with a trailing dot', bytes('app.localhost.'), 'handshake'],
    ['that nobody owns', bytes('nobody.localhost'), 'handshake'],
    ['that is an address', bytes('127.0.0.1'), 'handshake'],
    ['that is an IPv6 address', bytes('::1'), 'handshake'],
    ['of 255 bytes', Buffer.alloc(255, 'a'), 'handshake'],
    ['with bytes that are no ASCII', bytes('caf\xe9.localhost'), 'handshake'],
    ['with spaces and slashes', bytes('a b/../c'), 'handshake'],
    ['of an object property', bytes('__proto__'), 'handshake'],
    ['with a NUL', bytes('app.localhost\0.evil.example'), 'alert'],
    ['that is empty', Buffer.alloc(0), 'handshake'],
  ]
  test.each(cases)('%s is answered with a %s', async (_name, sni, expected) => {
    expect(firstRecord(await answerTo(clientHello({ sni })))).toBe(expected)
  })
})

describe('a ClientHello', () => {
  const cases: [string, HelloOptions, 'handshake' | 'alert'][] = [
    ['without ALPN', { alpn: null }, 'handshake'],
    ['that offers unknown protocols only', { alpn: [bytes('spdy/3'), bytes('\0\xff')] }, 'alert'],
    ['that offers h2 among junk', { alpn: [bytes('junk'), bytes('h2')] }, 'handshake'],
    ['with an empty list of protocols', { alpn: [] }, 'alert'],
    ['with suites that nobody shares', { suites: [0x000a, 0x002f, 0xc0ff] }, 'alert'],
    ['for TLS 1.0', { versions: [0x0301] }, 'alert'],
    ['for TLS 1.1', { versions: [0x0302] }, 'alert'],
    ['for SSL 3', { versions: [0x0300] }, 'alert'],
  ]
  test.each(cases)('%s is answered with a %s', async (_name, options, expected) => {
    expect(firstRecord(await answerTo(clientHello(options)))).toBe(expected)
  })

  test('cut off anywhere leaves no connection behind', async () => {
    const hello = clientHello()
    const before = await settledDescriptors()
    for (let length = 1; length < hello.length; length += 7) await answerTo(hello.subarray(0, length), { end: true })
    await until(async () => (await gateway.descriptors()) <= before, 'the descriptors are back', 8_000)
  })

  test('sent one byte at a time is answered', async () => {
    const socket = await connect()
    socket.setNoDelay(true)
    for (const byte of clientHello()) {
      socket.write(Buffer.from([byte]))
      await tick()
    }
    const [chunk] = (await within(once(socket, 'data'), 'an answer')) as [Buffer]
    expect(firstRecord(chunk)).toBe('handshake')
    socket.destroy()
  })
})

describe('what is no TLS', () => {
  const cases: [string, Buffer, string][] = [
    [
      'a handshake record of garbage',
      Buffer.concat([Buffer.from([0x16, 3, 1, 0, 200]), Buffer.alloc(200, 0xa5)]),
      'alert',
    ],
    [
      'a record that is too long',
      Buffer.concat([Buffer.from([0x16, 3, 1, 0xff, 0xff]), Buffer.alloc(70_000)]),
      'alert',
    ],
    ['an SSL 2 hello', Buffer.from([0x80, 0x2e, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10]), 'http'],
    ['words', bytes('hello there\r\n\r\n'), 'http'],
    ['a request line without end', Buffer.alloc(100_000, 'A'), 'http'],
    ['plain HTTP with a NUL', bytes('GET /\0 HTTP/1.1\r\nHost: app.localhost\r\n\r\n'), 'http'],
    ['the preface of HTTP/2', bytes('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), 'http'],
  ]
  test.each(cases)('%s is refused', async (_name, sent, expected) => {
    const answer = await answerTo(sent, { end: true })
    expect(['nothing', expected]).toContain(firstRecord(answer))
    if (firstRecord(answer) === 'http') expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 (308|4\d\d) /)
  })
})

describe('with OpenSSL', () => {
  const WEAK =
    'AES128-SHA:AES256-SHA:AES128-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-CCM8:' +
    'ECDHE-ECDSA-AES256-CCM8:ECDHE-ECDSA-AES128-CCM:ECDHE-ECDSA-ARIA128-GCM-SHA256:ECDHE-ECDSA-CAMELLIA128-SHA256'
  test.each(WEAK.split(':'))('the suite %s is not to be had', async (suite) => {
    expect(await sClient(['-tls1_2', '-cipher', `${suite}@SECLEVEL=0`])).not.toMatch(/Cipher is [A-Z]+-/)
  })

  test.each(['TLS_AES_128_CCM_SHA256', 'TLS_AES_128_CCM_8_SHA256'])('the suite %s is not to be had', async (suite) => {
    expect(await sClient(['-tls1_3', '-ciphersuites', suite])).not.toMatch(/Cipher is TLS_/)
  })

  test.each(['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'])('the suite %s is', async (suite) => {
    expect(await sClient(['-tls1_2', '-cipher', suite])).toContain(`Cipher is ${suite}`)
  })

  test('renegotiation is refused', async () => {
    expect(await sClient(['-tls1_2'], 'R\n')).toMatch(/RENEGOTIATING\s[\s\S]*no renegotiation/)
  })
})

test('a resumed session is bound to its own server name: another app is 421', async () => {
  const session = await ticketFor('app.localhost')
  expect(await resumed(session, 'app.localhost', 'app.localhost')).toEqual({ reused: true, status: 200 })
  expect((await resumed(session, 'app.localhost', 'other.localhost')).status).toBe(421)
  // A ticket presented under another name must not carry the old name along.
  expect((await resumed(session, 'other.localhost', 'app.localhost')).status).toBe(421)
  expect((await resumed(session, 'other.localhost', 'other.localhost')).status).toBe(200)
})

test('after all this both protocols are served, and no connection is left', async () => {
  for (const client of [HTTP1, HTTP2]) expect((await client.request(gateway)).text).toBe('ok')
  await until(async () => (await gateway.descriptors()) < 40, 'few descriptors are open', 8_000)
})

async function connect(): Promise<net.Socket> {
  const socket = net.connect({ port: gateway.httpsPort, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Sends bytes and collects what comes back, until the first record is there or the gateway ends the connection. */
async function answerTo(sent: Buffer, { end = false } = {}): Promise<Buffer> {
  const socket = await connect()
  const chunks: Buffer[] = []
  let over = false
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.on('end', () => {
    over = true
  })
  socket.on('close', () => {
    over = true
  })
  socket.write(sent)
  if (end) socket.end()
  await until(() => over || (!end && chunks.length > 0), 'an answer or an end', 8_000)
  socket.destroy()
  return Buffer.concat(chunks)
}

async function settledDescriptors(): Promise<number> {
  let last = -1
  await until(async () => {
    const now = await gateway.descriptors()
    const settled = now === last
    last = now
    return settled
  }, 'the descriptors settle')
  return last
}

/** What `openssl s_client` says; it may well fail. */
async function sClient(args: string[], input = ''): Promise<string> {
  const target = ['-connect', `127.0.0.1:${gateway.httpsPort}`, '-servername', 'app.localhost']
  const running = promisify(execFile)('openssl', ['s_client', ...target, ...args], { timeout: 10_000 })
  running.child.stdin?.on('error', () => {}).end(input)
  const { stdout, stderr } = await running.catch((error: { stdout: string; stderr: string }) => error)
  return stdout + stderr
}

function options(servername: string): tls.ConnectionOptions {
  return { port: gateway.httpsPort, host: '127.0.0.1', ca: gateway.ca, servername, ALPNProtocols: ['http/1.1'] }
}

async function ticketFor(servername: string): Promise<Buffer> {
  const socket = tls.connect(options(servername))
  socket.resume()
  const [session] = (await within(once(socket, 'session'), 'a session ticket')) as [Buffer]
  socket.destroy()
  return session
}

async function resumed(
  session: Buffer,
  servername: string,
  host: string,
): Promise<{ reused: boolean; status: number }> {
  const socket = tls.connect({ ...options(servername), session, checkServerIdentity: () => undefined })
  socket.on('error', () => {})
  await within(once(socket, 'secureConnect'), 'a handshake')
  const reused = socket.isSessionReused()
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  await within(once(socket, 'close'), 'the answer')
  return { reused, status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0) }
}
