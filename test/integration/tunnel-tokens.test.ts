import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { MAX_CONTROL } from '../../src/main/engine/tunnel/frames.js'
import { LINK_CLOSE } from '../../src/main/engine/tunnel/tunnel-link.js'
import {
  agentSocket,
  ask,
  connectUser,
  playAgent,
  readAll,
  refusedAgent,
  startEcho,
  startRelay,
} from '../support/relay.js'
import { until, within } from '../support/wait.js'

test('an agent without a good token is told so, and audited without its token', async () => {
  const relay = await startRelay()
  const soon = new Date(Date.now() + 60).toISOString()
  const expiring = await relay.token('laptop', { expires_at: soon })
  const revoked = await relay.token()
  await relay.relay.revokeToken(revoked.id)
  await until(() => Date.now() > Date.parse(soon), 'it has expired')
  for (const token of ['nonsense', 'ptk_nonsense', expiring.token, revoked.token, '']) {
    const { status, body } = await refusedAgent(agentSocket(relay.url, token))
    expect({ token, status, error: body.error }).toEqual({ token, status: 401, error: 'unauthorized' })
  }
  await until(async () => (await relay.audit()).filter(({ event }) => event === 'agent-refused').length === 5, 'audit')
  const audit = await readFile(path.join(relay.dataDir, 'audit.log'), 'utf8')
  for (const secret of ['nonsense', expiring.token, revoked.token]) expect(audit).not.toContain(secret)
})

test('a token of another agent, an administrator’s, and an unknown protocol are refused each for its reason', async () => {
  const relay = await startRelay()
  const { token } = await relay.token('laptop')
  expect(await refusedAgent(agentSocket(relay.url, token, 'desktop'))).toMatchObject({ status: 403 })
  const admin = await relay.token('laptop', { client_id: null, admin: true })
  expect(await refusedAgent(agentSocket(relay.url, admin.token))).toMatchObject({ status: 403 })
  const { status, body } = await refusedAgent(agentSocket(relay.url, token, 'laptop', 'portico-tunnel.v9'))
  expect(status).toBe(400)
  expect(body.message).toContain('portico-tunnel.v1, portico-tunnel.json')
  expect(await refusedAgent(agentSocket(relay.url.replace('/agent', '/'), token))).toMatchObject({ status: 404 })
})

test('more agents than the relay takes are refused until one has gone', async () => {
  const relay = await startRelay({ maxAgents: 2 })
  const { token } = await relay.token()
  const first = await playAgent(relay.url, token)
  await playAgent(relay.url, token)
  expect(await refusedAgent(agentSocket(relay.url, token))).toMatchObject({ status: 503 })
  first.socket.terminate()
  await until(async () => (await relay.relay.status()).agents.length === 1, 'the relay knows')
  await playAgent(relay.url, token)
})

test('one token takes no place from another', async () => {
  const relay = await startRelay({ maxOfToken: 2 })
  const [greedy, other] = [await relay.token(), await relay.token()]
  const first = await playAgent(relay.url, greedy.token)
  await playAgent(relay.url, greedy.token)
  const { status, body } = await refusedAgent(agentSocket(relay.url, greedy.token))
  expect([status, body.message]).toEqual([503, 'The token has too many connections.'])
  await playAgent(relay.url, other.token)
  first.socket.terminate()
  await until(async () => (await relay.relay.status()).agents.length === 2, 'one is over')
  await playAgent(relay.url, greedy.token)
})

test('a token that is revoked ends its connections at once, with their users, and no others', async () => {
  const echo = await startEcho()
  const relay = await startRelay()
  const bad = await relay.token()
  const good = await relay.token()
  const { local_port } = await relay.proxy(echo.port)
  const agent = await playAgent(relay.url, bad.token)
  const user = await connectUser(local_port)
  user.write('x')
  await once(user, 'data')
  const other = await playAgent(relay.url, good.token)
  await relay.relay.revokeToken(bad.id)
  expect(await within(readAll(user), 'the end of the user', 1_000)).toBe('[ECONNRESET]')
  expect(await within(agent.closed, 'the end of the agent', 1_000)).toBe(LINK_CLOSE.revoked)
  expect(await ask(local_port, 'others')).toBe('others')
  expect(other.link.closed).toBe(false)
  expect(await refusedAgent(agentSocket(relay.url, bad.token))).toMatchObject({ status: 401 })
})

test('a token that expires ends its connections then', async () => {
  const relay = await startRelay()
  const { token } = await relay.token('laptop', { expires_at: new Date(Date.now() + 300).toISOString() })
  const agent = await playAgent(relay.url, token)
  expect(await within(agent.closed, 'the end of the agent')).toBe(LINK_CLOSE.revoked)
})

test('tokens are kept as hashes, for the eyes of their owner alone', async () => {
  const relay = await startRelay()
  const { token, id } = await relay.token('laptop', { ports: { from: 9000, to: 9099 } })
  expect(token).toMatch(/^ptk_[\w-]{43}$/)
  const file = path.join(relay.dataDir, 'tokens.json')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readFile(file, 'utf8')).not.toContain(token)
  const [listed] = await relay.relay.listTokens()
  expect(listed).toMatchObject({ id, client_id: 'laptop', ports: { from: 9000, to: 9099 }, expired: false })
  expect(JSON.stringify(listed)).not.toMatch(/hash|ptk_/)
})

test('ports that a token is not for neither become proxies nor lead to its agent', async () => {
  const echo = await startEcho()
  const relay = await startRelay()
  const early = await relay.proxy(echo.port)
  const narrow = await relay.token('laptop', { ports: { from: 1, to: 2 } })
  const agent = await playAgent(relay.url, narrow.token)
  await expect(relay.proxy(echo.port)).rejects.toMatchObject({ code: 'forbidden' })
  expect(await relay.relay.listProxies()).toMatchObject([{ id: early.id, agents: 0 }])
  expect(await ask(early.local_port, 'x')).toBe('[ECONNRESET]')
  expect(agent.asked).toEqual([])
  const wide = await relay.token('laptop', { ports: { from: early.local_port, to: early.local_port } })
  await playAgent(relay.url, wide.token)
  expect(await ask(early.local_port, 'x')).toBe('x')
})

test('an agent that asks for a name to be published is told that there is no domain', async () => {
  const relay = await startRelay()
  const agent = await playAgent(relay.url, (await relay.token()).token)
  agent.link.control({ type: 'nonsense' })
  agent.link.control({ type: 'publish', name: 'shop', lifetimeMs: null, login: null })
  const refused = { type: 'refused', name: 'shop', reason: expect.stringContaining('domain') }
  await until(() => agent.messages.length === 3, 'an answer')
  expect(agent.messages[2]).toEqual(refused)
})

test('an agent with more proxies than a message holds is told of as many as fit', async () => {
  const relay = await startRelay()
  const { token } = await relay.token()
  const remote_host = ['a', 'b', 'c'].map((letter) => letter.repeat(60)).join('.')
  for (let i = 0; i < 75; i++) await relay.proxy(80, { remote_host })
  const agent = await playAgent(relay.url, token)
  await until(() => agent.messages.length === 2, 'the proxies')
  const told = agent.messages[1] as { proxies: unknown[] }
  expect(told.proxies.length).toBeGreaterThan(40)
  expect(told.proxies.length).toBeLessThan(75)
  expect(JSON.stringify(told).length).toBeLessThanOrEqual(MAX_CONTROL)
  expect(agent.link.closed).toBe(false)
})

test('a file of tokens that is damaged is neither believed nor overwritten', async () => {
  const relay = await startRelay()
  await relay.token()
  await relay.close()
  const file = path.join(relay.dataDir, 'tokens.json')
  await writeFile(file, '{"version":1,"entries":[{')
  await expect(startRelay({ dataDir: relay.dataDir })).rejects.toMatchObject({ code: 'config-unreadable' })
  expect(await readFile(file, 'utf8')).toBe('{"version":1,"entries":[{')
})
