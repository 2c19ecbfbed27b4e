import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import { SocketTransport } from '../../src/renderer/socket-transport.js'
import { backOff, type Connection } from '../../src/renderer/transport.js'
import { until } from '../support/wait.js'

test('calls are answered by id, events reach their subscribers', async () => {
  const { transport, received, client } = await connected()
  const events: unknown[] = []
  const end = transport.on('status', (payload) => events.push(payload))
  const [first, second] = [transport.call('status', {}), transport.call('app.list', {})]
  await until(() => received.length === 3, 'the frames')
  expect(received).toEqual([
    { subscribe: 'status' },
    { id: 1, name: 'status', params: {} },
    { id: 2, name: 'app.list', params: {} },
  ])
  client().send(JSON.stringify({ id: 2, fault: { code: 'internal', message: 'no' } }))
  client().send(JSON.stringify({ event: 'status', payload: 'new' }))
  client().send(JSON.stringify({ id: 1, result: 'yes' }))
  expect(await first).toEqual({ result: 'yes' })
  expect(await second).toEqual({ fault: { code: 'internal', message: 'no' } })
  expect(events).toEqual(['new'])
  end()
  await until(() => received.length === 4, 'the end of the subscription')
  expect(received[3]).toEqual({ unsubscribe: 'status' })
})

test('it reconnects by itself, subscribes again, and answers what was under way with a fault', async () => {
  const { transport, received, client, states } = await connected()
  transport.on('exchange', () => {})
  const lost = transport.call('status', {})
  await until(() => received.length === 2, 'the frames')
  received.length = 0
  client().terminate()
  expect(await lost).toMatchObject({ fault: { code: 'not-running' } })
  await until(() => received.length === 1, 'the second subscription')
  expect(received).toEqual([{ subscribe: 'exchange' }])
  expect(states()).toEqual(['connecting', 'connected', 'disconnected', 'connecting', 'connected'])
})

test('the pause between attempts doubles up to ten seconds', () => {
  expect([1, 2, 3, 6, 7, 20].map(backOff)).toEqual([250, 500, 1_000, 8_000, 10_000, 10_000])
})

async function connected() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const received: unknown[] = []
  let latest: ServerSocket | undefined
  server.on('connection', (socket) => {
    latest = socket
    socket.on('message', (data) => received.push(JSON.parse(String(data))))
  })
  const transport = new SocketTransport(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/api`)
  const connections: Connection[] = []
  transport.watch((connection) => connections.push(connection))
  onTestFinished(() => {
    transport.close()
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  await until(() => connections.at(-1)?.state === 'connected', 'the connection')
  const states = () => connections.map(({ state }) => state)
  return { transport, received, states, client: () => latest as ServerSocket }
}
