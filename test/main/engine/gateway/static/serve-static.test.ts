import { randomBytes } from 'node:crypto'
import { symlink, utimes } from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serveStatic } from '../../../../../src/main/engine/gateway/static/serve-static.js'
import { consume, makeSite, openFilesBelow, request, type Site } from './site.js'

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
