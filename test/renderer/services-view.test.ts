import { expect, test } from 'vitest'
import {
  liveTunnels,
  ownTargets,
  refusalReason,
  relayHost,
  servedRelays,
  targetOf,
  tunnelLook,
} from '../../src/renderer/features/share/services-look.js'
import type { AppStatus } from '../../src/shared/contract.js'
import type { TunnelStatus } from '../../src/shared/tunnel-schemas.js'

function tunnel(relay: string, state: TunnelStatus['state'] = 'connected'): TunnelStatus {
  return { relay, agent: null, state, reason: null, allow: [], proxies: [], latencyMs: null, refusals: [] }
}

function app(name: string, change: object = {}, enabled = true): AppStatus {
  return { name, enabled, hosts: [], urls: [], target: '', app: { name, ...change } } as AppStatus
}

test('relays are those that are saved, then those that are only connected, each once', () => {
  const saved = ['wss://a.example', 'wss://b.example'].map((url) => ({ kind: 'relay' as const, url, customCa: false }))
  const served = servedRelays(saved, [tunnel('wss://c.example'), tunnel('wss://b.example')])
  expect(served.map(({ url, saved, tunnel: found }) => [relayHost(url), saved, found !== null])).toEqual([
    ['a.example', true, false],
    ['b.example', true, true],
    ['c.example', false, true],
  ])
})

test('a tunnel is open to others until it has ended, and each state looks like itself', () => {
  const states = ['connecting', 'connected', 'waiting', 'ended'] as const
  const tunnels = states.map((state) => tunnel(`wss://${state}.example`, state))
  expect(liveTunnels(tunnels).map(({ state }) => state)).toEqual(['connecting', 'connected', 'waiting'])
  expect(new Set(tunnels.map((one) => tunnelLook(one).shape)).size).toBe(4)
  expect(new Set(tunnels.map((one) => tunnelLook(one).word)).size).toBe(4)
})

test('apps that users reach without a word are those that are enabled and have a port', () => {
  const apps = [app('shop', { port: 3000 }), app('off', { port: 3001 }, false), app('web'), app('none')]
  expect(ownTargets(apps, [{ app: 'web', port: 4000 }])).toEqual([
    { app: 'shop', ports: [3000] },
    { app: 'web', ports: [4000] },
  ])
})

test.each([
  ['db.lan:22', 'db.lan:22 is not for this agent to connect to: it is not allowed', 'it is not allowed'],
  ['db.lan:22', 'db.lan:22: ECONNREFUSED', 'nothing listens there'],
  ['db.lan:22', 'db.lan:22: EPIPE', 'EPIPE'],
  ['db.lan:22', 'db.lan:22 did not answer in 10 s', 'did not answer in 10 s'],
  ['db.lan:22', 'the agent failed', 'the agent failed'],
])('why %s was not reached: %s', (target, reason, expected) => {
  expect(refusalReason({ target, reason })).toBe(expected)
})

test('a target is written as it can be allowed', () => {
  expect(
    [
      { host: 'fd00::5', port: 22 },
      { host: 'db.lan', port: 5432 },
    ].map(targetOf),
  ).toEqual(['[fd00::5]:22', 'db.lan:5432'])
})
