import { expect, test } from 'vitest'
import { Bandwidth } from '../../../../../../src/main/engine/tunnel/relay/limits/bandwidth.js'
import { TokenUses } from '../../../../../../src/main/engine/tunnel/relay/limits/token-uses.js'
import { DEFAULT_LIMITS, type TokenRecord } from '../../../../../../src/main/engine/tunnel/relay/relay-schemas.js'

function tokenOf(given: Partial<TokenRecord> = {}): TokenRecord {
  const created = '2026-01-01T00:00:00.000Z'
  const whose = { id: 'a'.repeat(12), hash: 'b'.repeat(64), agent: 'laptop', admin: false }
  return { ...whose, ports: null, limits: DEFAULT_LIMITS, created, expires: null, ...given }
}

test('a bucket lets a second’s worth through at once, and then its rate, in the order of asking', () => {
  const bucket = new Bandwidth(1_000, 0)
  expect(bucket.take(1_000, 0)).toBe(0)
  expect(bucket.take(500, 0)).toBe(500)
  expect(bucket.take(100, 0)).toBe(600)
  expect(bucket.take(100, 600)).toBe(100)
  expect(bucket.take(1, 10_000)).toBe(0)
  // It never holds more than a second's worth.
  expect(bucket.take(1_000, 10_000)).toBe(1)
})

test('a place of a token is given back once', () => {
  const uses = new TokenUses()
  const token = tokenOf({ limits: { ...DEFAULT_LIMITS, connections: 1 } })
  const use = uses.take(token)
  expect(uses.take(token)).toBeNull()
  use?.release()
  use?.release()
  expect(uses.take(token)).not.toBeNull()
  expect(uses.take(token)).toBeNull()
})
