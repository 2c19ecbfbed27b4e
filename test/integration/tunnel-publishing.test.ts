import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { hashScrypt } from '../../src/main/engine/gateway/policies/basic-auth/scrypt-hash.js'
import { tokenWishSchema } from '../../src/main/engine/tunnel/relay/relay-schemas.js'
import { splice } from '../../src/main/engine/tunnel/splice.js'
import { LINK_CLOSE } from '../../src/main/engine/tunnel/tunnel-link.js'
import { hostRelay } from '../../src/main/host/host-relay.js'
import { type PlayedAgent, playAgent } from '../support/relay.js'
import { until, within } from '../support/wait.js'

/** A relay with a domain, all of it in this process. */
async function startPublishing() {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'portico-publish-'))
  const gateway = path.join(dataDir, 'gateway')
  await mkdir(gateway)
  const config = { version: 1, listen: { http: 0 }, panel: { enabled: false } }
  await writeFile(path.join(gateway, 'config.json'), JSON.stringify(config))
  const place = { host: '127.0.0.1', port: 0, tls: null, domain: 'relay.localhost' }
  const hosted = await hostRelay({ dataDir, ...place, limits: {} })
  onTestFinished(async () => {
    await hosted.close()
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  })
  const ca = await readFile(path.join(gateway, 'ca', 'ca.pem'), 'utf8')
  const port = Number(new URL(hosted.url).port)
  const token = (agent: string) => hosted.relay.createToken(tokenWishSchema.parse({ client_id: agent }))
  return { ...hosted, ca, port, token, dataDir }
}

const WISH = { name: 'busy', lifetimeMs: null, login: null }

type Publishing = Awaited<ReturnType<typeof startPublishing>>

/** An agent whose apps are all one HTTP server. */
async function showApp(relay: Publishing, appPort: number, agent = 'laptop', token?: string): Promise<PlayedAgent> {
  const access = token ?? (await relay.token(agent)).token
  const options = { ca: relay.ca, servername: 'relay.localhost', lookup: toLoopback }
  return playAgent(relay.url, access, {
    agent,
    socket: options,
    open: (stream, _, link) => {
      const socket = net.connect({ host: '127.0.0.1', port: appPort, allowHalfOpen: true })
      link.accept(stream)
      splice(socket, stream, () => {})
    },
  })
}

async function publish(agent: PlayedAgent, name: string, wish: object = {}): Promise<Record<string, unknown>> {
  const before = agent.messages.length
  agent.link.control({ type: 'publish', name, lifetimeMs: null, login: null, ...wish })
  const answer = () => agent.messages.slice(before).find((one) => (one as { name?: string }).name === name)
  await until(answer, 'an answer', 10_000)
  return answer() as Record<string, unknown>
}

async function visit(relay: Publishing, host: string, target = '/', headers: Record<string, string> = {}) {
  const options = { host: '127.0.0.1', port: relay.port, servername: host, ca: relay.ca, agent: false as const }
  const request = https.get({ ...options, path: target, headers: { host: `${host}:${relay.port}`, ...headers } })
  const [response] = (await within(once(request, 'response'), 'an answer', 10_000)) as [IncomingMessage]
  return { status: response.statusCode, body: await text(response) }
}

async function startApp(): Promise<number> {
  const server = http.createServer((request, response) => {
    response.end(`${request.url} for ${request.headers['x-forwarded-host'] ?? request.headers.host}`)
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

test('an app of an agent is at its name below the domain, with HTTP, WebSockets and a certificate, until the agent goes', async () => {
  const relay = await startPublishing()
  expect(relay.url).toBe(`wss://relay.localhost:${relay.port}/agent`)
  const agent = await showApp(relay, await startApp())
  expect(await publish(agent, 'shop')).toMatchObject({
    type: 'published',
    url: `https://shop.relay.localhost:${relay.port}`,
    expires: null,
  })
  const visits = await Promise.all(['/a', '/b', '/c'].map((target) => visit(relay, 'shop.relay.localhost', target)))
  expect(visits.map(({ status, body }) => `${status} ${body.split(' ')[0]}`)).toEqual(['200 /a', '200 /b', '200 /c'])
  const options = { ca: relay.ca, servername: 'shop.relay.localhost', lookup: toLoopback }
  const socket = new WebSocket(`wss://shop.relay.localhost:${relay.port}/live`, options)
  onTestFinished(() => socket.terminate())
  await within(once(socket, 'open'), 'a WebSocket to the app')
  socket.send('hello')
  expect(String((await within(once(socket, 'message'), 'its answer'))[0])).toBe('echo hello')
  const status = await relay.relay.status()
  expect(status.published).toMatchObject([{ name: 'shop', client_id: 'laptop', expires_at: null }])
  expect(status.agents[0]?.address).toContain('127.0.0.1')
  // Another name is nobody's.
  expect((await visit(relay, 'relay.localhost', '/api/status')).status).toBe(401)
  agent.socket.terminate()
  await until(async () => (await relay.relay.status()).published.length === 0, 'it is withdrawn')
  const gone = await visit(relay, 'shop.relay.localhost').catch((error: Error) => error)
  expect(gone instanceof Error || (gone.status ?? 0) >= 400).toBe(true)
})

test('a name is one agent’s; a password, a time and a withdrawal hold', async () => {
  const relay = await startPublishing()
  const port = await startApp()
  const { token } = await relay.token('laptop')
  const agent = await showApp(relay, port, 'laptop', token)
  const login = { user: 'guest', passwordHash: await hashScrypt('sesame') }
  expect(await publish(agent, 'shop', { login, lifetimeMs: 3_600_000 })).toMatchObject({
    type: 'published',
    expires: expect.stringMatching(/^\d{4}-/),
  })
  expect((await visit(relay, 'shop.relay.localhost')).status).toBe(401)
  const basic = { authorization: `Basic ${Buffer.from('guest:sesame').toString('base64')}` }
  expect((await visit(relay, 'shop.relay.localhost', '/', basic)).status).toBe(200)

  const other = await showApp(relay, port, 'desktop')
  expect(await publish(other, 'shop')).toMatchObject({ type: 'refused', reason: 'The name is taken.' })
  expect(await publish(other, 'shop', { login })).toMatchObject({ type: 'refused', reason: 'The name is taken.' })
  expect(await publish(other, 'portico-relay')).toMatchObject({ type: 'refused' })
  const costly = { user: 'guest', passwordHash: login.passwordHash.replace('ln=15', 'ln=18') }
  expect(await publish(other, 'costly', { login: costly })).toMatchObject({ type: 'refused' })
  // The same agent once more, as after a connection that was lost and is not missed yet.
  const again = await showApp(relay, port, 'laptop', token)
  expect(await publish(again, 'shop', { login, lifetimeMs: 1_000_000 })).toMatchObject({ type: 'published' })
  agent.link.control({ type: 'unpublish', name: 'shop' })
  expect((await visit(relay, 'shop.relay.localhost', '/', basic)).status).toBe(200)
  again.link.control({ type: 'unpublish', name: 'shop' })
  await until(async () => (await relay.relay.status()).published.length === 0, 'it is given back')

  expect(await publish(other, 'shop', { lifetimeMs: 200 })).toMatchObject({ type: 'published' })
  const over = () => other.messages.some((one) => (one as { type: string }).type === 'unpublished')
  await until(over, 'its time is over')
  expect((await relay.relay.status()).published).toEqual([])
})

test('the port that the gateway goes through lets nobody else in', async () => {
  const relay = await startPublishing()
  let asked = 0
  const app = await startApp()
  const agent = await showApp(relay, app)
  agent.asked.push = (...more) => {
    asked += more.length
    return asked
  }
  await publish(agent, 'shop')
  const config = JSON.parse(await readFile(path.join(relay.dataDir, 'gateway', 'config.json'), 'utf8'))
  const shop = config.apps.find(({ name }: { name: string }) => name === 'shop')
  const port = Number(new URL(shop.routes[0].upstream.backends[0].url).port)
  for (const head of ['', 'portico-relay-key: wrong\r\n', `portico-relay-key: a\r\nportico-relay-key: b\r\n`]) {
    const socket = net.connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(`GET / HTTP/1.1\r\nHost: shop.relay.localhost\r\n${head}\r\n`)
    const [...chunks] = await within(socket.toArray(), 'the end')
    expect(chunks).toEqual([])
  }
  expect(asked).toBe(0)
  expect((await visit(relay, 'shop.relay.localhost', '/', { 'portico-relay-key': 'from outside' })).status).toBe(200)
  expect(asked).toBe(1)
})

test('an agent that asks without end is ended, and another is served', async () => {
  const relay = await startPublishing()
  const port = await startApp()
  const greedy = await showApp(relay, port)
  for (let i = 0; i < 400; i++) greedy.link.control({ type: i % 2 === 0 ? 'publish' : 'unpublish', ...WISH })
  expect(await within(greedy.closed, 'its end', 10_000)).toBe(LINK_CLOSE.limit)
  const other = await showApp(relay, port, 'desktop')
  expect(await publish(other, 'shop')).toMatchObject({ type: 'published' })
  expect((await visit(relay, 'shop.relay.localhost')).status).toBe(200)
})

/** As a resolver would that knows the domain. */
function toLoopback(
  _: string,
  options: { all?: boolean },
  done: (error: null, address: string | { address: string; family: number }[], family?: number) => void,
): void {
  if (options.all === true) done(null, [{ address: '127.0.0.1', family: 4 }])
  else done(null, '127.0.0.1', 4)
}
