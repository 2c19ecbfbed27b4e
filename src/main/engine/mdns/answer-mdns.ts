import type { Answer, DecodedPacket, Packet } from 'dns-packet'

/** The addresses of a name of ours on the link that was asked on; null for what is no name of ours. */
export type AddressesOf = (name: string) => readonly string[] | null

/** What is to be sent for one query: to all, to the one who asked, or both. */
export interface MdnsReplies {
  multicast: Packet | null
  unicast: Packet | null
}

/** Seconds (RFC 6762 section 10: records with the address of a host). */
export const TTL = 120
/** RFC 6762 section 6.7: who does not know of announcements must not remember for long. */
const LEGACY_TTL = 10
const AA = 0x0400
/** The class IN with the bit that asks for a unicast answer (RFC 6762 section 5.4), as the decoder writes it. */
const QU_CLASSES = new Set(['UNKNOWN_32769', 'UNKNOWN_33023'])
const CLASSES = new Set(['IN', 'ANY', ...QU_CLASSES])

/**
 * Answers an mDNS query for our names (RFC 6762 section 6): with the addresses of the link, with NSEC for what a name does
 * not have, and without what the asker says it knows.
 *
 * @param query decoded
 * @param direct it was sent to this machine alone, and is answered likewise
 * @param legacy it came from another port than mDNS's own: a plain resolver, which is answered as DNS would
 */
export function answerMdns(
  query: DecodedPacket,
  addressesOf: AddressesOf,
  { direct, legacy }: { direct: boolean; legacy: boolean },
): MdnsReplies {
  const multicast: Answer[] = []
  const unicast: Answer[] = []
  const known = query.answers ?? []
  for (const question of query.questions ?? []) {
    const name = question.name.toLowerCase()
    const addresses = CLASSES.has(question.class ?? 'IN') ? addressesOf(name) : null
    if (addresses === null || addresses.length === 0) continue
    const answers = recordsFor(name, question.type, addresses).filter((one) => !isKnown(one, known))
    const place = direct || legacy || QU_CLASSES.has(question.class ?? 'IN') ? unicast : multicast
    for (const answer of answers) if (!place.some((other) => isSame(other, answer))) place.push(answer)
  }
  const reply = (answers: Answer[]) => (answers.length === 0 ? null : responseOf(answers, addressesOf))
  if (!legacy) return { multicast: reply(multicast), unicast: reply(unicast) }
  return { multicast: null, unicast: unicast.length === 0 ? null : legacyReply(query, unicast) }
}

/** A name with all its addresses, unasked. @param ttl 0 takes back what was said before */
export function announcement(names: readonly string[], addressesOf: AddressesOf, ttl = TTL): Packet | null {
  const answers = names.flatMap((name) => {
    const addresses = addressesOf(name) ?? []
    const records = addressRecords(name, addresses)
    return ttl === 0 || addresses.length === 0 ? records : [...records, nsec(name, addresses)]
  })
  return answers.length === 0 ? null : response(answers.map((one) => ({ ...one, ttl }) as Answer))
}

/** The A and AAAA records of a name. */
export function addressRecords(name: string, addresses: readonly string[]): Answer[] {
  return addresses.map((data) => ({ type: data.includes(':') ? 'AAAA' : 'A', name, ttl: TTL, flush: true, data }))
}

function recordsFor(name: string, type: string, addresses: readonly string[]): Answer[] {
  const records = addressRecords(name, addresses)
  const wanted = type === 'ANY' ? records : records.filter((one) => one.type === type)
  return wanted.length === 0 ? [nsec(name, addresses)] : wanted
}

/** RFC 6762 section 6.1: which types the name has, and so that it has no other. */
function nsec(name: string, addresses: readonly string[]): Answer {
  const rrtypes = [...new Set(addressRecords(name, addresses).map(({ type }) => type))].sort()
  return { type: 'NSEC', name, ttl: TTL, flush: true, data: { nextDomain: name, rrtypes } } as Answer
}

/** What the asker is likely to ask next goes along: the other family, or that there is none. */
function responseOf(answers: Answer[], addressesOf: AddressesOf): Packet {
  const names = [...new Set(answers.map(({ name }) => name))]
  const more = names.flatMap((name) => {
    const addresses = addressesOf(name) ?? []
    return [...addressRecords(name, addresses), nsec(name, addresses)]
  })
  return response(
    answers,
    more.filter((one) => !answers.some((answer) => isSame(answer, one))),
  )
}

function response(answers: Answer[], additionals: Answer[] = []): Packet {
  return { type: 'response', id: 0, flags: AA, answers, additionals }
}

function legacyReply(query: DecodedPacket, answers: Answer[]): Packet {
  return {
    type: 'response',
    id: query.id ?? 0,
    flags: AA,
    questions: query.questions?.filter((question) => !QU_CLASSES.has(question.class ?? 'IN')) ?? [],
    answers: answers.map((one) => ({ ...one, ttl: LEGACY_TTL, flush: false }) as Answer),
  }
}

/** RFC 6762 section 7.1: known, and for at least half of its time still. */
function isKnown(answer: Answer, known: readonly Answer[]): boolean {
  return known.some((one) => isSame(one, answer) && 'ttl' in one && (one.ttl ?? 0) >= TTL / 2)
}

function isSame(a: Answer, b: Answer): boolean {
  if (a.type !== b.type || a.name.toLowerCase() !== b.name.toLowerCase()) return false
  return a.type === 'NSEC' || ('data' in a && 'data' in b && a.data === b.data)
}
