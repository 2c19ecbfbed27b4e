import { type Answer, encode, type Question } from 'dns-packet'
import ipaddr from 'ipaddr.js'
import { type AddressesOf, addressRecords } from './answer-mdns.js'

const HEADER = 12
const QU_BIT = 0x80
const TYPES: Record<string, number> = { A: 1, AAAA: 28 }

/** Asks whether anybody has these names, and says what they shall be (RFC 6762 section 8.1). Answers may come by unicast. */
export function encodeProbe(names: readonly string[], addressesOf: AddressesOf): Buffer {
  const packet = encode({
    type: 'query',
    id: 0,
    questions: names.map((name) => ({ type: 'ANY', class: 'IN', name }) as unknown as Question),
    authorities: names.flatMap((name) =>
      addressRecords(name, addressesOf(name) ?? []).map((one) => ({ ...one, flush: false }) as Answer),
    ),
  })
  // The encoder knows no such bit of the class; names of questions are written in full.
  let offset = HEADER
  for (const name of names) {
    offset += Buffer.byteLength(name) + 2 + 4
    packet[offset - 2] = (packet[offset - 2] as number) | QU_BIT
  }
  return packet
}

/**
 * Whether we let another go first who asks for the same name at the same time: the records of both are put in order and
 * compared, and the later ones win (RFC 6762 section 8.2.1).
 */
export function yieldsTo(theirs: readonly Answer[], ours: readonly string[]): boolean {
  const other = keysOf(theirs.flatMap((one) => (isAddress(one) ? [one.data] : [])))
  const own = keysOf(ours)
  for (let index = 0; index < Math.max(own.length, other.length); index++) {
    const [mine, foreign] = [own[index] ?? '', other[index] ?? '']
    if (mine !== foreign) return mine < foreign
  }
  return false
}

export function isAddress(record: Answer): record is Answer & { type: 'A' | 'AAAA'; data: string; ttl?: number } {
  return record.type === 'A' || record.type === 'AAAA'
}

/** One text for each record, whose order is that of type and address as bytes. */
function keysOf(addresses: readonly string[]): string[] {
  return addresses
    .filter((address) => ipaddr.isValid(address))
    .map((address) => {
      const type = TYPES[address.includes(':') ? 'AAAA' : 'A'] as number
      return Buffer.from([type, ...ipaddr.parse(address).toByteArray()]).toString('hex')
    })
    .sort()
}
