import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeFrame,
  isCommandName,
  readLines,
} from '../../../../src/main/engine/control/protocol.js'

async function linesOf(chunks: Buffer[], maxBytes?: number): Promise<string[]> {
  const lines: string[] = []
  for await (const line of readLines(Readable.from(chunks, { objectMode: true }), maxBytes)) lines.push(line)
  return lines
}

describe('lines', () => {
  test('are the same wherever the stream is cut, even within a character', async () => {
    const line = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ''))
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat(200)), async (lines, cuts) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''))
        const chunks: Buffer[] = []
        let rest = bytes
        for (const cut of cuts) {
          chunks.push(rest.subarray(0, cut))
          rest = rest.subarray(cut)
        }
        const expected = lines.map((text) => Buffer.from(text).toString())
        expect(await linesOf([...chunks, rest])).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })

  test('a line that is cut off at the end is left out', async () => {
    expect(await linesOf([Buffer.from('{"a":1}\n{"b"')])).toEqual(['{"a":1}'])
  })

  test('longer than the limit are refused, in one piece or in many, and without waiting for their end', async () => {
    const refusal = { code: 'protocol', message: expect.stringContaining('longer than 10 bytes') }
    await expect(linesOf([Buffer.from('12345678901\n')], 10)).rejects.toMatchObject(refusal)
    await expect(linesOf([Buffer.from('123456'), Buffer.from('78901')], 10)).rejects.toMatchObject(refusal)
    expect(await linesOf([Buffer.from('1234567890\n'), Buffer.from('1234567890\n')], 10)).toHaveLength(2)
  })
})

describe('frames', () => {
  test('survive the way over the wire', () => {
    const request = { id: 7, name: 'app.remove', params: { name: 'shop\n' } }
    const line = encodeFrame(request)
    expect(line.indexOf('\n')).toBe(line.length - 1)
    expect(decodeClientFrame(line)).toEqual(request)
    const fault = { id: null, fault: { code: 'protocol' as const, message: 'no' } }
    expect(decodeServerFrame(encodeFrame(fault))).toEqual(fault)
    expect(decodeServerFrame('{"id":1,"result":{"a":1}}')).toEqual({ id: 1, result: { a: 1 } })
    expect(decodeServerFrame('{"event":"exchange","payload":1}')).toEqual({ event: 'exchange', payload: 1 })
  })

  test.each([
    '',
    'null',
    '[]',
    '1',
    '{}',
    '{"id":"1","name":"status"}',
    '{"id":-1,"name":"status"}',
    '{"subscribe":"x"}',
    '{"id":1,"name":"status","extra":1}',
  ])('that a client may not send are refused: %s', (line) => {
    expect(() => decodeClientFrame(line)).toThrow(expect.objectContaining({ code: 'protocol' }))
  })

  test('no input makes decoding fail in another way', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        for (const decode of [decodeClientFrame, decodeServerFrame]) {
          try {
            decode(line)
          } catch (error) {
            expect(error).toMatchObject({ code: 'protocol' })
          }
        }
      }),
    )
  })

  test('what every object has by birth is not a command', () => {
    expect(isCommandName('status')).toBe(true)
    for (const name of ['__proto__', 'constructor', 'toString', '']) expect(isCommandName(name)).toBe(false)
  })
})
