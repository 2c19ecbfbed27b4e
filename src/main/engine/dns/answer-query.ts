import { type Answer, type DecodedPacket, decode, encode, type Packet, type Question } from 'dns-packet'

/** The names that are answered for. */
export interface Zone {
  /**
   * The addresses of a name, both families; null for one that is not ours.
   *
   * @param name lower-case, without trailing dot
   */
  addressesOf(name: string): readonly string[] | null
}

/** What carries the answer: UDP takes so much, TCP takes all. */
export type Transport = 'udp' | 'tcp'

/** Queries with options and padding stay far below it (RFC 8467 section 4). */
export const MAX_QUERY = 4096

const HEADER = 12
/** RFC 1035 section 4.2.1, and what goes through every network unfragmented (RFC 9715 section 3.1). */
const UDP_PLAIN = 512
const UDP_EDNS = 1232
/** Seconds. The config may change at any time, and asking again costs nothing on one machine. */
const TTL = 5
const QR = 0x8000
const AA = 0x0400
const TC = 0x0200
/** recursion desired and checking disabled, which go back as they came */
const ECHOED = 0x0110
const DO = 0x8000
const RCODE = { ok: 0, malformed: 1, notImplemented: 4, refused: 5 } as const
/** RFC 6891 section 6.1.3: its four low bits are the header's */
const BADVERS = 16
const TRANSFERS = new Set(['AXFR', 'IXFR'])

/**
 * Answers a query for our names, with authority and without ever asking anybody else: other names are REFUSED. The
 * question goes back as it came, also in the case of its letters.
 *
 * @returns null for what is no query, or cannot be read: it gets no answer
 */
export function answerQuery(query: Buffer, zone: Zone, transport: Transport): Buffer | null {
  if (query.length < HEADER || query.length > MAX_QUERY) return null
  const flags = query.readUInt16BE(2)
  if ((flags & QR) !== 0) return null
  const opcode = (flags >> 11) & 0xf
  if (opcode !== 0) return bareAnswer(query, RCODE.notImplemented)
  if (query.readUInt16BE(4) !== 1 || query.readUInt16BE(6) !== 0 || query.readUInt16BE(8) !== 0) {
    return bareAnswer(query, RCODE.malformed)
  }
  try {
    return answerRead(query, decode(query), zone, transport)
  } catch {
    return null
  }
}

/** For what has no question that could be given back. */
function bareAnswer(query: Buffer, rcode: number): Buffer {
  const answer = Buffer.alloc(HEADER)
  answer.writeUInt16BE(query.readUInt16BE(0), 0)
  answer.writeUInt16BE(QR | (query.readUInt16BE(2) & (0x7800 | ECHOED)) | rcode, 2)
  return answer
}

function answerRead(query: Buffer, read: DecodedPacket, zone: Zone, transport: Transport): Buffer | null {
  const [question] = read.questions ?? []
  const options = (read.additionals ?? []).filter((one) => one.type === 'OPT')
  const [edns] = options
  if (question === undefined || options.length > 1) return bareAnswer(query, RCODE.malformed)
  const verdict = edns !== undefined && edns.ednsVersion > 0 ? badVersion() : judge(question, zone)
  const opt = edns === undefined ? [] : [optRecord(verdict.rcode >> 4, edns.flags & DO)]
  const packet = (flags: number, records: Records): Packet => ({
    type: 'response',
    id: read.id ?? 0,
    flags: (query.readUInt16BE(2) & ECHOED) | (verdict.ours ? AA : 0) | flags | (verdict.rcode & 0xf),
    questions: [question],
    ...records,
    additionals: opt,
  })
  const { answers, authorities } = verdict
  const whole = encode(packet(0, { answers, authorities }))
  // A question that reads back differently has bytes in it that a name of ours never has.
  const end = HEADER + questionLength(question)
  if (!whole.subarray(HEADER, end).equals(query.subarray(HEADER, end))) return null
  const room = edns === undefined ? UDP_PLAIN : Math.min(UDP_EDNS, Math.max(UDP_PLAIN, edns.udpPayloadSize))
  return transport === 'udp' && whole.length > room ? encode(packet(TC, { answers: [], authorities: [] })) : whole
}

interface Records {
  answers: Answer[]
  authorities: Answer[]
}
type Verdict = Records & { rcode: number; ours: boolean }

function judge(question: Question, zone: Zone): Verdict {
  const { name, type } = question
  const refused: Verdict = { rcode: RCODE.refused, ours: false, answers: [], authorities: [] }
  if ((question.class ?? 'IN') !== 'IN' || TRANSFERS.has(type)) return refused
  const addresses = zone.addressesOf(name.toLowerCase())
  if (addresses === null) return refused
  const answers = type === 'SOA' ? [startOfAuthority(name)] : addressRecords(name, type, addresses)
  // RFC 2308 section 2.2: without data the SOA goes along, so that this is remembered no longer than the rest.
  return { rcode: RCODE.ok, ours: true, answers, authorities: answers.length === 0 ? [startOfAuthority(name)] : [] }
}

/** For ANY one set of records is enough (RFC 8482 section 4.1). */
function addressRecords(name: string, type: string, addresses: readonly string[]): Answer[] {
  const v4 = addresses.filter((address) => !address.includes(':'))
  const v6 = addresses.filter((address) => address.includes(':'))
  const wanted = type === 'ANY' ? (v4.length > 0 ? 'A' : 'AAAA') : type
  if (wanted === 'A') return v4.map((data) => ({ type: 'A', name, ttl: TTL, data }))
  if (wanted === 'AAAA') return v6.map((data) => ({ type: 'AAAA', name, ttl: TTL, data }))
  return []
}

function startOfAuthority(name: string): Answer {
  const data = { mname: name, rname: 'nobody.invalid', serial: 1, refresh: 60, retry: 60, expire: 60, minimum: TTL }
  return { type: 'SOA', name, ttl: TTL, data }
}

function badVersion(): Verdict {
  return { rcode: BADVERS, ours: false, answers: [], authorities: [] }
}

function optRecord(extendedRcode: number, flags: number): Answer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: UDP_EDNS,
    extendedRcode,
    ednsVersion: 0,
    flags,
    flag_do: flags !== 0,
    options: [],
  }
}

/** On the wire: every label with its length, the root, type and class. */
function questionLength({ name }: Question): number {
  return (name === '.' || name === '' ? 1 : Buffer.byteLength(name) + 2) + 4
}
