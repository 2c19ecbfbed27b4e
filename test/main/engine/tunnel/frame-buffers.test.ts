import { expect, test } from 'vitest'
import { FrameBuffers } from '../../../../src/main/engine/tunnel/frame-buffers.js'
import { HEAD, MAX_DATA } from '../../../../src/main/engine/tunnel/frames.js'

const WHOLE = HEAD + MAX_DATA

test('a buffer is used again once it was given back, and by nobody else before', () => {
  const buffers = new FrameBuffers()
  const [one, other] = [buffers.take(WHOLE), buffers.take(WHOLE)]
  expect(one.buffer).not.toBe(other.buffer)
  buffers.giveBack(one)
  expect(buffers.take(WHOLE).buffer).toBe(one.buffer)
  expect(buffers.take(WHOLE).buffer).not.toBe(other.buffer)
})

test('a short message takes no more than it needs, and few are kept', () => {
  const buffers = new FrameBuffers()
  expect(buffers.take(100).length).toBe(100)
  buffers.giveBack(buffers.take(100))
  const many = Array.from({ length: 20 }, () => buffers.take(WHOLE))
  for (const one of many) buffers.giveBack(one)
  const again = Array.from({ length: 20 }, () => buffers.take(WHOLE))
  expect(again.filter((one) => many.includes(one)).length).toBeLessThanOrEqual(5)
})
