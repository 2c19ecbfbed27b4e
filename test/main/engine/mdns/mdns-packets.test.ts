import { type Answer, decode, encode, type Packet } from 'dns-packet'
import { describe, expect, test } from 'vitest'
import { announcement, answerMdns } from '../../../../src/main/engine/mdns/answer-mdns.js'
import {
  afterConflict,
  afterGoodbye,
  afterYielding,
  type Claim,
  newClaim,
  nextOf,
} from '../../../../src/main/engine/mdns/claim.js'
import { linkFrom, linksOf } from '../../../../src/main/engine/mdns/links.js'
import { encodeProbe, yieldsTo } from '../../../../src/main/engine/mdns/probe.js'
import { SentLately } from '../../../../src/main/engine/mdns/sent-lately.js'
import type { NetworkAddress } from '../../../../src/main/engine/network-addresses.js'

const BOTH = ['192.168.1.20', 'fd00::20']
const zone = (addresses: string[]) => (name: string) => (name === 'shop.local' ? addresses : null)
const ALL = { direct: false, legacy: false }

function query(name: string, type: string, more: Packet = {}) {
  return decode(encode({ type: 'query', questions: [{ name, type, class: 'IN' } as never], ...more }))
}

/** As it arrives: what cannot be encoded is not answered. */
function overTheWire(packet: Packet | null) {
  return packet === null ? null : decode(encode(packet))
}

describe('an answer', () => {
  test('has the address asked for, and the other family along', () => {
    const { multicast, unicast } = answerMdns(query('Shop.Local', 'A'), zone(BOTH), ALL)
    expect(unicast).toBeNull()
    expect(overTheWire(multicast)).toMatchObject({
      id: 0,
      flag_aa: true,
      questions: [],
      answers: [{ name: 'shop.local', type: 'A', ttl: 120, flush: true, data: '192.168.1.20' }],
      additionals: [
        { type: 'AAAA', data: 'fd00::20', flush: true },
        { type: 'NSEC', data: { nextDomain: 'shop.local', rrtypes: ['A', 'AAAA'] } },
      ],
    })
  })

  test.each(['AAAA', 'TXT', 'HTTPS'])('says by NSEC that a name has no %s', (type) => {
    const { multicast } = answerMdns(query('shop.local', type), zone(['192.168.1.20']), ALL)
    expect(overTheWire(multicast)?.answers).toMatchObject([
      { type: 'NSEC', flush: true, data: { nextDomain: 'shop.local', rrtypes: ['A'] } },
    ])
  })

  test.each(['other.local', 'shop.localhost', 'a.shop.local'])('is not given for %s', (name) => {
    expect(answerMdns(query(name, 'A'), zone(BOTH), ALL)).toEqual({ multicast: null, unicast: null })
  })

  test('leaves out what the asker has known for less than half of its time', () => {
    const known = (ttl: number): Packet => ({
      answers: [{ name: 'shop.local', type: 'A', ttl, data: '192.168.1.20' } as Answer],
    })
    expect(answerMdns(query('shop.local', 'A', known(60)), zone(BOTH), ALL).multicast).toBeNull()
    expect(answerMdns(query('shop.local', 'A', known(59)), zone(BOTH), ALL).multicast).not.toBeNull()
    const other: Packet = { answers: [{ name: 'shop.local', type: 'A', ttl: 120, data: '192.168.1.99' } as Answer] }
    expect(answerMdns(query('shop.local', 'A', other), zone(BOTH), ALL).multicast).not.toBeNull()
  })

  test('to a plain resolver is one of DNS', () => {
    const packet = answerMdns(query('shop.local', 'A', { id: 9 }), zone(BOTH), { direct: false, legacy: true })
    expect(packet.multicast).toBeNull()
    expect(overTheWire(packet.unicast)).toMatchObject({
      id: 9,
      questions: [{ name: 'shop.local', type: 'A' }],
      answers: [{ ttl: 10, flush: false }],
    })
  })

  test('of a name without addresses on the link is none', () => {
    expect(answerMdns(query('shop.local', 'A'), zone([]), ALL).multicast).toBeNull()
  })
})

test('a goodbye takes back the addresses, and nothing else', () => {
  expect(overTheWire(announcement(['shop.local'], zone(BOTH), 0))?.answers).toMatchObject([
    { type: 'A', ttl: 0, data: '192.168.1.20' },
    { type: 'AAAA', ttl: 0, data: 'fd00::20' },
  ])
})

test('a probe asks for unicast answers, whatever the number of names', () => {
  const bytes = encodeProbe(['shop.local', 'longer-name.local'], () => BOTH)
  const { questions, authorities } = decode(bytes)
  expect(questions).toMatchObject([
    { name: 'shop.local', type: 'ANY', class: 'UNKNOWN_32769' },
    { name: 'longer-name.local', type: 'ANY', class: 'UNKNOWN_32769' },
  ])
  expect(authorities).toHaveLength(4)
  expect(authorities?.every((one) => 'flush' in one && one.flush === false)).toBe(true)
})

test.each([
  ['192.168.1.20', '192.168.1.19', false],
  ['192.168.1.20', '192.168.1.21', true],
  ['192.168.1.20', '192.168.1.20', false],
  ['9.0.0.1', '10.0.0.1', true],
])('of two that ask for one name at once, %s against %s: yields %s', (own, other, yields) => {
  expect(yieldsTo([{ type: 'A', name: 'shop.local', data: other }], [own])).toBe(yields)
})

test('whoever has more of the same goes first', () => {
  const record = (data: string): Answer => ({ type: data.includes(':') ? 'AAAA' : 'A', name: 'shop.local', data })
  expect(yieldsTo(BOTH.map(record), ['192.168.1.20'])).toBe(true)
  expect(yieldsTo([record('192.168.1.20')], BOTH)).toBe(false)
})

describe('a claim', () => {
  test('is three probes, a quarter of a second apart, and two announcements a second apart', () => {
    let claim: Claim = newClaim(1_000, 0.5)
    const seen: string[] = []
    for (let now = 1_000; now < 4_000; now += 25) {
      const next = nextOf(claim, now)
      claim = next.claim
      if (next.send !== null) seen.push(`${next.send} ${now}`)
    }
    expect(seen).toEqual(['probe 1125', 'probe 1375', 'probe 1625', 'announcement 1875', 'announcement 2875'])
    expect(claim).toEqual({ phase: 'held' })
  })

  test('is lost to who has the name, and tried again two minutes later', () => {
    const lost = afterConflict({ phase: 'probing', sent: 1, due: 0 }, 5_000, '192.168.1.7')
    expect(lost).toEqual({ phase: 'lost', to: '192.168.1.7', due: 125_000 })
    expect(nextOf(lost, 124_999).send).toBeNull()
    expect(nextOf(lost, 125_000).send).toBe('probe')
  })

  test('that was held is asked for again before it is lost', () => {
    expect(afterConflict({ phase: 'held' }, 5_000, 'x')).toEqual({ phase: 'probing', sent: 0, due: 5_000 })
  })

  test('begins anew when the other goes, or goes first', () => {
    expect(afterGoodbye({ phase: 'lost', to: 'x', due: 9 }, 0)).toMatchObject({ phase: 'probing', due: 1_000 })
    expect(afterGoodbye({ phase: 'held' }, 0)).toEqual({ phase: 'held' })
    expect(afterYielding({ phase: 'probing', sent: 2, due: 9 }, 0)).toEqual({ phase: 'probing', sent: 0, due: 1_000 })
  })
})

describe('links', () => {
  const address = (name: string, text: string, bits: number, scope = 0): NetworkAddress => ({
    interface: name,
    address: text,
    family: text.includes(':') ? 6 : 4,
    cidr: `${text}/${bits}`,
    scope,
  })
  const machine = [
    address('en0', '192.168.1.20', 24),
    address('en0', 'fe80::1', 64, 4),
    address('en0', 'fd00::20', 64),
    address('en5', '10.0.0.5', 8),
    address('en5', 'fe80::2', 64, 7),
  ]
  const links = linksOf(machine, [4, 6])

  test('tell the addresses of their interface, and no link-local IPv6 where there is another', () => {
    expect(links.map(({ id, told }) => [id, told])).toEqual([
      ['en0 4', ['192.168.1.20', 'fd00::20']],
      ['en0 6', ['192.168.1.20', 'fd00::20']],
      ['en5 4', ['10.0.0.5']],
      ['en5 6', ['10.0.0.5']],
    ])
    expect(linksOf(machine, [4])[1]?.told).toEqual(['192.168.1.20'])
  })

  test.each([
    ['192.168.1.77', 'en0 4'],
    ['10.200.0.1', 'en5 4'],
    ['fe80::99%en5', 'en5 6'],
    ['fe80::99%7', 'en5 6'],
    ['fd00::99', 'en0 6'],
    ['8.8.8.8', undefined],
    ['2001:db8::1', undefined],
    ['nonsense', undefined],
  ])('%s is on %s', (source, id) => {
    expect(linkFrom(links, source)?.id).toBe(id)
  })
})

test('a record goes to all once a second, to who asks for the name sooner, and to the others after half a minute', () => {
  const sent = new SentLately()
  const packet = announcement(['shop.local'], zone(['192.168.1.20'])) as Packet
  sent.note('en0 4', packet, 0)
  expect(sent.allowed('en0 4', packet, 999, false)).toBeNull()
  expect(sent.allowed('en0 4', packet, 250, true)).not.toBeNull()
  expect(sent.allowed('en0 4', packet, 1_250, false)?.answers).toHaveLength(2)
  expect(sent.allowed('en5 4', packet, 1_250, false)).not.toBeNull()
  expect(sent.staleIn('en0 4', packet, 31_249)).toBeNull()
  expect(sent.staleIn('en0 4', packet, 31_250)).not.toBeNull()
})
