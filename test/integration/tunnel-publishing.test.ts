import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { LINK_CLOSE } from '../../src/main/engine/tunnel/tunnel-link.js'
import { publish, quickHash, showApp, startApp, startPublishing, toLoopback, visit } from '../support/publishing.js'
import { until, within } from '../support/wait.js'

const WISH = { name: 'busy', lifetimeMs: null, login: null }

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
  const login = { user: 'guest', passwordHash: quickHash('sesame') }
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
  const costly = { user: 'guest', passwordHash: login.passwordHash.replace('ln=10', 'ln=18') }
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
  // Another process of the same user, whatever it brings along.
  for (const field of ['x: y', 'portico-relay-key: guessed']) {
    const words = ['-s', '-H', 'Host: shop.relay.localhost', '-H', field, `http://127.0.0.1:${port}/`]
    const outsider = promisify(execFile)('curl', ['--noproxy', '*', ...words])
    await expect(outsider).rejects.toMatchObject({ stdout: '' })
  }
  expect(asked).toBe(0)
  const { status, body } = await visit(relay, 'shop.relay.localhost', '/fields')
  expect(status).toBe(200)
  expect(asked).toBe(1)
  // What relays tell themselves stays there.
  expect(JSON.parse(body).filter((name: string) => name.startsWith('portico-'))).toEqual([])
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
