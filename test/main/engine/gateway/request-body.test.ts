import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
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
