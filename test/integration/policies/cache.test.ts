import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import type { CacheSettings } from '../../../src/shared/policies/content-schemas.js'
import { launchTrusting, missingBrowser } from '../../support/chromium.js'
import { type ClientResponse, HTTP1, HTTP2, PROTOCOLS } from '../../support/client.js'
import { curl } from '../../support/curl.js'
import { startGateway, type TestConfig, type TestGateway } from '../../support/gateway.js'
import { connectH2, requestH2 } from '../../support/h2-client.js'
import { type Responder, startUpstream } from '../../support/upstream.js'
import { until } from '../../support/wait.js'

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const app = (name: string, url: string, cache: CacheSettings) => ({
  name,
  routes: [{ path: '/', upstream: { backends: [{ url }], retry: { attempts: 1 } } }],
  policies: { cache },
})

async function start(respond: Responder, cache: CacheSettings = {}, more: Partial<TestConfig> = {}) {
  const upstream = await startUpstream(respond)
  const config: TestConfig = { apps: [app('app', upstream.url, cache)], ...more } as TestConfig
  const gateway = await startGateway(config)
  ends.push(async () => {
    await gateway.stop()
    await upstream.close()
  })
  return { upstream, gateway, config }
}

const answer = (response: ServerResponse, headers: Record<string, string>, body = 'body', status = 200) =>
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body)

const statusOf = (response: ClientResponse) => response.values('cache-status').join(', ')

test.each(PROTOCOLS)(
  'over $name a fresh answer comes from the cache, with its age, and the log says so',
  async (client) => {
    const { upstream, gateway } = await start((_request, response) =>
      answer(response, { 'Cache-Control': 'max-age=60', Age: '7' }),
    )
    const first = await client.request(gateway, { path: '/a' })
    expect(statusOf(first)).toBe('Portico; fwd=uri-miss; stored')
    const second = await client.request(gateway, { path: '/a', headers: [['x', 'other']] })
    expect(second.text).toBe('body')
    expect(statusOf(second)).toMatch(/^Portico; hit; ttl=5\d$/)
    expect(Number(second.values('age')[0])).toBeGreaterThanOrEqual(7)
    expect(upstream.heads).toBe(1)
    await until(() => gateway.entries().length === 2, 'both entries')
    expect(gateway.entries()[1]).toMatchObject({ attempts: 0, backend: null, status: 200, bytesOut: 4 })
    const head = await client.request(gateway, { path: '/a', method: 'HEAD' })
    expect([head.status, head.values('content-length'), head.text]).toEqual([200, ['4'], ''])
    expect(upstream.heads).toBe(1)
  },
)

test('one host is never answered with what another one has', async () => {
  const upstream = await startUpstream((request, response) =>
    answer(response, { 'Cache-Control': 'max-age=60' }, request.headers.host?.split(':')[0]),
  )
  const two = { ...app('app', upstream.url, {}), hosts: ['app.localhost', '*.app.localhost'] }
  const gateway = await startGateway({ apps: [two, app('other', upstream.url, {})] } as TestConfig)
  ends.push(
    () => gateway.stop(),
    () => upstream.close(),
  )
  for (const host of ['app.localhost', 'x.app.localhost', 'other.localhost', 'app.localhost', 'x.app.localhost'])
    expect((await HTTP1.request(gateway, { host })).text).toBe(host)
  expect(upstream.heads).toBe(3)
})

test('answers are kept apart by Vary, and what is private, authorized or sets cookies is not kept', async () => {
  const { upstream, gateway } = await start((request, response) => {
    const url = request.url ?? ''
    const fields: Record<string, string> = {
      'Cache-Control': url === '/private' ? 'private, max-age=60' : 'max-age=60',
    }
    if (url === '/vary') fields.Vary = 'Accept-Language'
    if (url === '/cookie') fields['Set-Cookie'] = 'a=1'
    answer(response, fields, request.headers['accept-language'] ?? 'none')
  })
  const ask = (where: string, headers: [string, string][] = []) => HTTP1.request(gateway, { path: where, headers })
  for (const language of ['de', 'en', 'de', 'en'])
    expect((await ask('/vary', [['Accept-Language', language]])).text).toBe(language)
  expect(upstream.heads).toBe(2)
  for (const where of ['/private', '/private', '/cookie', '/cookie']) await ask(where)
  for (const user of ['a', 'b']) await ask('/secret', [['Authorization', user]])
  expect(upstream.heads).toBe(8)
})

test('a client that has the answer gets 304; the backend confirms a stale one, and fields of its 304 are taken over', async () => {
  let turn = 0
  const { upstream, gateway } = await start((request, response) => {
    turn += 1
    const fields = { 'Cache-Control': 'max-age=0', ETag: '"1"', 'X-Turn': String(turn) }
    if (request.headers['if-none-match'] === '"1"') response.writeHead(304, fields).end()
    else answer(response, fields)
  })
  await HTTP1.request(gateway)
  const again = await HTTP1.request(gateway)
  expect([again.status, again.text, again.values('x-turn')]).toEqual([200, 'body', ['2']])
  expect(statusOf(again)).toMatch(/^Portico; fwd=stale; fwd-status=304/)
  const has = await HTTP2.request(gateway, { headers: [['if-none-match', 'W/"1"']] })
  expect([has.status, has.text]).toEqual([304, ''])
  expect(upstream.requests.map((one) => one.values('if-none-match')[0])).toEqual([undefined, '"1"', '"1"'])
  await until(() => gateway.entries().length === 3, 'the entries')
  expect(gateway.entries().map(({ status, attempts }) => [status, attempts])).toEqual([
    [200, 1],
    [200, 1],
    [304, 1],
  ])
})

test('a change that succeeds invalidates the URL, and one that fails does not', async () => {
  const { upstream, gateway } = await start((request, response) =>
    answer(response, { 'Cache-Control': 'max-age=60' }, 'x', request.method === 'DELETE' ? 500 : 200),
  )
  await HTTP1.request(gateway, { path: '/a' })
  await HTTP1.request(gateway, { path: '/a', method: 'DELETE' })
  expect(statusOf(await HTTP1.request(gateway, { path: '/a' }))).toContain('hit')
  await HTTP1.request(gateway, { path: '/a', method: 'POST', body: 'x' })
  expect(statusOf(await HTTP1.request(gateway, { path: '/a' }))).toContain('uri-miss')
  expect(upstream.heads).toBe(4)
})

test('a stale answer serves while it is renewed once behind the scenes, and when the backend fails', async () => {
  let failing = false
  let count = 0
  const { upstream, gateway } = await start(
    (_request, response) => {
      count += 1
      if (failing) response.socket?.destroy()
      else
        answer(
          response,
          { 'Cache-Control': count === 1 ? 'max-age=0' : 'max-age=0, stale-while-revalidate=0' },
          `${count}`,
        )
    },
    { staleWhileRevalidate: '1m', staleIfError: '1m' },
  )
  await HTTP1.request(gateway)
  const stale = await HTTP1.request(gateway)
  expect(stale.text).toBe('1')
  expect(statusOf(stale)).toContain('detail=stale-while-revalidate')
  await until(() => upstream.heads === 2, 'the renewal')
  failing = true
  await until(async () => (await HTTP1.request(gateway)).text === '2', 'the renewed answer')
  const instead = await HTTP1.request(gateway)
  expect([instead.status, instead.text]).toEqual([200, '2'])
  expect(statusOf(instead)).toContain('stale-if-error')
  await until(() => gateway.entries().at(-1)?.error !== null, 'the entry')
  expect(gateway.entries().at(-1)).toMatchObject({ status: 200, bytesOut: 1 })
})

test('only-if-cached is refused with 504 on a miss, and ranges pass uncached', async () => {
  const { upstream, gateway } = await start((_request, response) => answer(response, { 'Cache-Control': 'max-age=60' }))
  const only = await HTTP1.request(gateway, { headers: [['Cache-Control', 'only-if-cached']] })
  expect([only.status, upstream.heads]).toEqual([504, 0])
  for (const _ of [1, 2]) await HTTP1.request(gateway, { headers: [['Range', 'bytes=0-1']] })
  expect(upstream.heads).toBe(2)
})

test('of 100 requests at once one reaches the backend, and all get its answer as it comes', async () => {
  const held: ServerResponse[] = []
  const { upstream, gateway } = await start((_request, response) => {
    response.writeHead(200, { 'Cache-Control': 'max-age=60' })
    response.write('begin ')
    held.push(response)
  })
  const session = await connectH2(gateway)
  ends.push(() => session.destroy())
  const all = Array.from({ length: 100 }, () => requestH2(session, gateway, { path: '/one' }))
  await until(() => held.length === 1, 'the request at the backend')
  await until(async () => (await gateway.engine.call('cache.list', {}))[0]?.hits === 99, '99 that share it')
  held[0]?.end('end')
  for (const one of await Promise.all(all)) expect(one.text).toBe('begin end')
  expect(upstream.heads).toBe(1)
})

test('those who share an answer get all of it although the first client leaves; when the backend breaks off, none seems whole', async () => {
  const held: ServerResponse[] = []
  const { upstream, gateway } = await start((_request, response) => {
    response.writeHead(200, { 'Cache-Control': 'max-age=60' })
    response.write('begin ')
    held.push(response)
  })
  const shared = (count: number) =>
    until(async () => (await gateway.engine.call('cache.list', {}))[0]?.hits === count, 'sharing')
  const leaving = new AbortController()
  const first = HTTP1.request(gateway, { path: '/a', signal: leaving.signal }).catch(() => null)
  await until(() => held.length === 1, 'the first')
  const second = HTTP1.request(gateway, { path: '/a' })
  await shared(1)
  leaving.abort()
  await first
  held[0]?.write('middle ')
  held[0]?.end('end')
  const got = await second
  expect([got.text, got.broken]).toEqual(['begin middle end', false])
  expect((await HTTP1.request(gateway, { path: '/a' })).text).toBe('begin middle end')
  const both = [HTTP1.request(gateway, { path: '/b' }), HTTP1.request(gateway, { path: '/b' })]
  await shared(3)
  held[1]?.destroy()
  for (const one of await Promise.all(both)) expect(one.broken).toBe(true)
  expect(upstream.heads).toBe(2)
  const entry = HTTP1.request(gateway, { path: '/b' })
  await until(() => held.length === 3, 'asked anew')
  held[2]?.end()
  expect(statusOf(await entry)).toContain('fwd=uri-miss')
})

test('followers of an answer that cannot be kept ask for themselves', async () => {
  const held: ServerResponse[] = []
  const { gateway } = await start((_request, response) => void held.push(response))
  const all = [1, 2, 3].map(() => HTTP1.request(gateway))
  await until(() => held.length === 1, 'the first')
  for (let next = 0; next < 3; next++) {
    await until(() => held[next] !== undefined, 'each')
    answer(held[next] as ServerResponse, { 'Cache-Control': 'no-store' }, `${next}`)
  }
  expect((await Promise.all(all)).map(({ text }) => text).sort()).toEqual(['0', '1', '2'])
})

test('answers that turn out too large pass whole and are not kept', async () => {
  const body = Buffer.alloc(300_000, 'x')
  const { upstream, gateway } = await start(
    (request, response) => {
      response.writeHead(200, {
        'Cache-Control': 'max-age=60',
        ...(request.url === '/length' ? { 'Content-Length': body.length } : {}),
      })
      response.end(body)
    },
    { maxEntryBytes: 100_000 },
  )
  for (const where of ['/length', '/length', '/chunked', '/chunked'])
    expect((await HTTP1.request(gateway, { path: where })).body.equals(body)).toBe(true)
  expect(upstream.heads).toBe(4)
})

test('memory stays within its bound under 10,000 URLs', { timeout: 120_000 }, async () => {
  const { gateway } = await start(
    (_request, response) => answer(response, { 'Cache-Control': 'max-age=600' }, 'x'.repeat(2_000)),
    {
      memoryBytes: 1_000_000,
    },
  )
  const session = await connectH2(gateway)
  ends.push(() => session.destroy())
  for (let at = 0; at < 10_000; at += 100)
    await Promise.all(Array.from({ length: 100 }, (_, i) => requestH2(session, gateway, { path: `/${at + i}` })))
  const [cache] = await gateway.engine.call('cache.list', { app: 'app' })
  expect(cache?.memoryBytes).toBeLessThanOrEqual(1_000_000)
  expect(cache?.entries).toBeGreaterThan(100)
  expect(cache?.entries).toBeLessThan(500)
  expect(statusOf(await requestH2(session, gateway, { path: '/9999' }))).toContain('hit')
  expect(statusOf(await requestH2(session, gateway, { path: '/0' }))).toContain('uri-miss')
})

test('what is on disk survives a restart, is for its owner alone, and damage costs a request', async () => {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'portico-cache-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const upstream = await startUpstream((request, response) =>
    answer(response, { 'Cache-Control': 'max-age=600' }, `${request.url}`),
  )
  ends.push(() => upstream.close())
  const headers: [string, string][] = [['Host', 'app.localhost']] // the port is another one after the restart
  const config = { apps: [app('app', upstream.url, { diskBytes: 1_000_000 })] } as TestConfig
  const first = await startGateway(config, { dataDir })
  for (const where of ['/a', '/../b', '/c']) await HTTP1.request(first, { path: where, headers })
  await until(async () => ((await first.engine.call('cache.list', {}))[0]?.diskBytes ?? 0) > 8192, 'all written')
  await first.stop()
  const [dir = ''] = await readdir(path.join(dataDir, 'cache'))
  const folder = path.join(dataDir, 'cache', dir)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  const files = await readdir(folder)
  expect(files).toHaveLength(3)
  for (const name of files) expect(name).toMatch(/^[0-9a-f]{40}$/)
  await writeFile(path.join(folder, 'ffffffffffffffffffffffffffffffffffffffff'), 'not ours')
  const second = await startGateway(config, { dataDir })
  ends.push(() => second.stop())
  expect(statusOf(await HTTP1.request(second, { path: '/a', headers }))).toContain('hit')
  expect(upstream.heads).toBe(3)
  for (const name of await readdir(folder)) await writeFile(path.join(folder, name), 'damaged')
  const lost = await HTTP1.request(second, { path: '/c', headers })
  expect([lost.text, statusOf(lost)]).toEqual(['/c', 'Portico; fwd=uri-miss; stored'])
})

test('what a cache left on disk goes with the first start without it, and nothing else does', async () => {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'portico-cache-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const upstream = await startUpstream((_request, response) => answer(response, { 'Cache-Control': 'max-age=600' }))
  ends.push(() => upstream.close())
  const kept = app('kept', upstream.url, { diskBytes: 1_000_000 })
  const gone = app('gone', upstream.url, { diskBytes: 1_000_000 })
  const first = await startGateway({ apps: [kept, gone] } as TestConfig, { dataDir })
  const ask = (gateway: TestGateway, name: string) =>
    HTTP1.request(gateway, { host: `${name}.localhost`, headers: [['Host', `${name}.localhost`]] }) // without the port
  for (const name of ['kept', 'gone']) await ask(first, name)
  const written = async () => (await first.engine.call('cache.list', {})).filter(({ diskBytes }) => diskBytes > 0)
  await until(async () => (await written()).length === 2, 'both on disk')
  await first.stop()
  const root = path.join(dataDir, 'cache')
  expect(await readdir(root)).toHaveLength(2)
  await writeFile(path.join(root, 'notes'), 'of somebody')
  const second = await startGateway({ apps: [kept, { ...gone, policies: {} }] } as TestConfig, { dataDir })
  ends.push(() => second.stop())
  await until(async () => (await readdir(root)).length === 2, 'one is gone')
  expect(await readdir(root)).toContain('notes')
  expect(statusOf(await ask(second, 'kept'))).toContain('hit')
})

test('of an app the answers used last are told, and the largest of all', async () => {
  const { gateway } = await start((request, response) =>
    answer(response, { 'Cache-Control': 'max-age=600' }, 'x'.repeat(Number(request.url?.slice(1)))),
  )
  const sizes = Array.from({ length: 24 }, (_, index) => ((index * 7) % 24) + 1)
  for (const size of sizes) await HTTP1.request(gateway, { path: `/${size}` })
  const [cache] = await gateway.engine.call('cache.list', { app: 'app' })
  expect(cache?.entries).toBe(24)
  expect(cache?.answers?.largest.map(({ bytes }) => bytes)).toEqual(
    Array.from({ length: 20 }, (_, index) => 24 - index),
  )
  expect(cache?.answers?.latest.map(({ bytes }) => bytes)).toEqual(sizes.toReversed().slice(0, 20))
  expect((await gateway.engine.call('cache.list', {}))[0]?.answers).toBe(undefined)
})

test('purging removes what is named, through the contract', async () => {
  const { gateway } = await start((_request, response) => answer(response, { 'Cache-Control': 'max-age=600' }))
  for (const where of ['/a', '/a?x=1', '/img/1', '/img/2', '/z']) await HTTP1.request(gateway, { path: where })
  const { engine } = gateway
  expect(await engine.call('cache.purge', { app: 'app', path: '/a' })).toEqual({ removed: 2 })
  expect(await engine.call('cache.purge', { prefix: '/img/' })).toEqual({ removed: 2 })
  const [cache] = await engine.call('cache.list', { app: 'app' })
  expect(cache).toMatchObject({ app: 'app', entries: 1, misses: 5, hits: 0 })
  expect(cache?.answers?.latest[0]?.url).toMatch(/^https:\/\/app\.localhost:\d+\/z$/)
  await expect(engine.call('cache.purge', { app: 'none' })).rejects.toThrow('none')
  await HTTP1.request(gateway, { path: '/z?x=1' })
  expect(await engine.call('cache.purge', { url: cache?.answers?.latest[0]?.url ?? '' })).toEqual({ removed: 1 })
  expect(await engine.call('cache.purge', {})).toEqual({ removed: 1 })
})

test('keys of the query that make no difference are left out; curl sees the hit', async () => {
  const { upstream, gateway } = await start(
    (_request, response) => answer(response, { 'Last-Modified': new Date(Date.now() - 1e9).toUTCString() }),
    {
      ignoreQuery: ['utm_source'],
    },
  )
  await curl(gateway, 'https://app.localhost/a?b=1&utm_source=x')
  const printed = await curl(gateway, 'https://app.localhost/a?utm_source=y&b=1', '--include', '--http2')
  expect(printed).toMatch(/cache-status: Portico; hit/i)
  expect(upstream.heads).toBe(1)
})

test.skipIf(missingBrowser() !== null)(
  'Chromium gets an image of a page from the cache',
  { timeout: 90_000 },
  async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20"/></svg>'
    const { upstream, gateway } = await start((request, response) => {
      if (request.url === '/i.svg')
        answer(response, { 'Cache-Control': 's-maxage=60, max-age=0', 'Content-Type': 'image/svg+xml' }, svg)
      else
        answer(
          response,
          { 'Cache-Control': 'no-store', 'Content-Type': 'text/html' },
          '<!doctype html><img src="/i.svg">',
        )
    })
    const browser = await launchTrusting(gateway.caFile)
    for (const expected of ['uri-miss', 'hit']) {
      const page = await (await browser.newContext()).newPage()
      const image = page.waitForResponse((one) => one.url().endsWith('/i.svg'))
      await page.goto(`https://app.localhost:${gateway.httpsPort}/`)
      expect((await (await image).allHeaders())['cache-status']).toContain(expected)
      await page.waitForFunction('document.images[0].naturalWidth === 20')
    }
    expect(upstream.requests.filter(({ target }) => target === '/i.svg')).toHaveLength(1)
    await browser.close()
  },
)
