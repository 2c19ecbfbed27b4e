import { mkdir, rm, symlink, utimes } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSite, openFilesBelow, type Site } from './site.js'

const SCRIPT = 'console.log("portico")\n'.repeat(50)
const LONG_AGO = new Date('2026-01-01T12:00:00Z')
let site: Site

beforeAll(async () => {
  site = await makeSite({ 'app.js': SCRIPT, 'app.js.gz': gzipSync(SCRIPT), 'app.js.br': 'pretend brotli' })
})

afterAll(async () => {
  const leaked = await openFilesBelow(site.base)
  await site.remove()
  expect(leaked).toEqual([])
})

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
  await utimes(path.join(site.root, 'old.js.br'), LONG_AGO, LONG_AGO)
  await site.write('old.js.gz', '')
  await mkdir(path.join(site.root, 'old.js.zst'))
  const everything = { 'accept-encoding': 'br, gzip, zstd' }
  expect((await site.get('/old.js', everything)).body.toString()).toBe('new')
  await rm(path.join(site.root, 'old.js.br'))
  await symlink('../canary.txt', `${file}.br`)
  expect((await site.get('/old.js', everything)).body.toString()).toBe('new')
})
