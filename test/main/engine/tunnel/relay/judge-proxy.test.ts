import { expect, test } from 'vitest'
import { judgeProxy } from '../../../../../src/main/engine/tunnel/relay/judge-proxy.js'
import {
  DEFAULT_LIMITS,
  type ProxyRecord,
  type TokenRecord,
} from '../../../../../src/main/engine/tunnel/relay/relay-schemas.js'

function tokenOf(given: Partial<TokenRecord> = {}): TokenRecord {
  const created = '2026-01-01T00:00:00.000Z'
  const whose = { id: 'a'.repeat(12), hash: 'b'.repeat(64), agent: 'laptop', admin: false }
  return { ...whose, ports: null, limits: DEFAULT_LIMITS, created, expires: null, ...given }
}

function proxyOf(localPort: number, given: Partial<ProxyRecord> = {}): ProxyRecord {
  const remote = { remoteHost: 'db', remotePort: 5432 }
  return { id: 'c'.repeat(12), agent: 'laptop', address: '127.0.0.1', localPort, ...remote, ...given }
}

test('which proxies an agent may have follows from the tokens that are good', () => {
  const now = Date.parse('2026-06-01T00:00:00Z')
  const narrow = tokenOf({ ports: { from: 9000, to: 9009 } })
  const expired = tokenOf({ expires: '2026-05-01T00:00:00.000Z' })
  const judge = (proxy: ProxyRecord, proxies: ProxyRecord[], tokens: TokenRecord[]) =>
    judgeProxy(proxy, proxies, tokens, now)?.code ?? null
  expect(judge(proxyOf(8000), [], [])).toBeNull()
  expect(judge(proxyOf(9005), [], [narrow])).toBeNull()
  expect(judge(proxyOf(9010), [], [narrow])).toBe('forbidden')
  expect(judge(proxyOf(9010), [], [narrow, tokenOf()])).toBeNull()
  expect(judge(proxyOf(9010), [], [narrow, expired])).toBe('forbidden')
  expect(judge(proxyOf(9010), [], [narrow, tokenOf({ agent: 'desktop' })])).toBe('forbidden')
  expect(judge(proxyOf(9001), [proxyOf(9001, { agent: 'desktop' })], [])).toBe('conflict')
  expect(judge(proxyOf(9001), [proxyOf(9001, { address: '127.0.0.2' })], [])).toBeNull()
  const hundred = Array.from({ length: 100 }, (_, port) => proxyOf(port + 1))
  expect(judge(proxyOf(9001), hundred, [])).toBe('overloaded')
})
