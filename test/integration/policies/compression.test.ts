import { setTimeout as delay } from 'node:timers/promises'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { HTTP1, PROTOCOLS } from '../../support/client.js'
import { curl } from '../../support/curl.js'
import { startGateway, type TestGateway } from '../../support/gateway.js'
import { connectH2 } from '../../support/h2-client.js'
import { type Responder, startUpstream } from '../../support/upstream.js'

const open: { close?(): Promise<void>; stop?(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await (one.stop?.() ?? one.close?.())
})

async function start(respond: Responder, compression: object = {}): Promise<TestGateway> {
  const upstream = await startUpstream(respond)
  open.push(upstream)
  const gateway = await startGateway({
    apps: [{ name: 'app', port: upstream.port, policies: { compression } as never }],
  })
  open.push(gateway)
  return gateway
}

const TEXT = 'Portico compresses what shrinks. '.repeat(400)
const text: Responder = (_incoming, response) => {
  response.writeHead(200, {
    ...{ 'content-type': 'text/html; charset=utf-8', etag: '"v1"', 'accept-ranges': 'bytes', vary: 'Cookie' },
    'content-length': Buffer.byteLength(TEXT),
  })
  response.end(TEXT)
}
const accept = (value: string): [string, string][] => [['accept-encoding', value]]
const DECODERS = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync }

describe.each(PROTOCOLS)('over $name', (protocol) => {
  test.each([
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['br;q=0.9, gzip;q=1', 'gzip'],
    ['zstd;q=0, *', 'br'],
  ] as const)('Accept-Encoding: %s is answered with %s', async (wanted, coding) => {
    const gateway = await start(text)
    const answer = await protocol.request(gateway, { headers: accept(wanted) })
    expect(answer.values('content-encoding')).toEqual([coding])
    expect(DECODERS[coding](answer.body).toString()).toBe(TEXT)
    expect(answer.values('vary')).toEqual(['Cookie, Accept-Encoding'])
    expect([answer.values('etag'), answer.values('content-length'), answer.values('accept-ranges')]).toEqual([
      ['W/"v1"'],
      [],
      [],
    ])
    const entry = gateway.entries().at(-1)
    expect([entry?.status, entry?.bytesOut]).toEqual([200, answer.body.length])
  })

  test('HEAD is told what GET would be', async () => {
    const gateway = await start(text)
    const answer = await protocol.request(gateway, { method: 'HEAD', headers: accept('gzip') })
    expect([answer.status, answer.values('content-encoding'), answer.body.length]).toEqual([200, ['gzip'], 0])
  })

  test('20 MiB stay within memory while a slow client reads them', async () => {
    const chunk = Buffer.from(Array.from({ length: 65_536 }, (_, i) => (i * 7919) % 251))
    const gateway = await start((_incoming, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = (left: number) => {
        for (; left > 0; left--) if (!response.write(chunk)) return void response.once('drain', () => more(left - 1))
        response.end()
      }
      more(320)
    })
    const answer = await protocol.request(gateway, { headers: accept('gzip') })
    expect(gunzipSync(answer.body).length).toBe(320 * 65_536)
  })
})

test.each<[string, Record<string, string | number>]>([
  ['has a coding already', { 'content-type': 'text/plain', 'content-encoding': 'br' }],
  ['is of a type that does not shrink', { 'content-type': 'image/png' }],
  ['may not be transformed', { 'content-type': 'text/plain', 'cache-control': 'public, no-transform' }],
  ['has no type', {}],
])('an answer that %s stays as it is', async (_what, fields) => {
  const gateway = await start((_incoming, response) => {
    response.writeHead(200, { ...fields, 'content-length': TEXT.length })
    response.end(TEXT)
  })
  const answer = await HTTP1.request(gateway, { headers: accept('gzip') })
  expect([answer.text, answer.values('content-length')]).toEqual([TEXT, [String(TEXT.length)]])
})

test('small answers, parts of one, and those without a body stay as they are', async () => {
  const gateway = await start((incoming, response) => {
    const [status, body] =
      incoming.url === '/part' ? [206, TEXT] : incoming.url === '/none' ? [304, ''] : [200, 'small']
    response.writeHead(status as number, {
      'content-type': 'text/plain',
      ...(status === 206 ? { 'content-range': 'bytes 0-9/99' } : {}),
      ...(status === 304 ? {} : { 'content-length': body.length }),
    })
    response.end(body)
  })
  for (const path of ['/', '/part', '/none']) {
    const answer = await HTTP1.request(gateway, { path, headers: accept('gzip') })
    expect([path, answer.values('content-encoding')]).toEqual([path, []])
  }
})

test('events reach the client one by one, though they are compressed', async () => {
  let send: (text: string) => void = () => {}
  const gateway = await start((_incoming, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    send = (data) => response.write(data)
    send('data: first\n\n')
  })
  const session = await connectH2(gateway)
  const stream = session.request({
    ':path': '/',
    ':authority': `app.localhost:${gateway.httpsPort}`,
    'accept-encoding': 'gzip',
  })
  const { createGunzip } = await import('node:zlib')
  const events = stream.pipe(createGunzip())
  events.on('error', () => {}) // it is broken off at the end
  const next = () => new Promise<string>((resolve) => events.once('data', (data: Buffer) => resolve(data.toString())))
  expect(await next()).toBe('data: first\n\n')
  const second = next()
  send('data: second\n\n')
  expect(await second).toBe('data: second\n\n')
  session.destroy()
})

test('a page that is written in pieces shows each of them, without waiting for the end', async () => {
  let finish: () => void = () => {}
  const gateway = await start((_incoming, response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.write('<p>shell</p>')
    finish = () => response.end('<p>rest</p>')
  })
  const session = await connectH2(gateway)
  const stream = session.request({
    ':path': '/',
    ':authority': `app.localhost:${gateway.httpsPort}`,
    'accept-encoding': 'br',
  })
  const { createBrotliDecompress } = await import('node:zlib')
  const page = stream.pipe(createBrotliDecompress())
  page.on('error', () => {})
  const next = () => new Promise<string>((resolve) => page.once('data', (data: Buffer) => resolve(data.toString())))
  expect(await next()).toBe('<p>shell</p>')
  const rest = next()
  finish()
  expect(await rest).toBe('<p>rest</p>')
  session.destroy()
})

test('a client that goes away in the middle ends the backend’s answer', async () => {
  let ended = false
  const gateway = await start((_incoming, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' })
    response.on('close', () => {
      ended = true
    })
    const more = () => {
      if (!response.destroyed) response.write(TEXT, () => setImmediate(more))
    }
    more()
  })
  const session = await connectH2(gateway)
  const stream = session.request({
    ':path': '/',
    ':authority': `app.localhost:${gateway.httpsPort}`,
    'accept-encoding': 'gzip',
  })
  await new Promise((resolve) => stream.once('data', resolve))
  session.destroy()
  for (let i = 0; i < 200 && !ended; i++) await delay(20)
  expect(ended).toBe(true)
})

test('curl undoes each coding that it knows', async () => {
  const gateway = await start(text)
  expect(await curl(gateway, 'https://app.localhost/', '--compressed')).toBe(TEXT)
})
