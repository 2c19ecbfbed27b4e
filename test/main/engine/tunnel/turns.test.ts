import { expect, onTestFinished, test } from 'vitest'
import { decodeFrame, encodeFrame } from '../../../../src/main/engine/tunnel/frames.js'
import { TunnelLink } from '../../../../src/main/engine/tunnel/tunnel-link.js'
import type { TunnelStream } from '../../../../src/main/engine/tunnel/tunnel-stream.js'
import { Turns } from '../../../../src/main/engine/tunnel/turns.js'
import { webSocketPair } from '../../../support/tunnel-pair.js'
import { until } from '../../../support/wait.js'

const KIB = 1024
const TRANSFERS = 150

test('those with little to send and those with much are asked alternately, each in their order', () => {
  const turns = new Turns<{ name: string; sendable: number }>()
  for (const name of ['a', 'b', 'c', 'd']) turns.add({ name, sendable: 64 * KIB })
  for (const name of ['x', 'y', 'z']) turns.add({ name, sendable: 100 })
  const order: string[] = []
  for (let one = turns.next(); one !== undefined; one = turns.next()) order.push(one.name)
  expect(order.join('')).toBe('xaybzcd')
  expect(turns.empty).toBe(true)
})

test('a short answer does not wait for a frame of each of many transfers', async () => {
  const { relaySocket, agentSocket } = await webSocketPair()
  const streams: TunnelStream[] = []
  const open = (stream: TunnelStream) => void streams.push(stream)
  const link = new TunnelLink({ socket: agentSocket, maxStreams: 1_000, pingMs: 20_000, open })
  onTestFinished(() => link.close(1000, 'over'))
  const target = { kind: 'tcp', host: 'a', port: 1 } as const
  for (let stream = 1; stream <= TRANSFERS + 1; stream++) {
    relaySocket.send(encodeFrame({ type: 'open', stream, target, client: '' }))
  }
  await until(() => streams.length === TRANSFERS + 1, 'all are asked for')
  const order: number[] = []
  relaySocket.on('message', (message: Buffer) => {
    const frame = decodeFrame(message)
    if (frame.type === 'data') order.push(frame.stream)
  })
  relaySocket.pause()
  const short = streams.pop() as TunnelStream
  for (const stream of streams) stream.write(Buffer.alloc(192 * KIB))
  await until(() => agentSocket.bufferedAmount > 0, 'the socket takes no more')
  const before = streams.reduce((sum, { bytesOut }) => sum + bytesOut, 0) / (64 * KIB)
  expect(before).toBeLessThan(2 * TRANSFERS)
  short.write('answer')
  relaySocket.resume()
  await until(() => order.includes(TRANSFERS + 1), 'the answer')
  // In the meantime the socket may have taken a few more.
  expect(order.indexOf(TRANSFERS + 1)).toBeLessThan(before + 20)
})

test('what was written at once is one frame, whatever its pieces', async () => {
  const { relaySocket, agentSocket } = await webSocketPair()
  const accepted: TunnelStream[] = []
  const open = (stream: TunnelStream) => void accepted.push(stream)
  const link = new TunnelLink({ socket: agentSocket, maxStreams: 1, pingMs: 20_000, open })
  onTestFinished(() => link.close(1000, 'over'))
  const data: string[] = []
  relaySocket.on('message', (message: Buffer) => {
    const frame = decodeFrame(message)
    if (frame.type === 'data') data.push(String(frame.bytes))
  })
  relaySocket.send(encodeFrame({ type: 'open', stream: 1, target: { kind: 'app', name: 'shop' }, client: '' }))
  await until(() => accepted.length === 1, 'it is asked for')
  const stream = accepted[0] as TunnelStream
  stream.cork()
  for (const piece of ['head ', '', 'body']) stream.write(piece)
  stream.uncork()
  stream.write('more')
  await until(() => data.length === 2, 'both frames')
  expect(data).toEqual(['head body', 'more'])
})

test('a connection that is busy is not read all the time: others have their turn', async () => {
  const { relaySocket, agentSocket } = await webSocketPair()
  const accepted: TunnelStream[] = []
  const open = (stream: TunnelStream) => void accepted.push(stream)
  const agent = new TunnelLink({ socket: agentSocket, maxStreams: 100, pingMs: 20_000, open })
  const relay = new TunnelLink({ socket: relaySocket, maxStreams: 0, pingMs: 20_000 })
  const users = Array.from({ length: 50 }, () => relay.open({ kind: 'app', name: 'shop' }, '', () => {}))
  await until(() => accepted.length === users.length, 'all are asked for')
  relaySocket.pause()
  for (const stream of accepted) stream.write(Buffer.alloc(128 * KIB))
  await until(() => agentSocket.bufferedAmount > 0, 'the system holds what it can')
  let [atOnce, most, total] = [0, 0, 0]
  for (const user of users) {
    user.on('error', () => {})
    user.on('data', (chunk: Buffer) => {
      atOnce += chunk.length
      total += chunk.length
      most = Math.max(most, atOnce)
    })
  }
  const turn = () => {
    atOnce = 0
    if (total < users.length * 128 * KIB && !relay.closed) setImmediate(turn)
  }
  turn()
  relaySocket.resume()
  await until(() => total === users.length * 128 * KIB, 'everything has come')
  expect(most).toBeLessThanOrEqual(512 * KIB)
  agent.close(1000, 'over')
})
