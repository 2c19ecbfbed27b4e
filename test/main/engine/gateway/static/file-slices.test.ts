import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { appendFile, open, truncate } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FileSlices, readRange } from '../../../../../src/main/engine/gateway/static/file-slices.js'
import { makeSite, openFilesBelow, type Site } from './site.js'

const MEBIBYTE = 1024 * 1024
const content = randomBytes(MEBIBYTE)
let site: Site
let file: string

beforeEach(async () => {
  site = await makeSite()
  file = await site.write('big.bin', content)
})

afterEach(() => site.remove())

test('slices come in the order given, between the literal bytes', async () => {
  const slices = [Buffer.from('<'), { start: 500_000, end: 900_000 }, Buffer.from('|'), { start: 0, end: 0 }]
  const body = new FileSlices(await open(file), slices)
  const expected = [Buffer.from('<'), content.subarray(500_000, 900_001), Buffer.from('|'), content.subarray(0, 1)]
  expect(Buffer.concat(await body.toArray()).equals(Buffer.concat(expected))).toBe(true)
  expect(await openFilesBelow(site.base)).toEqual([])
})

test('a file that grows is cut where it ended', async () => {
  const body = new FileSlices(await open(file), [{ start: 0, end: MEBIBYTE - 1 }])
  await appendFile(file, 'more')
  expect(Buffer.concat(await body.toArray()).equals(content)).toBe(true)
})

test('a file that shrinks breaks the stream instead of ending it', async () => {
  const body = new FileSlices(await open(file), [{ start: 0, end: MEBIBYTE - 1 }])
  await truncate(file, 300_000)
  await expect(body.toArray()).rejects.toMatchObject({ name: 'Fault', code: 'conflict' })
  expect(await openFilesBelow(site.base)).toEqual([])
})

test('a range read into memory is whole or fails', async () => {
  const handle = await open(file)
  expect((await readRange(handle, { start: 10, end: 19 })).equals(content.subarray(10, 20))).toBe(true)
  await truncate(file, 15)
  await expect(readRange(handle, { start: 10, end: 19 })).rejects.toMatchObject({ code: 'conflict' })
  await handle.close()
})

test.each(['before the first read', 'during a read', 'after some reads'])(
  'destroying it %s closes the file',
  async (when) => {
    const body = new FileSlices(await open(file), [{ start: 0, end: MEBIBYTE - 1 }])
    if (when === 'during a read') body.read()
    if (when === 'after some reads') await body[Symbol.asyncIterator]().next()
    body.destroy()
    if (!body.closed) await once(body, 'close')
    expect(await openFilesBelow(site.base)).toEqual([])
  },
)

test('it reads no further ahead than its consumer', async () => {
  const handle = await open(file)
  let read = 0
  const counting = new Proxy(handle, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (name === 'read') read++
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const body = new FileSlices(counting, [{ start: 0, end: MEBIBYTE - 1 }])
  body.read(1)
  await once(body, 'readable')
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  expect(read).toBeLessThanOrEqual(2)
  body.destroy()
  await once(body, 'close')
})
