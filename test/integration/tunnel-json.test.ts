import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { ask, connectUser, readAll, startEcho, startRelay, startService } from '../support/relay.js'
import { until, within } from '../support/wait.js'

interface Message {
  type: string
  proxy_id: string
  user_id: string
  remote_host?: string
  remote_port?: number
  protocol?: string
  data?: string
}

/** An older client: text messages, a socket of its own for each user, nothing but what the messages know. */
async function playOldClient(url: string, token: string) {
  const client = new WebSocket(url, ['portico-tunnel.json'], { headers: { authorization: `Bearer ${token}` } })
  onTestFinished(() => client.terminate())
  const seen: Message[] = []
  const sockets = new Map<string, Socket>()
  const send = (message: Message) => client.send(JSON.stringify(message))
  client.on('message', (data) => {
    const message = JSON.parse(String(data)) as Message
    seen.push(message)
    const { proxy_id, user_id } = message
    const about = { proxy_id, user_id }
    if (message.type === 'proxy_connect') {
      const socket = net.connect(message.remote_port ?? 0, message.remote_host)
      sockets.set(user_id, socket)
      socket.on('error', () => {})
      socket.on('data', (chunk) => send({ type: 'proxy_data', ...about, data: chunk.toString('base64') }))
      socket.on('close', () => send({ type: 'proxy_disconnect', ...about }))
    }
    if (message.type === 'proxy_data') sockets.get(user_id)?.write(Buffer.from(message.data ?? '', 'base64'))
    if (message.type === 'proxy_disconnect') sockets.get(user_id)?.end()
  })
  await within(once(client, 'open'), 'the older client is let in')
  return { client, seen, sockets, send }
}

async function oldClientAt(port: number, options: Parameters<typeof startRelay>[0] = {}) {
  const relay = await startRelay(options)
  const { token } = await relay.token()
  const old = await playOldClient(relay.url, token)
  const { local_port, id } = await relay.proxy(port)
  return { relay, token, local_port, id, ...old }
}

test('an older client serves users by JSON messages', async () => {
  const echo = await startEcho()
  const { client, seen, local_port, id, relay } = await oldClientAt(echo.port)
  expect(client.protocol).toBe('portico-tunnel.json')
  const users = await Promise.all(['one', 'two', 'three'].map((text) => talk(local_port, text)))
  expect(users).toEqual(['one', 'two', 'three'])
  expect(seen[0]).toEqual({
    type: 'proxy_connect',
    proxy_id: id,
    user_id: expect.stringMatching(/^\d+$/),
    remote_host: '127.0.0.1',
    remote_port: echo.port,
    protocol: 'tcp',
  })
  const status = await relay.relay.status()
  expect(status.agents).toMatchObject([{ protocol: 'portico-tunnel.json', latency_ms: expect.any(Number) }])
})

test('many megabytes come through as they were, both ways', async () => {
  const echo = await startEcho()
  const { local_port } = await oldClientAt(echo.port)
  const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 7) % 256))
  const user = await connectUser(local_port)
  user.write(sent)
  const got: Buffer[] = []
  let size = 0
  for await (const chunk of user as AsyncIterable<Buffer>) {
    got.push(chunk)
    size += chunk.length
    if (size >= sent.length) break
  }
  expect(Buffer.concat(got).equals(sent)).toBe(true)
})

test('a user who has ended is answered, and the service hears of the end soon, answering or not', async () => {
  const slow = await startService((socket) => {
    socket.on('data', (data: Buffer) => setTimeout(() => socket.write(`late ${data}`), 100))
    socket.on('end', () => socket.end())
  })
  const silent = await startService((socket) => socket.resume().on('end', () => socket.end()))
  const { local_port, relay, seen } = await oldClientAt(slow.port)
  const other = await relay.proxy(silent.port)
  const answers = await Promise.all([ask(local_port, 'question'), ask(other.local_port, 'into the void')])
  expect(answers).toEqual(['late question', ''])
  await until(async () => (await relay.relay.proxyStats()).every(({ open }) => open === 0), 'both are over')
  const types = (id: string) => seen.filter(({ proxy_id }) => proxy_id === id).map(({ type }) => type)
  expect(types(other.id)).toEqual(['proxy_connect', 'proxy_data', 'proxy_disconnect'])
})

test('a service that ends is heard to its end; one that is not there is a reset', async () => {
  const banner = await startService((socket) => socket.end('banner'))
  const { local_port, relay } = await oldClientAt(banner.port)
  const user = await connectUser(local_port)
  expect(await within(readAll(user), 'the banner')).toBe('banner')
  user.end()
  const nowhere = await relay.proxy(1)
  const refused = await connectUser(nowhere.local_port)
  expect(await within(readAll(refused), 'the reset')).toBe('[ECONNRESET]')
})

test('a user who takes nothing makes the client wait, and is ended for the sake of the others', async () => {
  const pour = await startService((socket) => socket.write(Buffer.alloc(40 * 2 ** 20)))
  const { local_port, relay } = await oldClientAt(pour.port)
  const stalled = await connectUser(local_port)
  stalled.pause()
  const echo = await startEcho()
  const other = await relay.proxy(echo.port)
  let [before, now] = [-1, 0]
  const stuck = async () => {
    await delay(50)
    before = now
    now = (await relay.relay.proxyStats())[0]?.bytes_out ?? 0
    return now > 0 && now === before
  }
  await until(stuck, 'nothing moves')
  expect(now).toBeLessThan(40 * 2 ** 20)
  // When the first one has had its time.
  const user = await connectUser(other.local_port)
  user.write('hello')
  const [data] = await within(once(user, 'data'), 'the other one is served', 15_000)
  expect(String(data)).toBe('hello')
}, 20_000)

test('what is no message ends the client; what is of no known type does not', async () => {
  const echo = await startEcho()
  const { client, token, local_port, relay } = await oldClientAt(echo.port)
  client.send(JSON.stringify({ type: 'heartbeat' }))
  client.send(JSON.stringify({ type: 'proxy_data', proxy_id: 'x', user_id: 'nobody', data: 'eA==' }))
  expect(await talk(local_port, 'fine')).toBe('fine')
  for (const message of ['{', '[]', '{"type":7}', '{"type":"proxy_data"}', Buffer.from('{}')]) {
    const bad = await playOldClient(relay.url, token)
    const closed = once(bad.client, 'close')
    bad.client.send(message)
    expect((await within(closed, 'its end'))[0]).toBe(1002)
  }
  expect(await talk(local_port, 'still fine')).toBe('still fine')
})

test('a client that is gone, or does not answer pings, leaves its users reset', async () => {
  const echo = await startEcho()
  const { client, local_port, relay } = await oldClientAt(echo.port, { pingMs: 100 })
  const user = await connectUser(local_port)
  user.write('x')
  await once(user, 'data')
  client.pause()
  expect(await within(readAll(user), 'the reset')).toBe('[ECONNRESET]')
  await until(async () => (await relay.relay.status()).agents.length === 0, 'the relay has given it up')
})

/** Sends a text and hangs up when as much has come back. */
async function talk(port: number, text: string): Promise<string> {
  const user = await connectUser(port)
  user.write(text)
  const [data] = (await within(once(user, 'data'), 'an answer')) as [Buffer]
  user.destroy()
  return String(data)
}
