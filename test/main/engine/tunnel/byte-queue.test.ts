import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteQueue } from '../../../../src/main/engine/tunnel/byte-queue.js'

const KIB = 1024

function drain(queue: ByteQueue): Buffer[] {
  const chunks: Buffer[] = []
  for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) chunks.push(chunk)
  return chunks
}

test('bytes come out as they went in, whatever the pieces and whenever some are taken', () => {
  const step = fc.oneof(
    { arbitrary: fc.uint8Array({ minLength: 1, maxLength: 300 }), weight: 6 },
    { arbitrary: fc.integer({ min: 1, max: 80 * KIB }).map((size) => new Uint8Array(size).fill(size)), weight: 2 },
    { arbitrary: fc.constant(null), weight: 2 },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new ByteQueue()
      const put: Uint8Array[] = []
      const got: Uint8Array[] = []
      for (const one of steps) {
        if (one === null) got.push(queue.shift() ?? Buffer.alloc(0))
        else queue.add(Buffer.from(one))
        if (one !== null) put.push(one)
      }
      got.push(...drain(queue))
      expect(Buffer.concat(got).equals(Buffer.concat(put))).toBe(true)
      expect(queue.empty).toBe(true)
    }),
  )
})

test('little pieces that wait take no more memory than twice their size, and keep nothing else alive', () => {
  const queue = new ByteQueue()
  for (let i = 0; i < 3 * KIB; i++) queue.add(Buffer.allocUnsafeSlow(8 * KIB).subarray(7, 71))
  const chunks = drain(queue)
  expect(chunks.length).toBeLessThan(10)
  const held = new Set(chunks.map(({ buffer }) => buffer))
  expect([...held].reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThan(2 * 192 * KIB)
})

test('what was taken stays as it is when more comes', () => {
  const queue = new ByteQueue()
  for (const text of ['one ', 'two ']) queue.add(Buffer.from(text))
  const first = queue.shift()
  queue.add(Buffer.from('three'))
  queue.add(Buffer.from('four'))
  expect(String(first)).toBe('one two ')
  expect(String(queue.shift())).toBe('threefour')
})
