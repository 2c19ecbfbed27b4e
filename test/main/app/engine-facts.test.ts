import { expect, test } from 'vitest'
import { EngineFacts, type Fact } from '../../../src/main/app/engine-facts.js'
import type { ShareStatus } from '../../../src/shared/share-schemas.js'
import type { TunnelStatus } from '../../../src/shared/tunnel-schemas.js'

const SHARE: ShareStatus = {
  id: 'a',
  app: 'shop',
  via: { kind: 'tool', tool: 'ngrok' },
  name: null,
  state: 'open',
  url: 'https://a.ngrok.app',
  startedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: null,
  user: null,
  reason: null,
  stats: { open: 1, total: 1, requests: 1, bytesIn: 1, bytesOut: 1, latencyMs: null },
}

test('of shares it knows those that have not ended, and figures that come every second change nothing', () => {
  let tell: (shares: ShareStatus[]) => void = () => {}
  const on = (name: string, listener: never) => {
    if (name === 'shares') tell = listener
    return () => {}
  }
  const facts = new EngineFacts({ call: async () => [], on, onState: () => () => {} } as never)
  const changes: Fact[] = []
  facts.onChange((what) => changes.push(what))
  const ended: ShareStatus = { ...SHARE, id: 'b', state: 'ended' }
  tell([SHARE, ended])
  tell([{ ...SHARE, stats: { ...SHARE.stats, requests: 2 } }, ended])
  expect(facts.shares).toEqual([{ id: 'a', app: 'shop', url: 'https://a.ngrok.app', state: 'open' }])
  expect(changes).toEqual(['shares'])
  tell([{ ...SHARE, state: 'ended' }, ended])
  expect(facts.shares).toEqual([])
  expect(changes).toEqual(['shares', 'shares'])
})

test('of services it knows the relays whose users reach them, whatever passes', () => {
  let tell: (tunnels: TunnelStatus[]) => void = () => {}
  const on = (name: string, listener: never) => {
    if (name === 'tunnels') tell = listener
    return () => {}
  }
  const facts = new EngineFacts({ call: async () => [], on, onState: () => () => {} } as never)
  const changes: Fact[] = []
  facts.onChange((what) => changes.push(what))
  const bare = { agent: null, reason: null, allow: [], proxies: [], latencyMs: null, refusals: [] }
  const tunnel: TunnelStatus = { ...bare, relay: 'wss://relay.example.com', state: 'connected' }
  tell([tunnel])
  tell([{ ...tunnel, latencyMs: 3 }])
  expect(facts.tunnels).toEqual([{ relay: 'wss://relay.example.com', state: 'connected' }])
  tell([{ ...tunnel, state: 'ended' }])
  expect(facts.tunnels).toEqual([])
  expect(changes).toEqual(['tunnels', 'tunnels'])
})
