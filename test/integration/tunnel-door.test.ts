import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import http2 from 'node:http2'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { TUNNEL_PROTOCOL } from '../../src/main/engine/tunnel/tunnel-link.js'
import { type Publishing, publish, showApp, startApp, startPublishing, toLoopback } from '../support/publishing.js'
import { until, within } from '../support/wait.js'

const HOST = 'relay.localhost'

/** An upgrade at the relay's own name: the status of its answer. */
async function knock(relay: Publishing, headers: Record<string, string>): Promise<number> {
  const options = { ca: relay.ca, servername: HOST, lookup: toLoopback, headers }
  const socket = new WebSocket(relay.url, [TUNNEL_PROTOCOL], options)
  onTestFinished(() => socket.terminate())
  socket.on('error', () => {})
  const refused = once(socket, 'unexpected-response').then(([, { statusCode }]) => (statusCode as number) ?? 0)
  return within(Promise.race([refused, once(socket, 'open').then(() => 101)]), 'an answer')
}

test('a page of another site is not let in, even with a token', async () => {
  const relay = await startPublishing()
  const { token } = await relay.token('laptop')
  const authorization = `Bearer ${token}`
  const own = `https://${HOST}:${relay.port}`
  expect(await knock(relay, { authorization, origin: `https://shop.${HOST}:${relay.port}` })).toBe(403)
  expect(await knock(relay, { authorization, origin: own })).toBe(101)
  expect(await knock(relay, { origin: own })).toBe(401)
  expect(await knock(relay, { authorization, origin: 'https://evil.example' })).toBe(403)
})

test('an agent may come by HTTP/2 as well (RFC 8441)', async () => {
  const relay = await startPublishing()
  const { token } = await relay.token('laptop')
  const options: http2.SecureClientSessionOptions = { ca: relay.ca, servername: HOST, lookup: toLoopback }
  const session = http2.connect(`https://${HOST}:${relay.port}`, options)
  onTestFinished(() => session.destroy())
  session.on('error', () => {})
  await within(once(session, 'remoteSettings'), 'settings')
  const connect = async (authorization: string) => {
    const stream = session.request({
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':path': '/agent',
      authorization,
      'sec-websocket-protocol': TUNNEL_PROTOCOL,
      'sec-websocket-version': '13',
    })
    stream.on('error', () => {})
    const [headers] = await within(once(stream, 'response'), 'an answer')
    return { status: headers[':status'], protocol: headers['sec-websocket-protocol'], stream }
  }
  expect((await connect('Bearer ptk_wrong')).status).toBe(401)
  const { status, protocol, stream } = await connect(`Bearer ${token}`)
  expect([status, protocol]).toEqual([200, TUNNEL_PROTOCOL])
  const [data] = await within(once(stream, 'data'), 'what the relay says first')
  expect(String(data)).toContain('{"type":"welcome","agent":"laptop"')
  expect((await relay.relay.status()).agents).toHaveLength(1)
})

test('an agent gives back no name of another, and has none that is the relay’s own or looks like another', async () => {
  const relay = await startPublishing()
  const port = await startApp()
  const [one, other] = [await showApp(relay, port, 'laptop'), await showApp(relay, port, 'desktop')]
  await publish(one, 'shop')
  other.link.control({ type: 'unpublish', name: 'shop' })
  for (const name of ['xn--shp-ula', 'a.b', 'SHOP', '-', '']) {
    expect(await publish(other, name)).toMatchObject({ type: 'refused', reason: 'It cannot be a name.' })
  }
  expect(await publish(other, 'portico-relay')).toMatchObject({ type: 'refused' })
  expect(await publish(other, 'mine')).toMatchObject({ type: 'published' })
  expect((await relay.relay.status()).published.map(({ name }) => name).sort()).toEqual(['mine', 'shop'])
})

test('what the operator has in the config of the gateway is no agent’s, nor is the panel', async () => {
  const apps = [{ name: 'own', port: 1, hosts: ['docs.localhost'] }]
  const relay = await startPublishing({ apps, panel: { enabled: true } }, 'localhost')
  const agent = await showApp(relay, await startApp())
  for (const name of ['own', 'docs', 'portico', 'portico-relay']) {
    expect(await publish(agent, name)).toMatchObject({ type: 'refused', reason: 'The name is taken.' })
  }
  expect(await publish(agent, 'free')).toMatchObject({ type: 'published' })
})

test('an agent that comes, publishes and goes without end leaves nothing behind', async () => {
  const relay = await startPublishing()
  const app = await startApp()
  const { token } = await relay.token('laptop')
  const listeners = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length
  const config = () => readFile(path.join(relay.dataDir, 'gateway', 'config.json'), 'utf8')
  const before = { listeners: listeners(), config: await config() }
  for (let round = 0; round < 20; round += 1) {
    const agent = await showApp(relay, app, 'laptop', token)
    for (const name of ['same', `other-${round}`])
      agent.link.control({ type: 'publish', name, lifetimeMs: null, login: null })
    // It does not wait for both.
    if (round % 2 === 0)
      await until(() => agent.messages.some((one) => (one as { name?: string }).name === 'same'), 'an answer')
    agent.socket.terminate()
  }
  const agent = await showApp(relay, app, 'laptop', token)
  expect(await publish(agent, 'last')).toMatchObject({ type: 'published' })
  agent.link.control({ type: 'unpublish', name: 'last' })
  await until(async () => (await config()) === before.config, 'all are gone')
  expect((await relay.relay.status()).published).toEqual([])
  await until(() => listeners() === before.listeners, 'their ports are closed')
})

test('the port behind the gateway answers nobody else', async () => {
  const relay = await startPublishing()
  const config = JSON.parse(await readFile(path.join(relay.dataDir, 'gateway', 'config.json'), 'utf8'))
  const own = config.apps.find(({ name }: { name: string }) => name === 'portico-relay')
  const { token } = await relay.token('laptop')
  const url = `${own.routes[0].upstream.backends[0].url}/api/status`
  const words = [
    '-s',
    '--noproxy',
    '*',
    '-H',
    `Authorization: Bearer ${token}`,
    '-H',
    'X-Forwarded-For: 192.0.2.1',
    url,
  ]
  await expect(promisify(execFile)('curl', words)).rejects.toMatchObject({ stdout: '' })
})
