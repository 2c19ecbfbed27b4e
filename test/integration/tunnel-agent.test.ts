import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { type AgentOptions, TunnelAgent } from '../../src/main/engine/tunnel/agent/agent.js'
import type { AgentEvent } from '../../src/main/engine/tunnel/agent/agent-events.js'
import { parseAllowRule } from '../../src/main/engine/tunnel/agent/allow-rules.js'
import { relayAddress } from '../../src/main/engine/tunnel/agent/relay-address.js'
import type { RelayMessage } from '../../src/main/engine/tunnel/control-messages.js'
import { LINK_CLOSE } from '../../src/main/engine/tunnel/tunnel-link.js'
import { makeCertificate } from '../support/certificate.js'
import { startDeafService } from '../support/deaf-service.js'
import { freePort } from '../support/free-port.js'
import { PlayedRelay } from '../support/played-relay.js'
import { until, within } from '../support/wait.js'

interface Started {
  agent: TunnelAgent
  events: AgentEvent[]
  /** the events of one type so far */
  of<T extends AgentEvent['type']>(type: T): Extract<AgentEvent, { type: T }>[]
}

type StartOptions = Partial<Omit<AgentOptions, 'facts' | 'access'>> & { allow?: string[]; ca?: string[] }

function startAgent(url: string, { allow = [], ca, ...options }: StartOptions = {}): Started {
  const events: AgentEvent[] = []
  const rules = allow.map(parseAllowRule)
  const agent = new TunnelAgent({
    access: { url: relayAddress(url), token: 'ptk_test', agent: 'laptop', ...(ca === undefined ? {} : { ca }) },
    facts: async () => ({ rules, ownPorts: [], reservedPorts: [], reservedPlaces: [], localAddresses: [] }),
    onEvent: (event) => events.push(event),
    ...options,
  })
  onTestFinished(() => agent.close())
  const of = <T extends AgentEvent['type']>(type: T) => events.filter((event) => event.type === type) as never
  return { agent, events, of }
}

async function startRelay(options: Parameters<typeof PlayedRelay.start>[0] = {}): Promise<PlayedRelay> {
  const relay = await PlayedRelay.start(options)
  onTestFinished(() => relay.kill().then(() => undefined))
  return relay
}

async function startService(serve: (socket: net.Socket) => void): Promise<number> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on('error', () => {}))
    serve(socket)
  })
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

function tcp(port: number, host = '127.0.0.1') {
  return { kind: 'tcp', host, port } as const
}

/** Until its end. */
async function read(stream: Duplex): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += chunk
  return text
}

test('an agent says who it is, and connects what it may; each half closes by itself', async () => {
  const relay = await startRelay()
  const port = await startService(async (socket) => {
    const asked = await read(socket)
    socket.end(`you said ${asked}`)
  })
  const { agent, of } = startAgent(relay.url, { allow: [`127.0.0.1:${port}`] })
  const user = await relay.open(tcp(port))
  user.end('hello')
  expect(await within(read(user), 'the answer')).toBe('you said hello')
  const { headers } = await relay.agent()
  expect(headers).toMatchObject({ authorization: 'Bearer ptk_test', 'portico-agent': 'laptop' })
  expect(headers['sec-websocket-protocol']).toBe('portico-tunnel.v1')
  expect(of('connected')).toEqual([{ type: 'connected', agent: 'laptop', again: false }])
  await until(() => agent.status().streams === 0, 'the stream is forgotten')
  expect(agent.status()).toMatchObject({ state: 'connected', agent: 'laptop', opened: 1, failed: 0 })
})

test('what it may not connect, what refuses and what does not answer are told apart', async () => {
  const relay = await startRelay()
  const [closed, other] = [await freePort(), await freePort()]
  const { agent, of } = startAgent(relay.url, { allow: [`127.0.0.1:${closed}`] })
  await expect(relay.open(tcp(other))).rejects.toMatchObject({ error: 'forbidden' })
  await expect(relay.open(tcp(80, '169.254.169.254'))).rejects.toMatchObject({ error: 'forbidden' })
  await expect(relay.open(tcp(closed))).rejects.toMatchObject({ error: 'unreachable' })
  await expect(relay.open({ kind: 'app', name: 'shop' })).rejects.toMatchObject({ error: 'unreachable' })
  expect(of('failed').map(({ client }) => client)).toEqual(Array(4).fill('192.0.2.7:1234'))
  expect(agent.status()).toMatchObject({ opened: 0, failed: 4 })
})

test("the relay's own listener is out of reach even where everything is allowed", async () => {
  const relay = await startRelay()
  startAgent(relay.url, { allow: ['127.0.0.0/8'] })
  await expect(relay.open(tcp(relay.port))).rejects.toMatchObject({ error: 'forbidden' })
})

test('a target that never answers is given up', async () => {
  const relay = await startRelay()
  const port = await startDeafService()
  startAgent(relay.url, { allow: [`127.0.0.1:${port}`], dialMs: 100 })
  await expect(relay.open(tcp(port))).rejects.toMatchObject({ error: 'timeout' })
})

test('nobody is dialled any more for a user who has gone', async () => {
  const relay = await startRelay()
  const port = await startDeafService()
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
  const { agent } = startAgent(relay.url, { allow: [`127.0.0.1:${port}`], dialMs: 60_000 })
  const { link } = await relay.agent()
  const before = sockets()
  const user = link.open(tcp(port), '192.0.2.7:1234', () => {})
  user.on('error', () => {})
  await until(() => sockets() === before + 1, 'it is dialled')
  user.destroy()
  await until(() => sockets() === before, 'it is given up')
  expect(agent.status()).toMatchObject({ opened: 0, failed: 0 })
})

test.each([
  [401, 'unauthorized', 'The relay does not accept the token (it has expired).'],
  [403, 'forbidden', 'The token is not for this agent (it has expired).'],
  [400, 'protocol', "The relay does not speak this agent's protocol (it has expired)."],
])('refused with %i the agent stops for good', async (status, code, message) => {
  const body = JSON.stringify({ error: 'no', message: 'it has expired.' })
  const relay = await startRelay({ refusal: { status, body } })
  const { agent, of } = startAgent(relay.url)
  expect(await within(agent.ended, 'its end')).toMatchObject({ code, message })
  expect(of('waiting')).toEqual([])
  expect(relay.requests).toHaveLength(1)
})

test('a token that is revoked while it is in use ends the agent, and its streams with a reset', async () => {
  const relay = await startRelay()
  const port = await startService((socket) => socket.write('x'))
  const { agent } = startAgent(relay.url, { allow: [`127.0.0.1:${port}`] })
  const user = await relay.open(tcp(port))
  const ended = once(user, 'error')
  const { link } = await relay.agent()
  link.close(LINK_CLOSE.revoked, 'by the operator')
  expect(await within(agent.ended, 'its end')).toMatchObject({ code: 'unauthorized' })
  expect(agent.status().state).toBe('ended')
  expect((await within(ended, 'the reset'))[0]).toMatchObject({ error: 'reset' })
})

test('a relay that is full is asked again, and not before it wants to be', async () => {
  const relay = await startRelay({ refusal: { status: 503, headers: { 'retry-after': '3' } } })
  const { of } = startAgent(relay.url)
  await until(() => of('waiting').length === 1, 'it waits')
  expect(of('waiting')[0]).toMatchObject({ retryMs: 3_000, reason: 'the relay answered 503', wasConnected: false })
})

test('a relay that is killed and comes back: streams end with a reset, new ones work, names are published again', async () => {
  const port = await startService((socket) => {
    const write = () => {
      while (socket.writable && socket.write(Buffer.alloc(64 * 1024))) {}
    }
    socket.on('drain', write)
    write()
  })
  const published: RelayMessage = {
    type: 'published',
    name: 'shop',
    url: 'https://shop.relay.example',
    expires: null,
  }
  const first = await PlayedRelay.start({ answer: () => published })
  const { agent, of } = startAgent(first.url, {
    allow: [`127.0.0.1:${port}`],
    serveApp: (_, stream) => stream.end('app'),
  })
  agent.publish({ name: 'shop', lifetimeMs: null, login: null })
  await until(() => of('published').length === 1, 'it is published')
  const transfer = await first.open(tcp(port))
  let received = 0
  transfer.on('data', (chunk: Buffer) => {
    received += chunk.length
  })
  await until(() => received > 1_000_000, 'the transfer is under way')
  const relayPort = await first.kill()
  await until(() => agent.status().state !== 'connected', 'the loss is noticed')
  expect(agent.status().streams).toBe(0)
  await until(() => of('waiting').length > 1, 'it has been tried again in vain')
  expect(of('waiting')[0]).toMatchObject({ retryMs: 0, wasConnected: true })
  const second = await startRelay({ port: relayPort, answer: () => published })
  await until(() => of('published').length === 2, 'it is published again')
  expect(of('connected').map(({ again }) => again)).toEqual([false, true])
  const asked = { type: 'publish', name: 'shop', lifetimeMs: null, login: null, again: true }
  expect((await second.agent()).messages).toEqual([asked])
  expect(await within(read(await second.open({ kind: 'app', name: 'shop' })), 'the app')).toBe('app')
  const again = await second.open(tcp(port))
  expect((await within(once(again, 'data'), 'data after the return'))[0].length).toBeGreaterThan(0)
  again.destroy()
})

test("the target's connection ends with a reset when the relay is lost, and so when the user goes away", async () => {
  const relay = await PlayedRelay.start()
  const ends: Promise<unknown>[] = []
  const port = await startService((socket) => {
    ends.push(new Promise((resolve) => socket.on('close', resolve)))
    socket.write('x')
  })
  startAgent(relay.url, { allow: [`127.0.0.1:${port}`] })
  const user = await relay.open(tcp(port))
  await relay.open(tcp(port))
  await until(() => ends.length === 2, 'both are connected')
  user.destroy()
  await within(ends[0] as Promise<unknown>, 'the end of the first')
  await relay.kill()
  await within(ends[1] as Promise<unknown>, 'the end of the second')
})

test('a relay that accepts and says nothing more, and one that falls silent, are left', async () => {
  const relay = await startRelay()
  const { of } = startAgent(relay.url, { pingMs: 30 })
  const { socket } = await relay.agent()
  await until(() => of('connected').length === 1, 'it is connected')
  socket.pause()
  await until(() => of('waiting').length === 1, 'the silence is noticed')
  expect(of('waiting')[0]).toMatchObject({ reason: 'the relay does not answer' })
  await until(() => of('connected').length === 2, 'it is connected again')
})

test('a relay that breaks the protocol is left and asked again', async () => {
  const relay = await startRelay()
  const { of } = startAgent(relay.url)
  const { socket } = await relay.agent()
  await until(() => of('connected').length === 1, 'it is connected')
  socket.send(Buffer.from([99, 0, 0, 0, 0]))
  await until(() => of('waiting').length === 1, 'it is noticed')
  expect(of('waiting')[0]?.reason).toMatch(/^the relay (broke|found)/)
})

test('whatever a relay says that is no message of the protocol changes nothing', async () => {
  const relay = await startRelay()
  const { agent, of } = startAgent(relay.url, { serveApp: () => {} })
  await until(() => of('connected').length === 1, 'it is connected')
  const { link } = await relay.agent()
  const names = fc.constantFrom('welcome', 'proxies', 'published', 'refused', 'unpublished', 'x')
  const value = fc.jsonValue()
  const message = fc.oneof(
    fc.record({ type: names, name: value, proxies: value, url: value, expires: value, reason: value }),
    value,
  )
  for (const sent of fc.sample(message, 200)) link.control(sent as object)
  await expect(relay.open(tcp(1))).rejects.toMatchObject({ error: 'forbidden' })
  expect(of('connected')).toHaveLength(1)
  expect(of('waiting')).toEqual([])
  expect(agent.status().published).toEqual([])
})

test('a thousand users at once, each with bytes of their own', async () => {
  const relay = await startRelay()
  const port = await startService((socket) => socket.pipe(socket))
  const { agent } = startAgent(relay.url, { allow: [`127.0.0.1:${port}`] })
  const users = await Promise.all(Array.from({ length: 1_000 }, () => relay.open(tcp(port))))
  expect(agent.status().streams).toBe(1_000)
  const answers = await Promise.all(
    users.map((user, at) => {
      user.end(`user ${at}`)
      return within(read(user), 'its answer', 15_000)
    }),
  )
  expect(answers).toEqual(users.map((_, at) => `user ${at}`))
  await until(() => agent.status().streams === 0, 'all are over')
})

test('a name that is refused is told, and given up', async () => {
  const relay = await startRelay({ answer: ({ name }) => ({ type: 'refused', name, reason: 'taken' }) })
  const { agent, of } = startAgent(relay.url, { serveApp: () => {} })
  agent.publish({ name: 'shop', lifetimeMs: null, login: null })
  await until(() => of('refused').length === 1, 'the refusal')
  expect(of('refused')[0]).toMatchObject({ reason: 'taken', retrying: false })
  expect(agent.status().published).toEqual([])
})

test('a name that had been published and is refused after a reconnect is asked for until it is free', async () => {
  let taken = false
  const relay = await startRelay({
    answer: ({ name }) =>
      taken
        ? { type: 'refused', name, reason: 'taken' }
        : { type: 'published', name, url: `https://${name}.relay.example`, expires: null },
  })
  const { agent, of } = startAgent(relay.url, { serveApp: () => {} })
  agent.publish({ name: 'shop', lifetimeMs: null, login: null })
  await until(() => of('published').length === 1, 'it is published')
  taken = true
  const { socket } = await relay.agent()
  socket.terminate()
  await until(() => of('refused').length === 1, 'the refusal')
  expect(of('refused')[0]).toMatchObject({ retrying: true })
  taken = false
  await until(() => of('published').length === 2, 'it is published again')
})

test('a name that is given back is not asked for again', async () => {
  const relay = await startRelay({
    answer: ({ type, name }) =>
      type === 'publish' ? { type: 'published', name, url: `https://${name}.relay.example`, expires: null } : null,
  })
  const { agent, of } = startAgent(relay.url, { serveApp: () => {} })
  agent.publish({ name: 'shop', lifetimeMs: null, login: null })
  await until(() => of('published').length === 1, 'it is published')
  agent.unpublish('shop')
  const { messages, socket } = await relay.agent()
  await until(() => messages.length === 2, 'it is given back')
  expect(messages[1]).toEqual({ type: 'unpublish', name: 'shop' })
  socket.terminate()
  await until(() => of('connected').length === 2, 'it is connected again')
  await relay.open(tcp(1)).catch(() => {})
  expect((await relay.agent()).messages).toEqual([])
})

test('a relay whose clock is far behind takes away no name before its time', async () => {
  const relay = await startRelay({
    answer: ({ name, lifetimeMs }) => {
      const expires = new Date(Date.now() - 3_600_000 + (lifetimeMs ?? 0)).toISOString()
      return { type: 'published', name, url: `https://${name}.relay.example`, expires, lifetimeMs }
    },
  })
  const { agent, of } = startAgent(relay.url, { serveApp: () => {} })
  agent.publish({ name: 'shop', lifetimeMs: 60_000, login: null })
  await until(() => of('published').length === 1, 'it is published')
  const left = Date.parse(of('published')[0]?.expires ?? '') - Date.now()
  expect(left).toBeGreaterThan(30_000)
  expect(left).toBeLessThanOrEqual(60_000)
  ;(await relay.agent()).socket.terminate()
  await until(() => of('published').length === 2, 'it is published again')
  expect(of('unpublished')).toEqual([])
})

test('proxies that lead to the agent, and names that are taken away, are told', async () => {
  const relay = await startRelay({
    answer: ({ name }) => ({ type: 'published', name, url: `https://${name}.relay.example`, expires: null }),
  })
  const { agent, of } = startAgent(relay.url, { serveApp: () => {} })
  agent.publish({ name: 'shop', lifetimeMs: 1_000_000, login: null })
  await until(() => of('published').length === 1, 'it is published')
  const { link } = await relay.agent()
  const proxy = { id: 'p1', address: '127.0.0.1:5433', remoteHost: 'localhost', remotePort: 5432 }
  link.control({ type: 'proxies', proxies: [proxy] })
  link.control({ type: 'news of a later version' })
  link.control({ type: 'unpublished', name: 'shop', reason: 'its time is over' })
  await until(() => of('unpublished').length === 1, 'it is taken away')
  expect(of('proxies')).toEqual([{ type: 'proxies', proxies: [proxy] }])
  expect(agent.status()).toMatchObject({ proxies: [proxy], published: [] })
  await expect(relay.open({ kind: 'app', name: 'shop' })).rejects.toMatchObject({ error: 'unreachable' })
})

test('over TLS the relay has to be trusted: by the authority that is named, for the name that is asked for', async () => {
  const certificate = makeCertificate('IP:127.0.0.1')
  const foreign = makeCertificate('DNS:other.example')
  onTestFinished(() => {
    certificate.remove()
    foreign.remove()
  })
  const relay = await startRelay({ certificate })
  const misnamed = await startRelay({ certificate: foreign })
  const trusting = startAgent(relay.url, { ca: [certificate.cert] })
  await until(() => trusting.of('connected').length === 1, 'it is connected')
  for (const { agent } of [startAgent(relay.url), startAgent(misnamed.url, { ca: [foreign.cert] })]) {
    expect(await within(agent.ended, 'its end')).toMatchObject({ code: 'certificate-invalid' })
  }
  expect(relay.requests).toHaveLength(1)
  expect(misnamed.requests).toHaveLength(0)
})

test('a redirect is not followed: the token is for the relay that was named', async () => {
  const elsewhere = await startRelay()
  const relay = await startRelay({ refusal: { status: 302, headers: { location: `${elsewhere.url}/agent` } } })
  const { agent } = startAgent(relay.url)
  expect(await within(agent.ended, 'its end')).toMatchObject({ code: 'not-found' })
  expect(elsewhere.requests).toEqual([])
})
