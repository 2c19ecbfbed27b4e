import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BackOff } from '../../../../../src/main/engine/tunnel/agent/back-off.js'
import { Publications } from '../../../../../src/main/engine/tunnel/agent/publications.js'
import {
  closedByRelay,
  failedConnection,
  refusedUpgrade,
} from '../../../../../src/main/engine/tunnel/agent/refusals.js'
import { relayAddress, shownAddress } from '../../../../../src/main/engine/tunnel/agent/relay-address.js'
import { Fault } from '../../../../../src/shared/fault.js'

test('the first retry is at once, those of the first minute within a second, later ones up to half a minute', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 300 }), (randoms) => {
      const backOff = new BackOff()
      let now = 5_000
      for (const [at, random] of randoms.entries()) {
        const outage = now - 5_000
        const wait = backOff.next(now, at === 0 ? 60_000 : null, random)
        if (at === 0) expect(wait).toBe(0)
        else expect(wait).toBeGreaterThan(0)
        expect(wait).toBeLessThanOrEqual(outage < 60_000 ? 1_000 : 30_000)
        now += wait + 20
      }
    }),
  )
})

test('without jitter: what a long outage comes to', () => {
  const backOff = new BackOff()
  backOff.next(0, null, 0)
  expect([59_999, 60_000, 120_000, 300_000, 3_600_000].map((now) => backOff.next(now, null, 0))).toEqual([
    250, 6_000, 12_000, 30_000, 30_000,
  ])
})

test('a relay that lets agents in and drops them is not asked again at once each time', () => {
  const backOff = new BackOff()
  expect(backOff.next(0, 60_000, 0)).toBe(0)
  expect(backOff.next(100, 100, 0)).toBeGreaterThan(0)
  expect(backOff.next(20_000, 15_000, 0)).toBe(0)
})

test.each([
  ['wss://relay.example.com', 'wss://relay.example.com/agent'],
  ['wss://relay.example.com:8443/', 'wss://relay.example.com:8443/agent'],
  ['wss://example.com/tunnels/', 'wss://example.com/tunnels/agent'],
  ['wss://example.com/agent', 'wss://example.com/agent'],
  ['ws://127.0.0.1:8080', 'ws://127.0.0.1:8080/agent'],
  ['ws://[::1]:8080', 'ws://[::1]:8080/agent'],
  ['ws://relay.localhost:8080', 'ws://relay.localhost:8080/agent'],
])('the relay %s', (written, href) => {
  expect(relayAddress(written).href).toBe(href)
  expect(relayAddress(shownAddress(relayAddress(written))).href).toBe(href)
})

test.each([
  'ws://relay.example.com',
  'ws://10.0.0.1',
  'https://relay.example.com',
  'relay',
  '',
  'wss://u:p@x',
  'wss://x/?t=1',
  'wss://x/#y',
])('%j is no address of a relay', (written) => {
  expect(() => relayAddress(written)).toThrow(Fault)
})

test('which refusals are final', () => {
  const codes = (status: number, before: boolean) => refusedUpgrade(status, null, undefined, before).final?.code ?? null
  const statuses = [400, 401, 403, 404, 429, 502, 503]
  expect(statuses.map((status) => codes(status, false))).toEqual([
    'protocol',
    'unauthorized',
    'forbidden',
    'not-found',
    null,
    null,
    null,
  ])
  expect(statuses.map((status) => codes(status, true))).toEqual([
    'protocol',
    'unauthorized',
    'forbidden',
    null,
    null,
    null,
    null,
  ])
  expect(refusedUpgrade(503, 'full', '7', true)).toMatchObject({
    retryAfterMs: 7_000,
    reason: 'the relay answered 503: full',
  })
  expect([1000, 1001, 1002, 1006, 4001, 4003, 4008].map((code) => closedByRelay(code, '').final?.code ?? null)).toEqual(
    [null, null, null, null, 'conflict', 'unauthorized', null],
  )
})

test('a relay that is not trusted is refused at first; one that was known may be itself again later', () => {
  for (const code of [
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ]) {
    expect(failedConnection(code, 'no', false).final?.code).toBe('certificate-invalid')
    expect(failedConnection(code, 'no', true).final).toBeNull()
  }
  expect(failedConnection('ECONNREFUSED', '', false).final).toBeNull()
})

const WISH = { name: 'shop', lifetimeMs: 60_000, login: null }

test('what is published is asked for again with what is left of its time', () => {
  const publications = new Publications()
  publications.add(WISH, 1_000)
  expect(publications.outstanding(1_000)).toEqual([{ type: 'publish', ...WISH }])
  publications.published('shop', 'https://shop.relay.example', new Date(41_000).toISOString())
  expect(publications.outstanding(2_000)).toEqual([])
  publications.disconnected()
  expect(publications.outstanding(31_000)).toEqual([{ type: 'publish', ...WISH, lifetimeMs: 10_000, again: true }])
  expect(publications.takeExpired(40_999)).toEqual([])
  expect(publications.takeExpired(41_000)).toEqual(['shop'])
  expect(publications.outstanding(41_000)).toEqual([])
})

test('a name that is refused is given up, unless it had been published', () => {
  const publications = new Publications()
  publications.add({ ...WISH, lifetimeMs: null }, 0)
  publications.published('shop', 'https://shop.relay.example', null)
  publications.disconnected()
  expect(publications.refused('shop', 'taken')).toBe(true)
  expect(publications.outstanding(9e9)).toHaveLength(1)
  publications.add({ ...WISH, name: 'other' }, 0)
  expect(publications.refused('other', 'taken')).toBe(false)
  expect(publications.has('other')).toBe(false)
})
