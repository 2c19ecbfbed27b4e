import { type Answer, decode, encode, type Packet, type Question } from 'dns-packet'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerQuery, type Zone } from '../../../../src/main/engine/dns/answer-query.js'

const zone: Zone = {
  addressesOf: (name) => (name === 'shop.test' || name.endsWith('.wild.test') ? ['127.0.0.1', '::1'] : null),
}
const OPT: Answer = {
  ...{ type: 'OPT', name: '.', udpPayloadSize: 1232, extendedRcode: 0, ednsVersion: 0 },
  ...{ flags: 0, flag_do: false, options: [] },
}
const REFUSED = 5

function query(name: string, type: string, more: Partial<Packet> = {}): Buffer {
  const question = { name, type, class: 'IN' } as Question
  return encode({ type: 'query', id: 0x1234, flags: 0x0100, questions: [question], ...more })
}

function ask(name: string, type = 'A', more: Partial<Packet> = {}) {
  const answer = answerQuery(query(name, type, more), zone, 'udp')
  if (answer === null) throw new Error('no answer')
  return { ...decode(answer), bits: answer.readUInt16BE(2) }
}

test('a name of ours has the addresses of both families, with authority and without recursion', () => {
  const a = ask('shop.test')
  expect(a.answers).toMatchObject([{ name: 'shop.test', type: 'A', ttl: 5, data: '127.0.0.1' }])
  expect(a).toMatchObject({ id: 0x1234, bits: 0x8500 }) // a response, authoritative, recursion desired and not available
  expect(ask('a.b.wild.test', 'AAAA').answers).toMatchObject([{ data: '::1' }])
})

test.each(['TXT', 'MX', 'NS', 'UNKNOWN_65'])('of another type (%s) it has nothing, said with the SOA', (type) => {
  const { answers, authorities, bits } = ask('shop.test', type)
  expect(bits & 0xf).toBe(0)
  expect(answers).toEqual([])
  expect(authorities).toMatchObject([{ type: 'SOA', name: 'shop.test', data: { minimum: 5 } }])
})

test('SOA and ANY are answered with one record each', () => {
  expect(ask('shop.test', 'SOA').answers).toMatchObject([{ type: 'SOA', name: 'shop.test' }])
  expect(ask('shop.test', 'ANY').answers).toMatchObject([{ type: 'A' }])
})

test.each(['example.com', 'test', '.', 'wild.test', 'xshop.test', '1.0.0.127.in-addr.arpa'])(
  '%s is refused',
  (name) => {
    const { answers, authorities, bits } = ask(name)
    expect({ answers, authorities, rcode: bits & 0xf, authority: bits & 0x0400 }).toEqual({
      ...{ answers: [], authorities: [], rcode: REFUSED, authority: 0 },
    })
  },
)

test('transfers and other classes are refused', () => {
  expect(ask('shop.test', 'AXFR').bits & 0xf).toBe(REFUSED)
  const chaos = { questions: [{ name: 'shop.test', type: 'TXT', class: 'CH' } as Question] }
  expect(ask('shop.test', 'TXT', chaos).bits & 0xf).toBe(REFUSED)
})

test('letters keep their case in question and answer', () => {
  const { questions, answers } = ask('sHoP.TesT')
  expect([questions?.[0]?.name, answers?.[0]?.name]).toEqual(['sHoP.TesT', 'sHoP.TesT'])
})

test('EDNS is answered in kind, and a later version of it with what is spoken', () => {
  expect(ask('shop.test').additionals).toEqual([])
  expect(ask('shop.test', 'A', { additionals: [OPT] }).additionals).toMatchObject([{ type: 'OPT', ednsVersion: 0 }])
  const later = ask('shop.test', 'A', { additionals: [{ ...OPT, ednsVersion: 1 } as Answer] })
  expect(later.answers).toEqual([])
  expect(later.additionals).toMatchObject([{ extendedRcode: 1 }])
  const twice = answerQuery(query('shop.test', 'A', { additionals: [OPT, OPT] }), zone, 'udp')
  expect((twice?.readUInt16BE(2) ?? 0) & 0xf).toBe(1)
})

test('what does not fit a datagram is left out and said to be, and TCP has all of it', () => {
  const many = Array.from({ length: 60 }, (_, index) => `127.0.0.${index + 1}`)
  const crowd: Zone = { addressesOf: () => many }
  const over = (transport: 'udp' | 'tcp', size?: number) => {
    const additionals = size === undefined ? [] : [{ ...OPT, udpPayloadSize: size } as Answer]
    const answer = answerQuery(query('shop.test', 'A', { additionals }), crowd, transport) as Buffer
    return { length: answer.length, truncated: (answer.readUInt16BE(2) & 0x0200) !== 0, read: decode(answer) }
  }
  for (const size of [undefined, 0, 600, 65_535]) {
    const { length, truncated, read } = over('udp', size)
    expect(truncated, `with room for ${size}`).toBe(true)
    expect(read.answers).toEqual([])
    expect(length).toBeLessThanOrEqual(512)
  }
  expect(over('tcp')).toMatchObject({ truncated: false, read: { answers: { length: 60 } } })
})

test('responses, torn packets and names with dots inside a label get no answer', () => {
  const good = query('shop.test', 'A')
  const response = Buffer.from(good)
  response.writeUInt16BE(0x8100, 2)
  expect(answerQuery(response, zone, 'udp')).toBeNull()
  for (let length = 0; length < good.length; length++) {
    expect(answerQuery(good.subarray(0, length), zone, 'udp'), `${length} bytes`).toBeNull()
  }
  const dotted = Buffer.from(good)
  dotted[12] = 9 // one label "shop.test" where there were two
  dotted[17] = '.'.charCodeAt(0)
  expect(answerQuery(dotted, zone, 'udp')).toBeNull()
  expect(answerQuery(Buffer.alloc(5000), zone, 'tcp')).toBeNull()
})

test('what is no single question is not answered as one', () => {
  const rcode = (edit: (bytes: Buffer) => void) => {
    const bytes = query('shop.test', 'A')
    edit(bytes)
    return (answerQuery(bytes, zone, 'udp')?.readUInt16BE(2) ?? 0) & 0xf
  }
  expect(rcode((bytes) => bytes.writeUInt16BE(2, 4))).toBe(1) // two questions
  expect(rcode((bytes) => bytes.writeUInt16BE(1, 6))).toBe(1) // an answer
  expect(rcode((bytes) => bytes.writeUInt16BE(0x2800, 2))).toBe(4) // an update
})

test('whatever comes, nothing is thrown, and no answer is much larger than its question', () => {
  const seeds = [query('shop.test', 'A'), query('a.wild.test', 'ANY', { additionals: [OPT] })]
  const edits = fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 12 })
  const mutated = fc.tuple(fc.constantFrom(...seeds), edits, fc.nat(80)).map(([seed, changes, cut]) => {
    const bytes = Buffer.from(seed)
    for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
    return bytes.subarray(0, bytes.length - (cut % 10))
  })
  const random = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(fc.oneof(mutated, random), fc.constantFrom('udp' as const, 'tcp' as const), (bytes, transport) => {
      const answer = answerQuery(bytes, zone, transport)
      if (answer === null) return
      expect(answer.readUInt16BE(0)).toBe(bytes.readUInt16BE(0))
      expect(answer.readUInt16BE(2) & 0x8080).toBe(0x8000)
      expect(answer.length).toBeLessThanOrEqual(bytes.length * 3 + 64)
    }),
    { numRuns: 20_000 },
  )
})
