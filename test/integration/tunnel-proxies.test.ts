import { once } from 'node:events'
import net from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { TunnelAgent } from '../../src/main/engine/tunnel/agent/agent.js'
import type { AgentEvent } from '../../src/main/engine/tunnel/agent/agent-events.js'
import { relayAddress } from '../../src/main/engine/tunnel/agent/relay-address.js'
import { LINK_CLOSE } from '../../src/main/engine/tunnel/tunnel-link.js'
import { TunnelError } from '../../src/main/engine/tunnel/tunnel-stream.js'
import { ask, connectUser, playAgent, readAll, startEcho, startRelay, startService } from '../support/relay.js'
import { until, within } from '../support/wait.js'

test('a user of a proxy talks to a service that only the agent reaches', async () => {
  const echo = await startEcho()
  const relay = await startRelay()
  const agent = await playAgent(relay.url, (await relay.token()).token)
  const proxy = await relay.proxy(echo.port)
  expect(await ask(proxy.local_port, 'hello')).toBe('hello')
  expect(agent.asked).toEqual([
    {
      target: { kind: 'tcp', host: '127.0.0.1', port: echo.port },
      client: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    },
  ])
  expect(agent.messages).toMatchObject([
    { type: 'welcome', agent: 'laptop' },
    { type: 'proxies', proxies: [] },
    { type: 'proxies', proxies: [{ id: proxy.id, remoteHost: '127.0.0.1', remotePort: echo.port }] },
  ])
})

test('a service that speaks first, and one that ends first, are heard to their end', async () => {
  const banner = await startService((socket) => {
    socket.write('SSH-2.0-service\r\n')
    socket.end('bye')
    socket.resume()
  })
  const relay = await startRelay()
  await playAgent(relay.url, (await relay.token()).token)
  const { local_port } = await relay.proxy(banner.port)
  const user = await connectUser(local_port)
  expect(await within(readAll(user), 'the banner')).toBe('SSH-2.0-service\r\nbye')
  // Its own direction is still open.
  expect(user.writable).toBe(true)
  user.end()
  await until(async () => (await relay.relay.proxyStats())[0]?.open === 0, 'both ends are closed')
})

test('a user who has ended is answered at length', async () => {
  const late = await startService((socket) => {
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('end', () => socket.end(`${Buffer.concat(chunks)} `.repeat(100_000)))
  })
  const relay = await startRelay()
  await playAgent(relay.url, (await relay.token()).token)
  const { local_port } = await relay.proxy(late.port)
  expect((await ask(local_port, 'word')).length).toBe(500_000)
})

test('a reset of the service is a reset for the user, and the other way round', async () => {
  const seen: string[] = []
  const service = await startService((socket) => {
    socket.on('error', (error: NodeJS.ErrnoException) => seen.push(error.code ?? ''))
    socket.on('data', (data: Buffer) => {
      if (String(data) === 'reset me') socket.resetAndDestroy()
      else socket.write('still there')
    })
  })
  const relay = await startRelay()
  await playAgent(relay.url, (await relay.token()).token)
  const { local_port } = await relay.proxy(service.port)
  const first = await connectUser(local_port)
  first.write('reset me')
  expect(await within(readAll(first), 'the reset')).toBe('[ECONNRESET]')
  const second = await connectUser(local_port)
  second.write('hello')
  await once(second, 'data')
  second.resetAndDestroy()
  await until(() => seen.includes('ECONNRESET'), 'the service hears of the reset')
})

test('without its agent a proxy resets its users at once, and works within a second of the return', async () => {
  const echo = await startEcho()
  const relay = await startRelay()
  const { token } = await relay.token()
  const { local_port } = await relay.proxy(echo.port)
  expect(await within(ask(local_port, 'nobody'), 'the reset', 1_000)).toBe('[ECONNRESET]')

  const first = await playAgent(relay.url, token)
  expect(await ask(local_port, 'one')).toBe('one')
  const open = await connectUser(local_port)
  open.write('x')
  await once(open, 'data')
  first.socket.terminate()
  expect(await within(readAll(open), 'an open connection ends', 1_000)).toBe('[ECONNRESET]')
  await until(async () => (await relay.relay.status()).agents.length === 0, 'the relay knows')
  expect(await ask(local_port, 'none')).toBe('[ECONNRESET]')

  await playAgent(relay.url, token)
  expect(await ask(local_port, 'two')).toBe('two')
})

test('several connections of an agent share the users, and stand in for each other', async () => {
  const echo = await startEcho()
  const relay = await startRelay()
  const { token } = await relay.token()
  const agents = [await playAgent(relay.url, token), await playAgent(relay.url, token)]
  const { local_port } = await relay.proxy(echo.port)
  for (let i = 0; i < 10; i++) {
    const user = await connectUser(local_port)
    user.write('x')
    await once(user, 'data')
  }
  expect(agents.map(({ link }) => link.streams)).toEqual([5, 5])
  agents[0]!.link.close(LINK_CLOSE.done, 'leaving')
  await until(async () => (await relay.relay.status()).agents.length === 1, 'the relay knows')
  expect(await ask(local_port, 'on')).toBe('on')
})

test('what one connection of an agent refuses, another is asked for; when all refuse, the user is reset', async () => {
  const echo = await startEcho()
  const relay = await startRelay()
  const { token } = await relay.token()
  let refusals = 0
  const refuse = (stream: { destroy(error: Error): void }) => {
    refusals += 1
    stream.destroy(new TunnelError('forbidden', 'not on the list'))
  }
  const refusing = await playAgent(relay.url, token, { open: refuse })
  const { local_port, id } = await relay.proxy(echo.port)
  expect(await ask(local_port, 'x')).toBe('[ECONNRESET]')
  await playAgent(relay.url, token)
  // The first one has as little to do, and is asked first.
  expect(await ask(local_port, 'hello')).toBe('hello')
  expect(refusals).toBe(2)
  expect(refusing.link.streams).toBe(0)
  const [stats] = await relay.relay.proxyStats()
  expect(stats).toMatchObject({ id, total: 2, refused: 1 })
  const audit = await relay.audit()
  expect(audit).toContainEqual(expect.objectContaining({ event: 'connection-refused', reason: 'not on the list' }))
})

test('no user of a proxy is sent to a connection of the agent that is for apps alone', async () => {
  const echo = await startEcho()
  const relay = await startRelay()
  const { token } = await relay.token()
  const access = { url: relayAddress(relay.url), token, agent: 'laptop' }
  const failed: AgentEvent[] = []
  const onEvent = (event: AgentEvent) => void (event.type === 'failed' && failed.push(event))
  const sharing = new TunnelAgent({ access, serveApp: (_, stream) => void stream.destroy(), onEvent })
  onTestFinished(() => sharing.close())
  await until(() => sharing.status().state === 'connected', 'it is connected')
  const { local_port } = await relay.proxy(echo.port)
  expect(await ask(local_port, 'x')).toBe('[ECONNRESET]')
  expect((await relay.relay.listProxies())[0]?.agents).toBe(0)
  await playAgent(relay.url, token)
  // It has as little to do, and came first.
  expect(await ask(local_port, 'hello')).toBe('hello')
  expect(failed).toEqual([])
  expect(sharing.status().proxies).toEqual([])
})

test('an agent that does not answer costs its user a while, and no more', async () => {
  const relay = await startRelay({ limits: { dialMs: 100 } })
  await playAgent(relay.url, (await relay.token()).token, { open: () => {} })
  const { local_port } = await relay.proxy(1)
  expect(await ask(local_port, 'x')).toBe('[ECONNRESET]')
  const audit = await relay.audit()
  expect(audit).toContainEqual(
    expect.objectContaining({ event: 'connection-refused', reason: expect.stringMatching('in time') }),
  )
})

test('statistics tell of each proxy and of each open connection', async () => {
  const echo = await startEcho()
  const relay = await startRelay()
  await playAgent(relay.url, (await relay.token()).token)
  const { local_port, id } = await relay.proxy(echo.port)
  await ask(local_port, 'closed before')
  const user = await connectUser(local_port)
  user.write('12345')
  await once(user, 'data')
  await until(async () => (await relay.relay.proxyStats())[0]?.open === 1, 'the first one is over')
  const [stats] = await relay.relay.proxyStats()
  const all = 'closed before'.length + 5
  expect(stats).toMatchObject({ id, open: 1, total: 2, refused: 0, bytes_in: all, bytes_out: all })
  expect(stats?.connect_ms).toBeGreaterThan(0)
  expect(stats?.connections).toMatchObject([{ client: `127.0.0.1:${user.localPort}`, bytes_in: 5, bytes_out: 5 }])
})

test('a thousand users at once are served through one proxy', async () => {
  const echo = await startEcho()
  const relay = await startRelay()
  const agent = await playAgent(relay.url, (await relay.token()).token)
  const { local_port } = await relay.proxy(echo.port)
  const users = await Promise.all(
    Array.from({ length: 1_000 }, async (_, number) => {
      const user = net.connect({ host: '127.0.0.1', port: local_port })
      user.write(`user ${number}`)
      const [data] = (await within(once(user, 'data'), `the answer to ${number}`, 20_000)) as [Buffer]
      expect(String(data)).toBe(`user ${number}`)
      return user
    }),
  )
  expect(agent.link.streams).toBe(1_000)
  // One more than the token may have.
  expect(await ask(local_port, 'one more')).toBe('[ECONNRESET]')
  for (const user of users) user.destroy()
  const over = async () => agent.link.streams === 0 && (await relay.relay.proxyStats())[0]?.open === 0
  await until(over, 'all are over', 10_000)
  expect(await ask(local_port, 'the next')).toBe('the next')
})

test('a relay that is started again has its tokens and proxies', async () => {
  const echo = await startEcho()
  const first = await startRelay()
  const { token } = await first.token()
  const { local_port, id } = await first.proxy(echo.port)
  const agent = await playAgent(first.url, token)
  await first.close()
  expect(await agent.closed).toBe(LINK_CLOSE.goingAway)
  const second = await startRelay({ dataDir: first.dataDir })
  expect(await second.relay.listProxies()).toMatchObject([{ id, local_port, state: 'listening' }])
  await playAgent(second.url, token)
  expect(await ask(local_port, 'again')).toBe('again')
})

test('a proxy whose port is taken at the start gets it as soon as it is free', async () => {
  const echo = await startEcho()
  const first = await startRelay()
  const { token } = await first.token()
  const { local_port } = await first.proxy(echo.port)
  await first.close()
  const squatter = net.createServer()
  await once(squatter.listen(local_port, '127.0.0.1'), 'listening')
  const second = await startRelay({ dataDir: first.dataDir, retryMs: 20 })
  await playAgent(second.url, token)
  expect(await second.relay.listProxies()).toMatchObject([{ state: 'failed', error: 'EADDRINUSE' }])
  squatter.close()
  await until(async () => (await second.relay.listProxies())[0]?.state === 'listening', 'the port is had')
  expect(await ask(local_port, 'at last')).toBe('at last')
})

test('a proxy that is removed ends its users and frees its port', async () => {
  const echo = await startEcho()
  const relay = await startRelay()
  await playAgent(relay.url, (await relay.token()).token)
  const { local_port, id } = await relay.proxy(echo.port)
  const user = await connectUser(local_port)
  user.write('x')
  await once(user, 'data')
  const end = readAll(user)
  await relay.relay.deleteProxy(id)
  expect(await within(end, 'the end of the user')).toBe('[ECONNRESET]')
  const [error] = await once(net.connect(local_port, '127.0.0.1'), 'error')
  expect((error as NodeJS.ErrnoException).code).toBe('ECONNREFUSED')
  await expect(relay.relay.deleteProxy(id)).rejects.toMatchObject({ code: 'not-found' })
})
