import { randomBytes } from 'node:crypto'
import { appendFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serveStatic } from '../../../../../src/main/engine/gateway/static/serve-static.js'
import { consume, type Got, makeSite, openFilesBelow, request, type Site } from './site.js'

const MODIFIED = new Date('2026-01-01T12:00:00.700Z')
const big = randomBytes(300_000)
let site: Site

beforeAll(async () => {
  site = await makeSite({ 'digits.txt': '0123456789', 'big.bin': big })
  await utimes(path.join(site.root, 'digits.txt'), MODIFIED, MODIFIED)
})

afterAll(async () => {
  const leaked = await openFilesBelow(site.base)
  await site.remove()
  expect(leaked).toEqual([])
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
