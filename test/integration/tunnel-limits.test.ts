import { once } from 'node:events'
import { expect, test } from 'vitest'
import { ask, connectUser, playAgent, readAll, startEcho, startRelay, startService } from '../support/relay.js'
import { until, within } from '../support/wait.js'

test('a token has so many connections at once; another token of the agent has its own', async () => {
  const echo = await startEcho()
  const relay = await startRelay()
  const few = await relay.token('laptop', { max_connections: 2 })
  await playAgent(relay.url, few.token)
  const { local_port } = await relay.proxy(echo.port)
  const users = [await connectUser(local_port), await connectUser(local_port)]
  for (const user of users) {
    user.write('x')
    await once(user, 'data')
  }
  expect(await ask(local_port, 'third')).toBe('[ECONNRESET]')
  const other = await relay.token()
  await playAgent(relay.url, other.token)
  expect(await ask(local_port, 'third')).toBe('third')
  users[0]!.end()
  await until(async () => (await relay.relay.proxyStats())[0]?.open === 1, 'one is over')
  await relay.relay.revokeToken(other.id)
  expect(await ask(local_port, 'in its place')).toBe('in its place')
})

test('an agent has so many proxies as one of its tokens allows', async () => {
  const relay = await startRelay()
  await relay.token('laptop', { max_proxies: 2 })
  await relay.proxy(1)
  const { id } = await relay.proxy(1)
  await expect(relay.proxy(1)).rejects.toMatchObject({ code: 'overloaded' })
  await relay.proxy(1, { client_id: 'desktop' })
  await relay.relay.deleteProxy(id)
  await relay.proxy(1)
})

test('the bandwidth of a token holds for all its connections together, both ways, and changes no byte', async () => {
  const bytes = Buffer.from(Array.from({ length: 150_000 }, (_, at) => at % 251))
  const service = await startService((socket) => {
    socket.resume()
    socket.end(bytes)
  })
  const relay = await startRelay()
  const { token } = await relay.token('laptop', { max_bandwidth: 200_000 })
  await playAgent(relay.url, token)
  const { local_port } = await relay.proxy(service.port)
  const began = performance.now()
  const download = async () => {
    const user = await connectUser(local_port)
    user.end('x')
    const chunks = await within(user.toArray(), 'all of it', 10_000)
    expect(Buffer.concat(chunks as Buffer[]).equals(bytes)).toBe(true)
  }
  await Promise.all([download(), download()])
  // 300 KB of which the bucket held 200.
  expect(performance.now() - began).toBeGreaterThan(450)
  await until(async () => (await relay.relay.proxyStats())[0]?.open === 0, 'both are over')
})

test('a connection that is held back half-closes and is reset as any other', async () => {
  const echo = await startEcho()
  const relay = await startRelay()
  const { token } = await relay.token('laptop', { max_bandwidth: 10_000_000 })
  const agent = await playAgent(relay.url, token)
  const { local_port } = await relay.proxy(echo.port)
  expect(await ask(local_port, 'there and back')).toBe('there and back')
  const user = await connectUser(local_port)
  user.write('x')
  await once(user, 'data')
  agent.socket.terminate()
  expect(await within(readAll(user), 'the reset')).toBe('[ECONNRESET]')
})

test('a connection without a byte either way ends; one that is used does not', async () => {
  const echo = await startEcho()
  const relay = await startRelay({ limits: { idleMs: 300 } })
  await playAgent(relay.url, (await relay.token()).token)
  const { local_port } = await relay.proxy(echo.port)
  const idle = await connectUser(local_port)
  const used = await connectUser(local_port)
  const timer = setInterval(() => used.write('x'), 50)
  try {
    expect(await within(readAll(idle), 'the end of the idle one')).toBe('[ECONNRESET]')
    expect(used.destroyed).toBe(false)
  } finally {
    clearInterval(timer)
  }
  const audit = await relay.audit()
  expect(audit).toContainEqual(expect.objectContaining({ event: 'connection-closed', reason: 'idle' }))
})

test('a connection ends with its lifetime, whatever it does', async () => {
  const echo = await startEcho()
  const relay = await startRelay({ limits: { lifetimeMs: 200 } })
  await playAgent(relay.url, (await relay.token()).token)
  const { local_port } = await relay.proxy(echo.port)
  const user = await connectUser(local_port)
  const timer = setInterval(() => user.write('x'), 20)
  try {
    expect(await within(readAll(user), 'the end')).toMatch(/^x+\[ECONNRESET\]$/)
  } finally {
    clearInterval(timer)
  }
  const audit = await relay.audit()
  expect(audit).toContainEqual(expect.objectContaining({ event: 'connection-closed', reason: 'lifetime' }))
})
