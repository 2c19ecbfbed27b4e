import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import type { AgentConnection } from '../../../../../src/main/engine/tunnel/relay/agent-link.js'
import { leastBusy } from '../../../../../src/main/engine/tunnel/relay/agents.js'
import { AuditLog } from '../../../../../src/main/engine/tunnel/relay/audit-log.js'
import { bearerOf, judgeAgent } from '../../../../../src/main/engine/tunnel/relay/judge-agent.js'
import { judgeProxy } from '../../../../../src/main/engine/tunnel/relay/judge-proxy.js'
import { KeptRelay } from '../../../../../src/main/engine/tunnel/relay/kept-relay.js'
import { Bandwidth } from '../../../../../src/main/engine/tunnel/relay/limits/bandwidth.js'
import { TokenUses } from '../../../../../src/main/engine/tunnel/relay/limits/token-uses.js'
import {
  DEFAULT_LIMITS,
  type ProxyRecord,
  proxyWishSchema,
  type TokenRecord,
  tokenWishSchema,
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

test('the connection with the least to do is asked first, and none twice', () => {
  const [busy, idle, middle] = [5, 0, 2].map((streams) => ({ link: { streams } }) as AgentConnection)
  const all = [busy!, idle!, middle!]
  expect(leastBusy(all, new Set())).toBe(idle)
  expect(leastBusy(all, new Set([idle!]))).toBe(middle)
  expect(leastBusy(all, new Set(all))).toBeNull()
})

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

test('what strangers can cause at will fills no disk: it is counted instead', async () => {
  const lines: string[] = []
  const file = {
    append: async (data: Buffer) => void lines.push(...String(data).trimEnd().split('\n')),
    close: async () => {},
  }
  const audit = new AuditLog(file, pino({ enabled: false }))
  for (let i = 0; i < 1_000; i++) audit.note({ event: 'agent-refused', agent: null, from: '::1', status: 401 })
  audit.note({ event: 'relay-stopped' })
  await audit.close()
  // Twice as many when a minute begins meanwhile.
  expect(lines.length).toBeLessThanOrEqual(121)
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ event: 'relay-stopped', omittedBefore: expect.any(Number) })
})

test('an audit log that cannot be written says so in it later, and loses nothing else', async () => {
  const lines: string[] = []
  let full = true
  const append = async (data: Buffer) => {
    if (full) throw new Error('ENOSPC')
    lines.push(String(data))
  }
  const audit = new AuditLog({ append, close: async () => {} }, pino({ enabled: false }))
  audit.note({ event: 'relay-started' })
  await new Promise(setImmediate)
  full = false
  audit.note({ event: 'relay-stopped' })
  await audit.close()
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { time: expect.any(String), event: 'relay-stopped', omittedBefore: 1 },
  ])
})

test('the files of a relay that does not run are changed by the same rules', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'portico-kept-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const kept = await KeptRelay.open(dir)
  const { id } = await kept.createToken(tokenWishSchema.parse({ client_id: 'laptop', ports: { from: 9000, to: 9009 } }))
  const wish = { client_id: 'laptop', remote_host: 'db', remote_port: 5432 }
  const made = await kept.createProxy(proxyWishSchema.parse({ ...wish, local_port: 9000 }))
  await expect(kept.createProxy(proxyWishSchema.parse({ ...wish, local_port: 80 }))).rejects.toMatchObject({
    code: 'forbidden',
  })
  await expect(kept.createProxy(proxyWishSchema.parse({ ...wish, local_port: 9000 }))).rejects.toMatchObject({
    code: 'conflict',
  })
  const again = await KeptRelay.open(dir)
  expect(await again.listProxies()).toEqual([made])
  expect(await again.listTokens()).toMatchObject([{ id }])
  await again.deleteProxy(made.id)
  await again.revokeToken(id)
  await expect(again.status()).rejects.toMatchObject({ code: 'not-running' })
  expect(await (await KeptRelay.open(dir)).listProxies()).toEqual([])
})
