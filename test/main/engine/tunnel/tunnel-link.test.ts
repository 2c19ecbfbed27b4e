import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { encodeFrame, INITIAL_WINDOW, MAX_DATA } from '../../../../src/main/engine/tunnel/frames.js'
import { LINK_CLOSE, TunnelLink } from '../../../../src/main/engine/tunnel/tunnel-link.js'
import type { TunnelStream } from '../../../../src/main/engine/tunnel/tunnel-stream.js'
import { tunnelPair, webSocketPair } from '../../../support/tunnel-pair.js'
import { until, within } from '../../../support/wait.js'

const SERVICE = { kind: 'tcp', host: '127.0.0.1', port: 5432 } as const
const MIB = 1024 * 1024

/** The agent's end of every stream, which the test plays. */
function acceptAll(streams: TunnelStream[] = []) {
  return { open: (stream: TunnelStream) => void streams.push(stream) }
}

async function openStream(pair: { relay: TunnelLink; agent: TunnelLink }, accepted: TunnelStream[]) {
  const before = accepted.length
  let opened = () => {}
  const connected = new Promise<void>((resolve) => {
    opened = resolve
  })
  const user = pair.relay.open(SERVICE, '127.0.0.1:1234', () => opened())
  user.on('error', () => {})
  await until(() => accepted.length > before, 'the agent is asked')
  const service = accepted[before]!
  pair.agent.accept(service)
  await within(connected, 'the relay hears that it is connected')
  return { user, service }
}

async function collect(stream: TunnelStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

test('an agent is asked for a target, and both ends talk; what was written before it had connected arrives', async () => {
  const asked: unknown[] = []
  const accepted: TunnelStream[] = []
  const { relay, agent } = await tunnelPair({
    agent: {
      open: (stream, target, client) => {
        asked.push({ target, client })
        accepted.push(stream)
      },
    },
  })
  const user = relay.open(SERVICE, '127.0.0.1:1234', () => {})
  user.end('early')
  await until(() => accepted.length === 1, 'the agent is asked')
  expect(asked).toEqual([{ target: SERVICE, client: '127.0.0.1:1234' }])
  agent.accept(accepted[0]!)
  accepted[0]!.end('answer')
  expect(String(await within(collect(accepted[0]!), 'what the user wrote'))).toBe('early')
  expect(String(await within(collect(user), 'the answer'))).toBe('answer')
  await until(() => relay.streams + agent.streams === 0, 'both ends forget it')
})

test('each direction ends by itself', async () => {
  const accepted: TunnelStream[] = []
  const pair = await tunnelPair({ agent: acceptAll(accepted) })
  const { user, service } = await openStream(pair, accepted)
  user.end('question')
  expect(String(await within(collect(service), 'the question to its end'))).toBe('question')
  // The user has ended, and is still answered.
  service.write('first ')
  await delay(20)
  service.end('second')
  expect(String(await within(collect(user), 'the answer'))).toBe('first second')
})

test('any bytes in any pieces arrive as they were, both ways at once', async () => {
  const accepted: TunnelStream[] = []
  const pair = await tunnelPair({ agent: acceptAll(accepted) })
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 3 * MAX_DATA }), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(pieces, pieces, async (up, down) => {
      const { user, service } = await openStream(pair, accepted)
      for (const piece of up) user.write(piece)
      for (const piece of down) service.write(piece)
      user.end()
      service.end()
      const [asked, answered] = await within(Promise.all([collect(service), collect(user)]), 'both ends')
      expect(asked.equals(Buffer.concat(up))).toBe(true)
      expect(answered.equals(Buffer.concat(down))).toBe(true)
    }),
    { numRuns: 15 },
  )
})

test('one that does not read holds its window and no more, and keeps nobody else waiting', async () => {
  const accepted: TunnelStream[] = []
  const pair = await tunnelPair({ agent: acceptAll(accepted) })
  const slow = await openStream(pair, accepted)
  const quick = await openStream(pair, accepted)
  const big = Buffer.alloc(4 * MIB, 7)
  slow.service.end(big)
  quick.service.end(big)
  expect((await within(collect(quick.user), 'the quick one')).length).toBe(big.length)
  expect(slow.user.bytesIn).toBe(INITIAL_WINDOW)
  // Read after all, it gets the rest.
  expect((await within(collect(slow.user), 'the slow one')).equals(big)).toBe(true)
})

test('streams take turns: none is more than a fifth ahead of another', async () => {
  const accepted: TunnelStream[] = []
  const pair = await tunnelPair({ agent: acceptAll(accepted) })
  const pairs: { user: TunnelStream; service: TunnelStream }[] = []
  for (let i = 0; i < 10; i++) pairs.push(await openStream(pair, accepted))
  for (const { user, service } of pairs) {
    user.resume()
    service.end(Buffer.alloc(8 * MIB))
  }
  await until(() => pairs.some(({ user }) => user.bytesIn > 6 * MIB), 'one is nearly through', 20_000)
  const counts = pairs.map(({ user }) => user.bytesIn)
  expect(Math.min(...counts)).toBeGreaterThan(0.8 * Math.max(...counts))
})

test('a reset at one end is a reset at the other, with its reason', async () => {
  const accepted: TunnelStream[] = []
  const pair = await tunnelPair({ agent: acceptAll(accepted) })
  const { user, service } = await openStream(pair, accepted)
  service.destroy(new Error('the service went away'))
  await until(() => user.closed, 'the end')
  expect(user.errored).toMatchObject({ error: 'reset', message: 'the service went away' })
  expect(pair.relay.streams + pair.agent.streams).toBe(0)
  // Others go on.
  const next = await openStream(pair, accepted)
  next.user.end('still here')
  expect(String(await within(collect(next.service), 'another stream'))).toBe('still here')
})

test('a lost connection ends every stream', async () => {
  const accepted: TunnelStream[] = []
  const pair = await tunnelPair({ agent: acceptAll(accepted) })
  const streams = [await openStream(pair, accepted), await openStream(pair, accepted)]
  pair.agentSocket.terminate()
  await until(() => streams.every(({ user, service }) => user.destroyed && service.destroyed), 'all of them end')
  expect(pair.relay.closed && pair.agent.closed).toBe(true)
  const late = pair.relay.open(SERVICE, '', () => {})
  const [error] = await within(once(late, 'error'), 'a refusal')
  expect(error).toMatchObject({ name: 'TunnelError' })
})

test('more streams than allowed are refused, each by itself', async () => {
  const accepted: TunnelStream[] = []
  const pair = await tunnelPair({ agent: acceptAll(accepted), maxStreams: 1 })
  const { user } = await openStream(pair, accepted)
  const second = pair.relay.open(SERVICE, '', () => {})
  const [error] = await within(once(second, 'error'), 'a refusal')
  expect(error).toMatchObject({ error: 'limit' })
  expect(user.destroyed).toBe(false)
})

test('a slow line with a long queue does not pass for a dead one', async () => {
  const accepted: TunnelStream[] = []
  const pair = await tunnelPair({ pingMs: 400, rate: 0.6 * MIB, agent: acceptAll(accepted) })
  const streams = [await openStream(pair, accepted), await openStream(pair, accepted), await openStream(pair, accepted)]
  const collected = streams.map(({ user }) => collect(user))
  for (const { user, service } of streams) {
    user.end()
    // A window of each is on its way at once: for almost a second.
    service.end(Buffer.alloc(2 * INITIAL_WINDOW))
  }
  const all = await within(Promise.all(collected), 'all of it', 15_000)
  expect(all.map(({ length }) => length)).toEqual(streams.map(() => 2 * INITIAL_WINDOW))
})

test('when the numbers of streams are used up, the agent is sent away to come back', async () => {
  const accepted: TunnelStream[] = []
  const pair = await tunnelPair({ relay: { firstStream: 0xffff_fffe }, agent: acceptAll(accepted) })
  const closed = once(pair.agentSocket, 'close')
  await openStream(pair, accepted)
  const { user, service } = await openStream(pair, accepted)
  expect(service.id).toBe(0xffff_ffff)
  user.end('hello')
  expect(String(await collect(service))).toBe('hello')
  const none = pair.relay.open(SERVICE, '', () => {})
  await expect(collect(none)).rejects.toMatchObject({ error: 'reset' })
  const [code] = await within(closed, 'the end')
  expect(code).toBe(LINK_CLOSE.goingAway)
})

test('a process that pauses for longer than pings take finds its peer alive', async () => {
  const { relay, agent } = await tunnelPair({ pingMs: 50 })
  const end = performance.now() + 200
  while (performance.now() < end);
  await until(() => relay.latencyMs !== null && agent.latencyMs !== null, 'both have their answers')
  expect([relay.closed, agent.closed]).toEqual([false, false])
})

test('a peer that never answers a ping is taken for dead', async () => {
  const { relaySocket } = await webSocketPair()
  let closed = false
  const link = new TunnelLink({ socket: relaySocket, maxStreams: 1, pingMs: 50, closed: () => (closed = true) })
  await until(() => closed, 'it is given up')
  expect(link.closed).toBe(true)
})

test('the way there and back is measured', async () => {
  const { relay, agent } = await tunnelPair()
  await until(() => relay.latencyMs !== null && agent.latencyMs !== null, 'both measure it')
  expect(relay.latencyMs).toBeGreaterThan(0)
})

test('what is not the protocol ends that connection alone, and says why', async () => {
  const healthy = await tunnelPair()
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((one) => Buffer.from(one))
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 5 }), async (messages) => {
      const { relaySocket, agentSocket } = await webSocketPair()
      const reasons: string[] = []
      const link = new TunnelLink({
        ...{ socket: relaySocket, maxStreams: 1, pingMs: 20_000 },
        malformed: (reason) => void reasons.push(reason),
      })
      for (const message of messages) agentSocket.send(message)
      // A frame that nobody may send at this time, whatever came before.
      agentSocket.send(encodeFrame({ type: 'open', stream: 1, target: SERVICE, client: '' }))
      await until(() => link.closed, 'it is ended')
      expect(reasons).toHaveLength(1)
    }),
    { numRuns: 25 },
  )
  expect(healthy.relay.closed).toBe(false)
})

test('data beyond its window ends the stream, not the connection', async () => {
  const { relaySocket, agentSocket } = await webSocketPair()
  const accepted: TunnelStream[] = []
  const agent = new TunnelLink({ socket: agentSocket, maxStreams: 5, pingMs: 20_000, ...acceptAll(accepted) })
  onTestFinished(() => agent.close(1000, 'over'))
  const send = (bytes: Buffer) => relaySocket.send(bytes)
  send(encodeFrame({ type: 'open', stream: 1, target: SERVICE, client: '' }))
  for (let sent = 0; sent <= INITIAL_WINDOW; sent += MAX_DATA) {
    send(encodeFrame({ type: 'data', stream: 1, bytes: Buffer.alloc(MAX_DATA) }))
  }
  await until(() => accepted[0]?.destroyed, 'the stream is ended')
  expect(accepted[0]?.errored).toMatchObject({ error: 'protocol' })
  expect(agent.closed).toBe(false)
})
