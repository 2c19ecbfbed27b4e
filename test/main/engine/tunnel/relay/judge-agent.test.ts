import { expect, test } from 'vitest'
import { bearerOf, judgeAgent } from '../../../../../src/main/engine/tunnel/relay/judge-agent.js'
import { DEFAULT_LIMITS, type TokenRecord } from '../../../../../src/main/engine/tunnel/relay/relay-schemas.js'

function tokenOf(given: Partial<TokenRecord> = {}): TokenRecord {
  const created = '2026-01-01T00:00:00.000Z'
  const whose = { id: 'a'.repeat(12), hash: 'b'.repeat(64), agent: 'laptop', admin: false }
  return { ...whose, ports: null, limits: DEFAULT_LIMITS, created, expires: null, ...given }
}

test('an agent that does not say who it is is who its token is for', () => {
  const token = tokenOf()
  const request = { authorization: 'Bearer x', agent: undefined, protocols: 'a, portico-tunnel.json', full: false }
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
