import { describe, expect, test } from 'vitest'
import { missingOf, problemOf } from '../../src/renderer/features/share/relay-problems.js'
import { draftOf, nameProblem, passwordProblem } from '../../src/renderer/features/share/share-draft.js'
import { endsIn, lifetimeOf, liveShareOf, sharedApps, shareLook } from '../../src/renderer/features/share/share-look.js'
import {
  firstChoice,
  isUsable,
  unasked,
  viaName,
  viaOf,
  wayRemark,
} from '../../src/renderer/features/share/share-ways.js'
import { passwordFrom, suggestPassword } from '../../src/renderer/features/share/suggest-password.js'
import { Fault } from '../../src/shared/fault.js'
import type { ShareStatus, ShareTool, ShareWay } from '../../src/shared/share-schemas.js'

const RELAY: ShareWay = { kind: 'relay', url: 'wss://relay.example.com:8443', customCa: false }

function tool(name: ShareTool, change: object = {}): Extract<ShareWay, { kind: 'tool' }> {
  const program = `/usr/bin/${name}`
  return { kind: 'tool', tool: name, title: name, program, version: '1.2', obstacle: null, ...change }
}

const MISSING = tool('tailscale', {
  program: null,
  obstacle: { message: 'It is not installed.', hint: 'Install it.' },
})
const HINDERED = tool('ngrok', { obstacle: { message: 'There is no account.', hint: 'Run ngrok config.' } })

function share(change: Partial<ShareStatus> = {}): ShareStatus {
  return {
    id: '1',
    app: 'shop',
    via: viaOf(RELAY),
    name: 'preview',
    state: 'open',
    url: 'https://preview.relay.example.com:8443',
    startedAt: '2026-01-01T00:00:00.000Z',
    expiresAt: null,
    user: null,
    reason: null,
    stats: { open: 0, total: 0, requests: 0, bytesIn: 0, bytesOut: 0, latencyMs: null },
    ...change,
  }
}

describe('ways', () => {
  test('what is saved, or installed and without an obstacle, can be used', () => {
    expect([RELAY, tool('cloudflared'), MISSING, HINDERED].map(isUsable)).toEqual([true, true, false, false])
  })

  test('one click asks nothing where one way can be used, and for no password', () => {
    const open = { password: false }
    expect(unasked([RELAY, MISSING, HINDERED], open)).toEqual({ kind: 'relay', url: RELAY.url })
    expect(unasked([tool('cloudflared'), MISSING], open)).toEqual({ kind: 'tool', tool: 'cloudflared' })
    expect(unasked([RELAY, tool('cloudflared')], open)).toBe(null)
    expect(unasked([MISSING, HINDERED], open)).toBe(null)
    expect(unasked([RELAY], { password: true })).toBe(null)
  })

  test('the dialog begins with the way of the last time, as long as it can be used', () => {
    const ways = [RELAY, tool('cloudflared'), HINDERED]
    expect(firstChoice(ways, { via: viaOf(tool('cloudflared')) })).toEqual(viaOf(tool('cloudflared')))
    expect(firstChoice(ways, { via: viaOf(HINDERED) })).toEqual(viaOf(RELAY))
    expect(firstChoice(ways, { via: null })).toEqual(viaOf(RELAY))
    expect(firstChoice([MISSING], { via: null })).toBe(null)
  })

  test('each says what it is, or what to do before it can be used', () => {
    expect(viaName(viaOf(RELAY))).toBe('relay.example.com:8443')
    expect(wayRemark(MISSING)).toBe('Not installed. Install it.')
    expect(wayRemark(HINDERED)).toBe('There is no account. Run ngrok config.')
    expect(wayRemark({ ...RELAY, customCa: true })).toContain('its own authority')
  })
})

describe('shares', () => {
  test('each state has its own shape and word', () => {
    const looks = (['starting', 'open', 'waiting', 'ended'] as const).map((state) => shareLook({ state }))
    expect(new Set(looks.map(({ shape }) => shape)).size).toBe(4)
    expect(looks.map(({ word }) => word)).toEqual(['Starting…', 'Shared', 'Waiting', 'Ended'])
  })

  test('an app is shared until its last share has ended; the open one of several is its share', () => {
    const shares = [
      share({ id: 'a', state: 'waiting' }),
      share({ id: 'b' }),
      share({ id: 'c', app: 'docs', state: 'ended' }),
      share({ id: 'd', app: 'api', state: 'starting' }),
    ]
    expect(sharedApps(shares)).toEqual(['shop', 'api'])
    expect(liveShareOf(shares, 'shop')?.id).toBe('b')
    expect(liveShareOf(shares, 'docs')).toBe(null)
  })

  test.each([
    [0, 'ends in 0 s'],
    [29_400, 'ends in 30 s'],
    [59_100, 'ends in 1 min'],
    [42 * 60_000 + 10_000, 'ends in 42 min'],
    [99 * 60_000, 'ends in 99 min'],
    [2 * 3_600_000, 'ends in 2 h'],
    [8 * 3_600_000 - 60_000, 'ends in 7 h 59 min'],
    [49 * 3_600_000, 'ends in 2 d 1 h'],
  ])('%i ms from now is told as "%s"', (ms, words) => {
    expect(endsIn(new Date(1_000_000 + ms).toISOString(), 1_000_000)).toBe(words)
  })

  test('one that only a person ends counts nothing down, and what is over stays at 0', () => {
    expect(endsIn(null, 0)).toBe(null)
    expect(endsIn(new Date(0).toISOString(), 5_000)).toBe('ends in 0 s')
  })

  test('how long it was to live is read back from it', () => {
    expect(lifetimeOf(share({ expiresAt: '2026-01-01T01:00:00.000Z' }))).toBe(3_600_000)
    expect(lifetimeOf(share())).toBe(null)
  })
})

describe('the dialog', () => {
  test('begins with a working day and no password; what changes an open link begins with one', () => {
    expect(draftOf('shop', null)).toMatchObject({ via: null, name: '', lifetimeMs: 8 * 3_600_000, ask: false })
    const change = draftOf('shop', share({ expiresAt: '2026-01-01T00:59:58.000Z' }))
    expect(change).toMatchObject({ via: viaOf(RELAY), name: 'preview', lifetimeMs: 3_600_000, ask: true })
    expect(draftOf('shop', share({ state: 'ended' })).ask).toBe(false)
    expect(draftOf('preview', share({ app: 'preview' })).name).toBe('')
    expect(draftOf('shop', share({ expiresAt: '2027-01-01T00:00:00.000Z' })).lifetimeMs).toBe(8 * 3_600_000)
  })

  test('a name is a host label, and is of no matter to a tool', () => {
    for (const name of ['', 'a', 'shop-2']) expect(nameProblem({ via: viaOf(RELAY), name })).toBe(null)
    for (const name of ['-a', 'a-', 'No', 'a.b', 'x'.repeat(64)])
      expect(nameProblem({ via: viaOf(RELAY), name })).not.toBe(null)
    expect(nameProblem({ via: viaOf(HINDERED), name: 'No' })).toBe(null)
  })

  test('a password that is asked for is not empty; the one suggested has 60 bits, each letter as likely', () => {
    expect(passwordProblem({ ask: true, password: '' })).not.toBe(null)
    expect(passwordProblem({ ask: false, password: '' })).toBe(null)
    expect(passwordFrom(Uint8Array.from({ length: 12 }, (_, at) => at))).toBe('abcd-efgh-ijkm')
    const letters = Array.from({ length: 256 }, (_, byte) => passwordFrom(new Uint8Array(12).fill(byte))[0])
    expect([...Map.groupBy(letters, (letter) => letter).values()].map(({ length }) => length)).toEqual(
      Array.from({ length: 32 }, () => 8),
    )
    expect(suggestPassword()).not.toBe(suggestPassword())
  })
})

describe('a relay that is not taken', () => {
  test.each([
    [new Fault('usage', '"x" is not the address of a relay.', 'Write it as wss://…'), 'url'],
    [new Fault('usage', 'ws:// would send the token to a.b in the clear.', 'Use wss://.'), 'url'],
    [new Fault('dial-failed', 'The relay wss://a.b does not answer: ECONNREFUSED.'), 'url'],
    [new Fault('not-found', 'There is no relay at this address: it answered 404.'), 'url'],
    [new Fault('usage', 'This is no token.', 'It is the line…'), 'token'],
    [new Fault('unauthorized', 'The relay does not accept the token.'), 'token'],
    [new Fault('forbidden', 'The token is not for this agent.'), 'token'],
    [new Fault('certificate-invalid', 'The relay is not trusted: self-signed certificate.'), 'ca'],
  ])('%s is told at its field', (fault, field) => {
    expect(problemOf(fault)).toEqual({ field, message: fault.message, hint: fault.hint })
  })

  test('what is missing is told before the relay is asked', () => {
    expect(missingOf({ url: 'wss://a.b', token: ' ' })?.field).toBe('token')
    expect(missingOf({ url: 'wss://a.b', token: 'ptk_1', ca: 'no' })?.field).toBe('ca')
    expect(missingOf({ url: 'wss://a.b', token: 'ptk_1' })).toBe(null)
  })
})
