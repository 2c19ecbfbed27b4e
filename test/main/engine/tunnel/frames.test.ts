import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeFrame,
  encodeFrame,
  type Frame,
  INITIAL_WINDOW,
  MAX_DATA,
  MalformedFrame,
  TUNNEL_ERRORS,
  type TunnelErrorName,
} from '../../../../src/main/engine/tunnel/frames.js'

const id = fc.integer({ min: 1, max: 0xffff_ffff })
const short = fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' })
const target = fc.oneof(
  fc.record({ kind: fc.constant('tcp' as const), host: short, port: fc.integer({ min: 1, max: 65_535 }) }),
  fc.record({ kind: fc.constant('app' as const), name: short }),
)
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ type: fc.constant('control' as const), stream: fc.constant(0 as const), text: fc.string() }),
  fc.record({ type: fc.constant('open' as const), stream: id, target, client: fc.string({ maxLength: 60 }) }),
  fc.record({ type: fc.constantFrom('opened' as const, 'close' as const), stream: id }),
  fc.record({
    type: fc.constant('data' as const),
    stream: id,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  }),
  fc.record({ type: fc.constant('window' as const), stream: id, bytes: fc.integer({ min: 1, max: INITIAL_WINDOW }) }),
  fc.record({
    type: fc.constant('error' as const),
    stream: id,
    error: fc.constantFrom(...(Object.keys(TUNNEL_ERRORS) as TunnelErrorName[])),
    reason: fc.string({ maxLength: 100 }),
  }),
  fc.record({
    type: fc.constant('ping' as const),
    stream: fc.constant(0 as const),
    answer: fc.boolean(),
    token: fc.integer({ min: 0, max: 0xffff_ffff }),
  }),
)

test('every frame is read as it was written', () => {
  fc.assert(
    fc.property(frame, (one) => void expect(decodeFrame(encodeFrame(one))).toEqual(one)),
    { numRuns: 500 },
  )
})

test('bytes of any kind are a frame or are refused as none, and nothing else happens', () => {
  const anything = fc.uint8Array({ maxLength: 600 })
  const nearly = fc
    .tuple(frame, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat({ max: 4 }))
    .map(([one, at, value, cut]) => {
      const bytes = encodeFrame(one)
      bytes[at % bytes.length] = value
      return bytes.subarray(0, bytes.length - cut)
    })
  fc.assert(
    fc.property(fc.oneof(anything, nearly), (bytes) => {
      const message = Buffer.from(bytes)
      try {
        expect(encodeFrame(decodeFrame(message))).toEqual(message)
      } catch (error) {
        // What is no UTF-8 in a reason may be read; everything else is written back as it came.
        if (error instanceof MalformedFrame || message[0] === 6) return
        throw error
      }
    }),
    { numRuns: 3_000 },
  )
})

describe('refused is', () => {
  const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
  test.each([
    ['a message that is too short', '03 0000'],
    ['an unknown type', '09 00000001'],
    ['data on stream 0', '03 00000000 41'],
    ['data without bytes', '03 00000001'],
    ['a window of nothing', '04 00000001 00000000'],
    ['a window larger than any', '04 00000001 ffffffff'],
    ['a close with a payload', '05 00000001 00'],
    ['an error of an unknown code', '06 00000001 63'],
    ['a ping on a stream', '07 00000001 00 00000000'],
    ['a control message that is not UTF-8', '00 00000000 c328'],
    ['a TCP target at port 0', '01 00000001 01 0000 01 61'],
    ['a target without a name', '01 00000001 01 0050 00'],
    ['a target whose name is cut short', '01 00000001 01 0050 05 61'],
  ])('%s', (_name, bytes) => {
    expect(() => decodeFrame(hex(bytes))).toThrow(MalformedFrame)
  })

  test('more data than one frame may carry', () => {
    const bytes = Buffer.alloc(MAX_DATA + 1)
    expect(() => decodeFrame(encodeFrame({ type: 'data', stream: 1, bytes }))).toThrow(MalformedFrame)
  })
})
