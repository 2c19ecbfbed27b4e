import { expect, test } from 'vitest'
import { bearerOf, judgeAgent } from '../../../../../src/main/engine/tunnel/relay/judge-agent.js'
import { DEFAULT_LIMITS, type TokenRecord } from '../../../../../src/main/engine/tunnel/relay/relay-schemas.js'

function tokenOf(given: Partial<TokenRecord> = {}): TokenRecord {
  const created = '2026-01-01T00:00:00.000Z'
  const whose = { id: 'a'.repeat(12), hash: 'b'.repeat(64), agent: 'laptop', admin: false }
  return { ...whose, ports: null, limits: DEFAULT_LIMITS, created, expires: null, ...given }
}

const NO_PAGE = { origin: undefined, host: 'relay.example.com:8443', crowded: () => false }

test.each([
  ['https://relay.example.com:8443', true],
  ['https://RELAY.example.com:8443', true],
  ['https://relay.example.com', false],
  ['https://shop.relay.example.com:8443', false],
  ['https://evil.example', false],
  ['null', false],
  ['', false],
])('a page of %j connects: %s', (origin, allowed) => {
  const request = { authorization: 'Bearer x', agent: undefined, protocols: 'portico-tunnel.v1', full: false }
  const judged = judgeAgent({ ...request, ...NO_PAGE, origin }, () => tokenOf())
  expect('status' in judged ? judged.status : null).toBe(allowed ? null : 403)
  const plain = judgeAgent(
    { ...request, ...NO_PAGE, host: 'relay.example.com', origin: 'https://relay.example.com' },
    () => tokenOf(),
  )
  expect(plain).not.toHaveProperty('status')
})

test('an agent that does not say who it is is who its token is for', () => {
  const token = tokenOf()
  const protocols = 'a, portico-tunnel.json'
  const request = { authorization: 'Bearer x', agent: undefined, protocols, full: false, ...NO_PAGE }
  expect(judgeAgent(request, () => token)).toEqual({ agent: 'laptop', token, protocol: 'portico-tunnel.json' })
  const both = { ...request, protocols: 'portico-tunnel.json,portico-tunnel.v1' }
  expect(judgeAgent(both, () => token)).toMatchObject({ protocol: 'portico-tunnel.v1' })
  expect(judgeAgent({ ...request, full: true }, () => token)).toMatchObject({ status: 503 })
  expect([bearerOf('bearer abc'), bearerOf('Basic abc'), bearerOf('Bearer a b'), bearerOf(undefined)]).toEqual([
    'abc',
    null,
    null,
    null,
  ])
})
