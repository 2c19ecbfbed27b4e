import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { WebSocketClient } from '../../../../src/main/engine/gateway/websocket-client.js'
import { Tunnel, type TunnelBreak } from '../../../../src/main/engine/gateway/websocket-tunnel.js'
import { TunnelEnd } from '../../../../src/main/engine/gateway/websocket-tunnel-end.js'
import { ended, gone, receive } from '../../../support/tunnel.js'
import { until } from '../../../support/wait.js'

const HALF_OPEN_MS = 300

interface Open {
  /** the client's own socket */
  client: Socket
  /** the backend's own socket */
  backend: Socket
  tunnel: Tunnel
  end: TunnelEnd
  meter: { bytesIn: number; bytesOut: number }
  reasons: (TunnelBreak | null)[]
}

/** A tunnel between two pairs of connected sockets, with the pipes that http-proxy-3 makes. */
async function openTunnel(): Promise<Open> {
  const [client, ours] = await connectedPair()
  const [backend, theirs] = await connectedPair()
  const meter = { bytesIn: 0, bytesOut: 0 }
  const side: WebSocketClient = {
    duplex: ours,
    head: Buffer.alloc(0),
    version: '1.1',
    acceptedStatus: 101,
    get aborted() {
      return ours.errored !== null
    },
    accept: () => {},
    leave: () => void ours.destroy(),
    breakOff: () => ours.destroy(),
  }
  const end = new TunnelEnd(ours, meter, () => {})
  const reasons: (TunnelBreak | null)[] = []
  const tunnel = new Tunnel({
    client: side,
    end,
    backend: theirs,
    onClosed: (reason) => reasons.push(reason),
    halfOpenMs: HALF_OPEN_MS,
  })
  end.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
  theirs.pipe(end).pipe(theirs)
  return { client, backend, tunnel, end, meter, reasons }
}

async function connectedPair(): Promise<[Socket, Socket]> {
  const server = net.createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const near = net.connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  const [far] = (await once(server, 'connection')) as [Socket]
  server.close()
  for (const socket of [near, far]) {
    socket.on('error', () => {})
    onTestFinished(() => void socket.destroy())
  }
  return [near, far]
}

test('the head that http-proxy-3 writes never reaches the client; what follows does, and is counted', async () => {
  const { client, backend, meter } = await openTunnel()
  backend.write('HTTP/1.1 200 is a message like any other')
  await receive(client, 'HTTP/1.1 200 is a message like any other')
  client.write('12345')
  await receive(backend, '12345')
  expect(meter).toEqual({ bytesIn: 5, bytesOut: 40 })
})

test.each(['client', 'backend'] as const)(
  'a tunnel that the %s has half-ended is cleaned up when nothing moves any more',
  async (side) => {
    const open = await openTunnel()
    const begun = performance.now()
    const other = open[side === 'client' ? 'backend' : 'client']
    open[side].end()
    await ended(other)
    expect(performance.now() - begun).toBeLessThan(HALF_OPEN_MS)
    await until(() => open.reasons.length === 1, 'the end of the tunnel')
    expect(open.reasons).toEqual(['half-open'])
    expect(performance.now() - begun).toBeGreaterThanOrEqual(HALF_OPEN_MS - 10)
  },
)

test('a half-ended tunnel lives for as long as the other side keeps talking', async () => {
  const open = await openTunnel()
  open.client.end()
  await ended(open.backend)
  const begun = performance.now()
  let heard = 0
  open.client.on('data', (chunk: Buffer) => {
    heard += chunk.length
  })
  open.client.resume()
  let said = 0
  while (performance.now() - begun < 3 * HALF_OPEN_MS) {
    open.backend.write('.')
    said += 1
    await until(() => heard === said, 'what the backend says')
    await until(() => performance.now() - begun > said * 50, 'a moment')
  }
  expect(open.reasons).toEqual([])
  open.backend.end()
  await until(() => open.reasons.length === 1, 'the end of the tunnel')
  expect(open.reasons).toEqual([null])
})

test('what a client said before it left in order still reaches a slow backend', async () => {
  const open = await openTunnel()
  open.backend.pause()
  open.backend.end()
  await ended(open.client)
  const bytes = Buffer.alloc(3 * 1024 * 1024, 'x')
  open.client.end(bytes)
  let received = 0
  open.backend.on('data', (chunk: Buffer) => {
    received += chunk.length
  })
  open.backend.resume()
  await ended(open.backend)
  expect(received).toBe(bytes.length)
  await gone(open.backend)
  await until(() => open.reasons.length === 1, 'the end of the tunnel')
  expect(open.reasons).toEqual([null])
})

test('a reset of either side breaks the other off at once', async () => {
  for (const side of ['client', 'backend'] as const) {
    const open = await openTunnel()
    const other = open[side === 'client' ? 'backend' : 'client']
    open[side].resetAndDestroy()
    await ended(other, 1_000)
    expect(open.reasons).toEqual([side])
    expect(open.end.destroyed).toBe(true)
  }
})

test('an ended tunnel passes on what it had taken, and waits a second at most', async () => {
  const open = await openTunnel()
  open.backend.write('goodbye')
  await until(() => open.meter.bytesOut === 7, 'the last word to be taken')
  const begun = performance.now()
  open.tunnel.end()
  open.tunnel.end()
  await receive(open.client, 'goodbye')
  await ended(open.client)
  await ended(open.backend)
  expect(performance.now() - begun).toBeLessThan(900)
  await until(() => open.reasons.length === 1, 'the end of the tunnel')
  expect(open.reasons).toEqual(['stopped'])
  expect(performance.now() - begun).toBeLessThan(2_000)
})
