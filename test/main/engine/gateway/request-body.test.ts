import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { RequestBody } from '../../../../src/main/engine/gateway/request-body.js'
import { until } from '../../../support/wait.js'

const NO_LIMIT = Number.POSITIVE_INFINITY
const bytesOf = (length: number) => Buffer.from(Array.from({ length }, (_, i) => i % 251))

test('what came before anybody read comes first, whole and in order', async () => {
  const source = new PassThrough()
  const body = new RequestBody(source, NO_LIMIT)
  source.write('one ')
  source.write('two ')
  await until(() => body.bytes === 8, 'it reads ahead')
  const all = buffer(body)
  source.end('three')
  expect((await all).toString()).toBe('one two three')
})

test.each([10, 100_000, 1_000_000])('a second reader of %i bytes gets all that the first one held', async (length) => {
  const sent = bytesOf(length)
  const source = Readable.from([sent.subarray(0, length / 2), sent.subarray(length / 2)], { objectMode: false })
  const first = new RequestBody(source, NO_LIMIT)
  await until(() => first.bytes > 0, 'it reads ahead')
  first.destroy(new Error('the backend could not be dialled'))
  const second = new RequestBody(source, NO_LIMIT, first)
  expect(Buffer.compare(await buffer(second), sent)).toBe(0)
  expect(second.bytes).toBe(length)
})

test('a second reader gets what came while there was none', async () => {
  const source = new PassThrough()
  const first = new RequestBody(source, NO_LIMIT)
  source.write('a')
  await until(() => first.bytes === 1, 'it reads ahead')
  first.destroy()
  source.write('b')
  source.end('c')
  expect((await buffer(new RequestBody(source, NO_LIMIT, first))).toString()).toBe('abc')
})

test('no more than 64 KiB and a chunk are read ahead', async () => {
  const chunk = Buffer.alloc(16 * 1024)
  let given = 0
  const source = new Readable({
    read() {
      given += chunk.length
      this.push(chunk)
    },
  })
  const body = new RequestBody(source, NO_LIMIT)
  await until(() => source.isPaused(), 'it stops')
  expect(body.bytes).toBe(64 * 1024)
  expect(given).toBeLessThanOrEqual(64 * 1024 + 5 * chunk.length)
  body.destroy()
  source.destroy()
})

test('a body that breaks off before anybody reads is no crash', async () => {
  const source = new PassThrough()
  const body = new RequestBody(source, NO_LIMIT)
  source.destroy(new Error('reset'))
  await until(() => body.destroyed, 'it breaks off, too')
  await expect(buffer(body)).rejects.toThrow()
})

describe('a body that is kept', () => {
  const keeping = (source: Readable, before: RequestBody | null = null) =>
    new RequestBody(source, NO_LIMIT, before, true)

  test.each([0, 10, 40_000, 64 * 1024])('of %i bytes is read again from its beginning, and again', async (length) => {
    const sent = bytesOf(length)
    const source = Readable.from([sent.subarray(0, length / 2), sent.subarray(length / 2)], { objectMode: false })
    const first = keeping(source)
    expect(Buffer.compare(await buffer(first), sent)).toBe(0)
    expect(first.state).toBe('kept')
    const second = keeping(source, first)
    expect(Buffer.compare(await buffer(second), sent)).toBe(0)
    expect(Buffer.compare(await buffer(keeping(source, second)), sent)).toBe(0)
    expect(second.bytes).toBe(length)
  })

  test('goes on with what had not come when the first reader gave up', async () => {
    const source = new PassThrough()
    const first = keeping(source)
    first.resume()
    source.write('one ')
    await until(() => first.bytes === 4, 'the first reader gets the beginning')
    first.destroy(new Error('the backend broke off'))
    source.write('two ')
    const second = keeping(source, first)
    const all = buffer(second)
    source.end('three')
    expect((await all).toString()).toBe('one two three')
  })

  test('is let go when it is larger than 64 KiB', async () => {
    const source = Readable.from([bytesOf(64 * 1024), bytesOf(1)], { objectMode: false })
    const body = keeping(source)
    await buffer(body)
    expect(body.state).toBe('lost')
  })

  test('is let go when nobody is going to want it again', async () => {
    const body = keeping(Readable.from([bytesOf(10)], { objectMode: false }))
    await buffer(body)
    body.forget()
    expect(body.state).toBe('lost')
  })

  test('is lost when it is larger than the client may send', async () => {
    const body = new RequestBody(Readable.from([bytesOf(10)], { objectMode: false }), 9, null, true)
    await expect(buffer(body)).rejects.toThrow('larger than 9 bytes')
    expect(body.state).toBe('lost')
  })

  test('an earlier reader that is destroyed late does not stop the one after it', async () => {
    const source = new PassThrough()
    const first = keeping(source)
    const second = keeping(source, first)
    const all = buffer(second)
    first.destroy()
    source.write('a')
    source.end('b')
    expect((await all).toString()).toBe('ab')
  })
})

test('without a wish to keep it, what has been read is lost', async () => {
  const body = new RequestBody(Readable.from([bytesOf(10)], { objectMode: false }), NO_LIMIT)
  expect(body.state).toBe('kept')
  await buffer(body)
  expect(body.state).toBe('lost')
})
