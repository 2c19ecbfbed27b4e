import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import type { WebSocket } from 'ws'
import { encodeFrame } from '../../src/main/engine/tunnel/frames.js'
import { LINK_CLOSE } from '../../src/main/engine/tunnel/tunnel-link.js'
import { agentSocket, ask, connectUser, playAgent, readAll, startEcho, startRelay } from '../support/relay.js'
import { until, within } from '../support/wait.js'

/** A relay with an honest agent, whose users must not notice anything. */
async function busyRelay(options: Parameters<typeof startRelay>[0] = {}) {
  const echo = await startEcho()
  const relay = await startRelay(options)
  const { token } = await relay.token()
  const honest = await playAgent(relay.url, token)
  const { local_port } = await relay.proxy(echo.port)
  const user = await connectUser(local_port)
  const works = async () => {
    user.write('still here')
    const [data] = await within(once(user, 'data'), 'the honest user is served')
    expect(String(data)).toBe('still here')
    expect(await ask(local_port, 'next')).toBe('next')
    expect(honest.link.closed).toBe(false)
  }
  await works()
  return { relay, token, works, local_port }
}

async function openSocket(url: string, token: string, agent?: string): Promise<WebSocket> {
  const socket = agentSocket(url, token, agent)
  onTestFinished(() => socket.terminate())
  socket.on('error', () => {})
  await within(once(socket, 'open'), 'an open tunnel')
  return socket
}

test('whatever an agent sends that is no frame ends its connection, and no other', async () => {
  const { relay, token, works } = await busyRelay()
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 0, maxLength: 64 }), async (bytes) => {
      const socket = await openSocket(relay.url, token)
      const closed = once(socket, 'close')
      socket.send(bytes)
      // Such as a ping, which is taken; what comes after it is not.
      socket.send(Buffer.from([99, 0, 0, 0, 1]))
      const [code] = await within(closed, 'the connection is ended')
      expect(code).toBe(LINK_CLOSE.protocol)
    }),
    { numRuns: 20 },
  )
  const audit = await relay.audit()
  expect(audit).toContainEqual(expect.objectContaining({ event: 'agent-malformed', agent: 'laptop' }))
  await works()
})

test('an agent that opens streams, sends text, or a message that is too long is disconnected', async () => {
  const { relay, token, works } = await busyRelay()
  const target = { kind: 'tcp', host: '127.0.0.1', port: 1 } as const
  const open = encodeFrame({ type: 'open', stream: 1, target, client: '' })
  for (const message of [open, 'text', Buffer.alloc(200_000)]) {
    const socket = await openSocket(relay.url, token)
    const closed = once(socket, 'close')
    socket.send(message)
    await within(closed, 'the connection is ended')
  }
  await works()
})

test('an agent that sends more than its window loses that stream alone', async () => {
  const relay = await startRelay()
  const { token } = await relay.token()
  const agent = await playAgent(relay.url, token, { open: (stream, _, link) => link.accept(stream) })
  const { local_port } = await relay.proxy(1)
  const greedy = await connectUser(local_port)
  const calm = await connectUser(local_port)
  await until(() => agent.link.streams === 2, 'both are open')
  greedy.pause()
  const flood = encodeFrame({ type: 'data', stream: 1, bytes: Buffer.alloc(64 * 1024) })
  // The sockets of the system take some megabytes before anybody has to wait.
  const more = () => {
    for (let i = 0; i < 100; i++) agent.socket.send(flood)
    return agent.link.streams === 1
  }
  await until(more, 'the stream is ended')
  expect(calm.destroyed).toBe(false)
  expect(agent.link.closed).toBe(false)
})

test('garbage, half a request and silence at the door cost their own connections', async () => {
  const { relay, works } = await busyRelay()
  const head = 'GET /agent HTTP/1.1\r\nHost: relay\r\n'
  const upgrade = `${head}Connection: Upgrade\r\nUpgrade: websocket\r\n`
  const garbage = [
    '\x16\x03\x01\x00',
    'NONSENSE\r\n\r\n',
    `${upgrade}Sec-WebSocket-Version: 99\r\n\r\n`,
    `${head}X: ${'x'.repeat(20_000)}\r\n\r\n`,
  ]
  for (const text of garbage) {
    const socket = await knock(relay.port)
    socket.write(text)
    await within(once(socket.resume(), 'close'), `the end of ${JSON.stringify(text.slice(0, 20))}`)
  }
  const slow: Socket[] = []
  for (let i = 0; i < 300; i++) {
    const socket = await knock(relay.port)
    socket.write(head)
    slow.push(socket)
  }
  await works()
  const silent = slow.filter(({ destroyed }) => !destroyed)
  expect(silent.length).toBe(300)
  for (const socket of slow) socket.write('X: y\r\n')
  await works()
}, 20_000)

test('who does not get to the end of a request is disconnected; agents and their users stay', async () => {
  const { relay, works } = await busyRelay({ patienceMs: 200 })
  const head = 'POST /api/proxy/create HTTP/1.1\r\nHost: relay\r\n'
  const bodyless = `${head}Authorization: Bearer x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`
  for (const text of ['', 'GET', head, bodyless]) {
    const socket = await knock(relay.port)
    socket.write(text)
    await within(once(socket.resume(), 'close'), `the end of ${JSON.stringify(text.slice(0, 20))}`)
  }
  await works()
})

test('an agent that stops answering is taken for dead, and its users are reset', async () => {
  const relay = await startRelay({ pingMs: 50 })
  const { token } = await relay.token()
  const socket = await openSocket(relay.url, token)
  socket.pause()
  const { local_port } = await relay.proxy(1)
  const user = await connectUser(local_port)
  expect(await within(readAll(user), 'the end of the user')).toBe('[ECONNRESET]')
  await until(async () => (await relay.relay.status()).agents.length === 0, 'the relay has given it up')
})

test('a user who takes nothing stalls nobody else, and holds little', async () => {
  const relay = await startRelay()
  const { token } = await relay.token()
  const sent: { bytes: number }[] = []
  await playAgent(relay.url, token, {
    open: (stream, target, link) => {
      link.accept(stream)
      const count = { bytes: 0 }
      sent.push(count)
      const size = target.kind === 'tcp' && target.port === 1 ? 64 * 2 ** 20 : 1_000
      const chunk = Buffer.alloc(64 * 1024)
      const write = () => {
        while (count.bytes < size) {
          count.bytes += chunk.length
          if (!stream.write(chunk)) return void stream.once('drain', write)
        }
        stream.end()
      }
      stream.resume()
      write()
    },
  })
  const big = await relay.proxy(1)
  const small = await relay.proxy(2)
  const stalled = await connectUser(big.local_port)
  stalled.pause()
  await until(() => sent.length === 1, 'the first is being served')
  for (let i = 0; i < 5; i++) expect((await ask(small.local_port, 'x')).length).toBe(64 * 1024)
  // What the relay holds of it: the sockets' buffers have their megabytes, the stream no more than its window.
  const [stats] = await relay.relay.proxyStats()
  expect(stats?.bytes_out).toBeLessThan(16 * 2 ** 20)
  expect(stats?.open).toBe(1)
})

async function knock(port: number): Promise<Socket> {
  const socket = net.connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  await within(once(socket, 'connect'), 'a connection')
  return socket
}
