import { randomBytes } from 'node:crypto'
import { appendFile, mkdir, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serveStatic } from '../../../../../src/main/engine/gateway/static/serve-static.js'
import { consume, type Got, makeSite, openFilesBelow, request, type Site } from './site.js'

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const SCRIPT = 'console.log("portico")\n'.repeat(50)
const MODIFIED = new Date('2026-01-01T12:00:00.700Z')
const big = randomBytes(300_000)
let site: Site

beforeAll(async () => {
  site = await makeSite({
    'index.html': '<h1>home</h1>',
    'digits.txt': '0123456789',
    'empty.txt': '',
    'big.bin': big,
    'docs/index.html': '<h1>docs</h1>',
    'bare/x.txt': 'x',
    'a:b/index.html': 'colon',
    'tricky &?#/index.html': 'tricky',
    'app.js': SCRIPT,
    'app.js.gz': gzipSync(SCRIPT),
    'app.js.br': 'pretend brotli',
    '.env': 'SECRET=1',
    '.well-known/security.txt': 'Contact: x',
    'folder/index.html/x': '',
  })
  await utimes(path.join(site.root, 'digits.txt'), MODIFIED, MODIFIED)
})

afterAll(async () => {
  const leaked = await openFilesBelow(site.base)
  await site.remove()
  expect(leaked).toEqual([])
})

describe('files', () => {
  test('a file comes with its type, length, validators and safety headers', async () => {
    const got = await site.get('/digits.txt')
    expect(got.status).toBe(200)
    expect(got.body.toString()).toBe('0123456789')
    expect(got.headers).toEqual({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '10',
      etag: expect.stringMatching(/^"[\w-]+"$/),
      'last-modified': 'Thu, 01 Jan 2026 12:00:00 GMT',
      'cache-control': 'no-cache',
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
    })
  })

  test('a big file is streamed whole', async () => {
    expect((await site.get('/big.bin')).body.equals(big)).toBe(true)
  })

  test('an empty file has an empty body', async () => {
    expect(await site.get('/empty.txt')).toMatchObject({ status: 200, headers: { 'content-length': '0' } })
  })

  test.each(['/digits.txt', '/big.bin', '/app.js'])('HEAD of %s has the headers of GET and no body', async (target) => {
    const headers = { 'accept-encoding': 'gzip', range: 'bytes=0-1' }
    const [head, get] = [
      await site.get(target, headers, { method: 'HEAD' }),
      await site.get(target, { ...headers, range: '' }),
    ]
    expect(head).toEqual({ ...get, body: Buffer.alloc(0) })
  })

  test('what is not there is 404 with a reason', async () => {
    expect(await site.get('/nothing.txt')).toMatchObject({ status: 404, reason: 'there is no such file' })
    expect(await site.get('/digits.txt/')).toMatchObject({ status: 404 })
    expect(await site.get('/digits.txt/x')).toMatchObject({ status: 404 })
  })

  test('a dot file is 404, .well-known is served', async () => {
    expect(await site.get('/.env', BROWSER)).toMatchObject({ status: 404 })
    expect(await site.get('/.well-known/security.txt')).toMatchObject({ status: 200 })
  })

  test.each(['POST', 'PUT', 'DELETE', 'TRACE', 'get', 'X\r\nY'])('%j is 405 with Allow', async (method) => {
    expect(await site.get('/digits.txt', {}, { method })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD, OPTIONS' },
    })
  })

  test('OPTIONS tells what is allowed', async () => {
    expect(await site.get('/', {}, { method: 'OPTIONS' })).toMatchObject({
      status: 204,
      headers: { allow: 'GET, HEAD, OPTIONS' },
    })
  })
})

describe('directories', () => {
  test('a directory is its index.html', async () => {
    expect((await site.get('/')).body.toString()).toBe('<h1>home</h1>')
    expect((await site.get('')).body.toString()).toBe('<h1>home</h1>')
    expect((await site.get('/docs/')).body.toString()).toBe('<h1>docs</h1>')
  })

  test.each([
    ['/docs', undefined, undefined, './docs/'],
    ['/docs', undefined, 'a=1&b=%20', './docs/?a=1&b=%20'],
    ['/docs', undefined, 'a=\r\nx: y \ud83d\ude00 \ud83d', './docs/?a=%0D%0Ax:%20y%20%F0%9F%98%80%20%EF%BF%BD'],
    ['//docs', undefined, undefined, './docs/'],
    ['/tricky%20%26%3f%23', undefined, undefined, './tricky%20%26%3F%23/'],
    ['/docs', '/public/docs', undefined, './docs/'],
    ['/docs', '/public/other', undefined, './other/'],
    ['', '/prefix', undefined, './prefix/'],
    ['/', '/prefix', 'q', './prefix/?q'],
  ])('%j (public %j, query %j) is redirected to %j', async (target, publicPath, query, location) => {
    const got = await site.get(target, {}, { publicPath, query })
    expect(got).toMatchObject({ status: 308, headers: { location, 'cache-control': 'no-cache' } })
    const resolved = new URL(location, `https://shop.localhost${publicPath ?? target}`)
    expect(resolved.host).toBe('shop.localhost')
    expect(resolved.pathname.endsWith('/')).toBe(true)
  })

  test('there is no redirect to where the client already is', async () => {
    expect(await site.get('/docs', {}, { publicPath: '/public/' })).toMatchObject({ status: 200 })
    expect(await site.get('/docs', {}, { publicPath: '/public/..' })).toMatchObject({ status: 200 })
  })

  test.each(['/bare', '/bare/', '/folder/', '/folder'])('%s, without an index.html, is 404', async (target) => {
    expect(await site.get(target)).toMatchObject({ status: 404 })
  })
})

describe('a root that cannot be served', () => {
  test('that does not exist is told by name', async () => {
    const dir = path.join(site.base, 'nowhere')
    const got = await consume(await serveStatic({ dir, spa: true }, request('/', BROWSER)))
    expect(got).toMatchObject({ status: 404, reason: `the directory ${dir} does not exist` })
  })

  test('that is a file is told as such', async () => {
    const dir = path.join(site.root, 'digits.txt')
    const got = await consume(await serveStatic({ dir, spa: false }, request('/')))
    expect(got).toMatchObject({ status: 404, reason: `${dir} is not a directory` })
  })

  test('that is a link to a directory is served', async () => {
    const dir = path.join(site.base, 'current')
    await symlink('site', dir)
    expect(await consume(await serveStatic({ dir, spa: false }, request('/digits.txt')))).toMatchObject({ status: 200 })
  })
})

describe('a single-page app', () => {
  const navigate = (target: string, headers: Record<string, string> = BROWSER, method = 'GET') =>
    site.get(target, headers, { spa: true, method })

  test.each(['/cart', '/users/john.doe', '/bare', '/bare/', '/digits.txt/', '/topic/a:b', '/repo/a%2fb', '/docs2/con'])(
    'a navigation to %s gets index.html',
    async (target) => {
      const got = await navigate(target)
      expect(got.body.toString()).toBe('<h1>home</h1>')
      expect(got).toMatchObject({ status: 200, headers: { vary: 'accept-encoding, accept, sec-fetch-dest' } })
    },
  )

  test('HEAD and clients that take anything navigate too', async () => {
    expect(await navigate('/cart', BROWSER, 'HEAD')).toMatchObject({ status: 200, headers: { 'content-length': '13' } })
    expect(await navigate('/cart', {})).toMatchObject({ status: 200 })
    expect(await navigate('/cart', { accept: '*/*' })).toMatchObject({ status: 200 })
  })

  test.each([
    ['/missing.js', { accept: '*/*' }],
    ['/assets/missing.css', { accept: 'text/css,*/*;q=0.1' }],
    ['/missing.png', {}],
    ['/api/x', { accept: 'application/json' }],
    ['/module', { accept: '*/*', 'sec-fetch-dest': 'script' }],
    ['/repo/a%2fb', { accept: '*/*' }],
    ['/.env', BROWSER],
    ['/.git/HEAD', BROWSER],
  ])('%s for %j stays 404', async (target, headers: Record<string, string>) => {
    expect(await navigate(target, headers)).toMatchObject({ status: 404, body: Buffer.alloc(0) })
  })

  test('a bad request stays one', async () => {
    expect(await navigate('/..%2f..%2fetc/passwd')).toMatchObject({ status: 400 })
    expect(await navigate('/%ff')).toMatchObject({ status: 400 })
  })

  test('existing files and directories come before the fallback', async () => {
    expect((await navigate('/digits.txt')).body.toString()).toBe('0123456789')
    expect(await navigate('/docs')).toMatchObject({ status: 308 })
  })

  test('without index.html it is 404', async () => {
    const empty = await makeSite()
    expect(await empty.get('/cart', BROWSER, { spa: true })).toMatchObject({ status: 404 })
    await empty.remove()
  })
})

describe('conditional requests', () => {
  let fresh: Got
  beforeAll(async () => {
    fresh = await site.get('/digits.txt')
  })

  test('a client that has the file gets 304 without body or type', async () => {
    for (const headers of [
      { 'if-none-match': fresh.headers.etag! },
      { 'if-none-match': `"x", W/${fresh.headers.etag}` },
      { 'if-modified-since': fresh.headers['last-modified']! },
    ]) {
      const got = await site.get('/digits.txt', { ...headers, range: 'bytes=0-1' })
      expect(got.status).toBe(304)
      expect(got.body.length).toBe(0)
      expect(Object.keys(got.headers).sort()).toEqual(['cache-control', 'etag', 'last-modified', 'vary'])
    }
  })

  test('a failed precondition is 412, before any range', async () => {
    expect(await site.get('/digits.txt', { 'if-match': '"x"', range: 'bytes=90-' })).toMatchObject({ status: 412 })
    const headers = { 'if-unmodified-since': 'Thu, 01 Jan 2026 11:00:00 GMT' }
    expect(await site.get('/digits.txt', headers)).toMatchObject({ status: 412 })
  })

  test('a change of content, even with the times set back, changes the tag', async () => {
    const file = await site.write('changing.txt', 'one')
    await utimes(file, MODIFIED, MODIFIED)
    const before = (await site.get('/changing.txt')).headers.etag
    await expect
      .poll(async () => {
        await writeFile(file, 'two')
        await utimes(file, MODIFIED, MODIFIED)
        return (await site.get('/changing.txt')).headers.etag
      })
      .not.toBe(before)
  })

  test('a modification time in the future is not shown', async () => {
    const file = await site.write('future.txt', 'x')
    const future = new Date(Date.now() + 86_400_000)
    await utimes(file, future, future)
    const shown = Date.parse((await site.get('/future.txt')).headers['last-modified']!)
    expect(shown).toBeLessThanOrEqual(Date.now())
  })
})

describe('ranges', () => {
  test.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=0-3,2-5', '012345', 'bytes 0-5/10'],
    ['bytes=1-1,50-60', '1', 'bytes 1-1/10'],
  ])('%s is one part', async (range, body, contentRange) => {
    const got = await site.get('/digits.txt', { range })
    expect(got).toMatchObject({ status: 206, headers: { 'content-range': contentRange } })
    expect(got.body.toString()).toBe(body)
    expect(got.headers['content-type']).toBe('text/plain; charset=utf-8')
  })

  test('several are multipart/byteranges in the order asked for', async () => {
    const got = await site.get('/digits.txt', { range: 'bytes=8-9,0-1' })
    const boundary = /^multipart\/byteranges; boundary=([0-9a-f]{32})$/.exec(got.headers['content-type']!)![1]
    expect(got.status).toBe(206)
    expect(got.headers).not.toHaveProperty('content-range')
    const part = (range: string, body: string) =>
      `--${boundary}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-range: bytes ${range}/10\r\n\r\n${body}\r\n`
    expect(got.body.toString()).toBe(`${part('8-9', '89')}${part('0-1', '01')}--${boundary}--\r\n`)
  })

  test('big parts are streamed with the promised length', async () => {
    const got = await site.get('/big.bin', { range: 'bytes=0-99999,150000-299999' })
    expect(got.status).toBe(206)
    expect(got.body.includes(big.subarray(0, 100_000))).toBe(true)
    expect(got.body.includes(big.subarray(150_000))).toBe(true)
  })

  test('what lies beyond the end is 416 with the length', async () => {
    expect(await site.get('/digits.txt', { range: 'bytes=10-' })).toMatchObject({
      status: 416,
      headers: { 'content-range': 'bytes */10' },
    })
  })

  test.each([
    `bytes=${Array.from({ length: 11 }, (_, i) => `${i * 3}-${i * 3}`).join(',')}`,
    `bytes=${'0-,'.repeat(300)}`,
    'bytes=3-1',
    'lines=1-2',
  ])('%s is ignored', async (range) => {
    const got = await site.get('/digits.txt', { range })
    expect(got.status).toBe(200)
    expect(got.body.length).toBe(10)
  })

  test('If-Range gives the part of the same file, else the whole new one', async () => {
    const { headers } = await site.get('/digits.txt')
    const status = async (ifRange: string) =>
      (await site.get('/digits.txt', { range: 'bytes=0-0', 'if-range': ifRange })).status
    expect(await status(headers.etag!)).toBe(206)
    expect(await status(headers['last-modified']!)).toBe(206)
    expect(await status(`W/${headers.etag}`)).toBe(200)
    expect(await status('"other"')).toBe(200)
    expect(await status('Thu, 01 Jan 2026 12:00:01 GMT')).toBe(200)
  })
})

describe('precompressed siblings', () => {
  const app = (acceptEncoding: string, more: Record<string, string> = {}) =>
    site.get('/app.js', { 'accept-encoding': acceptEncoding, ...more })

  test('the best coding that exists is sent as the type of the original', async () => {
    const br = await app('gzip, deflate, br, zstd')
    expect(br.headers).toMatchObject({ 'content-encoding': 'br', vary: 'accept-encoding' })
    expect(br.body.toString()).toBe('pretend brotli')
    const gzip = await app('gzip, zstd')
    expect(gzip.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-type': 'text/javascript; charset=utf-8' })
    expect(gunzipSync(gzip.body).toString()).toBe(SCRIPT)
  })

  test('the original is sent when nothing else is accepted or there', async () => {
    for (const field of ['', 'zstd', 'br;q=0, gzip;q=0', 'identity, br;q=0.5']) {
      const got = await app(field)
      expect(got.headers).not.toHaveProperty('content-encoding')
      expect(got.headers.vary).toBe('accept-encoding')
      expect(got.body.toString()).toBe(SCRIPT)
    }
  })

  test('a client that refuses every coding there is gets 406', async () => {
    expect(await app('zstd, identity;q=0')).toMatchObject({ status: 406, headers: { vary: 'accept-encoding' } })
    expect(await app('gzip, identity;q=0')).toMatchObject({ status: 200, headers: { 'content-encoding': 'gzip' } })
  })

  test('each coding has its own tag, and a tag of one never fits another', async () => {
    const tags = [await app('br'), await app('gzip'), await app('')].map(({ headers }) => headers.etag!)
    expect(new Set(tags).size).toBe(3)
    expect((await app('gzip', { 'if-none-match': tags[1]! })).status).toBe(304)
    expect((await app('br', { 'if-none-match': tags[1]! })).status).toBe(200)
    expect((await app('br', { range: 'bytes=0-1', 'if-range': tags[1]! })).status).toBe(200)
  })

  test('a range counts the bytes of the coding that is sent', async () => {
    const got = await app('br', { range: 'bytes=8-' })
    expect(got).toMatchObject({ status: 206, headers: { 'content-encoding': 'br', 'content-range': 'bytes 8-13/14' } })
    expect(got.body.toString()).toBe('brotli')
  })

  test('siblings that are stale, empty, directories or links out of the root are passed over', async () => {
    const file = await site.write('old.js', 'new')
    await site.write('old.js.br', 'left over')
    await utimes(path.join(site.root, 'old.js.br'), MODIFIED, MODIFIED)
    await site.write('old.js.gz', '')
    await mkdir(path.join(site.root, 'old.js.zst'))
    const everything = { 'accept-encoding': 'br, gzip, zstd' }
    expect((await site.get('/old.js', everything)).body.toString()).toBe('new')
    await rm(path.join(site.root, 'old.js.br'))
    await symlink('../canary.txt', `${file}.br`)
    expect((await site.get('/old.js', everything)).body.toString()).toBe('new')
  })
})

describe('a file that changes while it is sent', () => {
  test('is cut at the promised length when it grows', async () => {
    const file = await site.write('growing.bin', big)
    const reply = await serveStatic({ dir: site.root, spa: false }, request('/growing.bin'))
    await appendFile(file, big)
    expect((await consume(reply)).body.equals(big)).toBe(true)
  })

  test('breaks the stream when it shrinks', async () => {
    const file = await site.write('shrinking.bin', big)
    const reply = await serveStatic({ dir: site.root, spa: false }, request('/shrinking.bin'))
    await truncate(file, 200_000)
    await expect(consume(reply)).rejects.toThrow('shorter')
  })

  test('goes on as the old file when it is replaced or removed', async () => {
    const file = await site.write('removed.bin', big)
    const reply = await serveStatic({ dir: site.root, spa: false }, request('/removed.bin'))
    await rm(file)
    expect((await consume(reply)).body.equals(big)).toBe(true)
  })
})

test('dispose closes the file of a body that nobody reads, however often it is called', async () => {
  const reply = await serveStatic({ dir: site.root, spa: false }, request('/big.bin'))
  expect(reply.body).toBeInstanceOf(Readable)
  await Promise.all([reply.dispose(), reply.dispose()])
  await reply.dispose()
  expect(await openFilesBelow(site.base)).toEqual([])
})
