import { createHash, randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../support/gateway.js'
import { gatewayFor } from '../support/handshake.js'
import {
  ended,
  gone,
  knock,
  openTunnel,
  receive,
  startTunnelUpstream,
  switching,
  type TunnelUpstream,
} from '../support/tunnel.js'
import { until, within } from '../support/wait.js'
import { DOORS, sessionOf } from '../support/websocket.js'

/** How soon one side must know that the other has gone. */
const SOON_MS = 1_000

async function tunnelUpstream(...args: Parameters<typeof startTunnelUpstream>): Promise<TunnelUpstream> {
  const upstream = await startTunnelUpstream(...args)
  onTestFinished(() => upstream.close())
  return upstream
}

describe.each(DOORS)('over $name', ({ name: door, acceptedStatus }) => {
  test('bytes pass unchanged, in whatever pieces they come', async () => {
    const upstream = await tunnelUpstream()
    const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
    const { bytes } = await openTunnel(door, gateway)
    const backend = await upstream.next()
    for (const [from, to] of [
      [bytes, backend],
      [backend, bytes],
    ] as const) {
      const sent = oddFrames()
      const arrived = digestOf(to, sent.length)
      for (let at = 0; at < sent.length; ) {
        const size = randomInt(1, 9_000)
        from.write(sent.subarray(at, at + size))
        at += size
        if (randomInt(4) === 0) await delay(0)
      }
      expect(await within(arrived, 'all bytes', 10_000)).toBe(createHash('sha256').update(sent).digest('hex'))
    }
    bytes.end()
    backend.end()
    await gone(bytes)
  })

  test('what is sent right behind the handshake arrives, both ways', async () => {
    const upstream = await tunnelUpstream((socket, key) => socket.write(`${switching(key)}early from the backend`))
    const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
    const { bytes } = await openTunnel(door, gateway, '/', 'early from the client')
    const backend = await upstream.next()
    await receive(backend, 'early from the client')
    await receive(bytes, 'early from the backend')
    bytes.end()
    backend.end()
    await gone(bytes)
    expect((await gateway.entry('/')).bytesIn).toBe('early from the client'.length)
  })

  test('either half may end before the other', async () => {
    const upstream = await tunnelUpstream()
    const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
    const first = await openTunnel(door, gateway)
    const firstBackend = await upstream.next()
    first.bytes.end('the last word')
    await receive(firstBackend, 'the last word')
    await ended(firstBackend)
    await delay(1_000) // a client that only listens on is left in peace, however long it has to wait
    firstBackend.end('but one more thing')
    await receive(first.bytes, 'but one more thing')
    await gone(first.bytes)
    await gone(firstBackend)

    const second = await openTunnel(door, gateway)
    const secondBackend = await upstream.next()
    secondBackend.end('that is all')
    await receive(second.bytes, 'that is all')
    await ended(second.bytes)
    second.bytes.end('thank you')
    await receive(secondBackend, 'thank you')
    await gone(secondBackend)
    await gone(second.bytes)
    await until(() => gateway.entries().length === 2, 'two log entries')
    expect(gateway.entries().map(({ status, error }) => ({ status, error }))).toEqual([
      { status: acceptedStatus, error: null },
      { status: acceptedStatus, error: null },
    ])
  })

  test('a client that never ends its half is let go in order, once the backend has closed', async () => {
    const upstream = await tunnelUpstream()
    const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
    const { bytes } = await openTunnel(door, gateway)
    const backend = await upstream.next()
    bytes.allowHalfOpen = true
    backend.end('that is all')
    await receive(bytes, 'that is all')
    await until(() => gateway.entries().length === 1, 'a log entry', 10_000)
    expect(gateway.entries()[0]).toMatchObject({ status: acceptedStatus, error: null })
    expect(gateway.entries()[0]?.totalMs).toBeGreaterThan(1_000) // it had its time
    await gone(backend)
  })

  test('an idle tunnel outlives the timeouts of requests', async () => {
    const upstream = await tunnelUpstream()
    const gateway = await gatewayFor({
      defaults: { timeouts: { response: '200ms', idle: '200ms' } },
      apps: [{ name: 'app', port: upstream.port }],
    })
    const { bytes } = await openTunnel(door, gateway)
    const backend = await upstream.next()
    await delay(1_200) // what is tested is that nothing happens in this time
    bytes.write('still here')
    await receive(backend, 'still here')
    backend.write('here too')
    await receive(bytes, 'here too')
    bytes.end()
    backend.end()
    await gone(bytes)
  })

  test('a backend that is reset breaks the client off, without a clean end', async () => {
    const upstream = await tunnelUpstream()
    const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
    const { bytes } = await openTunnel(door, gateway)
    const backend = await upstream.next()
    backend.resetAndDestroy()
    if (door === 'HTTP/2') {
      await gone(bytes, SOON_MS)
      expect((bytes as Duplex & { rstCode: number }).rstCode).toBe(8) // CANCEL, RFC 8441 section 5
    } else {
      await ended(bytes, SOON_MS)
      await writeUntilGone(bytes)
    }
    expect((await gateway.entry('/')).error).toContain('broke the WebSocket off')
  })

  test('a backend that ends is seen at once, while the client may still speak', async () => {
    const upstream = await tunnelUpstream()
    const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
    const { bytes } = await openTunnel(door, gateway)
    const backend = await upstream.next()
    backend.destroy()
    await ended(bytes, SOON_MS)
    await writeUntilGone(bytes)
  })

  describe('a client that vanishes frees its backend within a second', () => {
    test('while the backend is being dialled', async () => {
      const sockets: Socket[] = []
      const silent = net.createServer((socket) => sockets.push(socket.on('error', () => {})))
      silent.listen(0, '127.0.0.1')
      await once(silent, 'listening')
      onTestFinished(() => void silent.close())
      const { port } = silent.address() as AddressInfo
      const route = { path: '/', upstream: { backends: [{ url: `https://127.0.0.1:${port}` }] } }
      const gateway = await gatewayFor({ apps: [{ name: 'app', routes: [route] }] })
      const tunnel = await knock(door, gateway)
      await until(() => sockets.length === 1, 'a connection')
      tunnel.vanish()
      await gone(sockets[0] as Socket, SOON_MS)
      expect(await gateway.entry('/')).toMatchObject({ status: 0, error: 'client went away', connectMs: null })
    })

    test('while the backend is thinking', async () => {
      const upstream = await tunnelUpstream(() => {})
      const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
      const tunnel = await knock(door, gateway)
      const backend = await upstream.next()
      tunnel.vanish()
      await ended(backend, SOON_MS)
      backend.end()
      await gone(backend, SOON_MS)
      expect((await gateway.entry('/')).error).toBe('client went away')
    })

    test('while frames flow', async () => {
      const upstream = await tunnelUpstream()
      const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
      const tunnel = await openTunnel(door, gateway)
      const backend = await upstream.next()
      tunnel.bytes.resume()
      const timer = setInterval(() => backend.write(randomBytes(10_000)), 5)
      onTestFinished(() => clearInterval(timer))
      await once(tunnel.bytes, 'data')
      tunnel.vanish()
      await gone(backend, SOON_MS)
      expect((await gateway.entry('/')).error).toBe('client went away')
    })

    test('while nothing is said', async () => {
      const upstream = await tunnelUpstream()
      const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
      const tunnel = await openTunnel(door, gateway)
      const backend = await upstream.next()
      tunnel.vanish()
      await ended(backend, SOON_MS)
      backend.end()
      await gone(backend, SOON_MS)
      await gateway.entry('/')
    })

    test('with its whole connection', async () => {
      const upstream = await tunnelUpstream()
      const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
      const tunnel = await openTunnel(door, gateway)
      const backend = await upstream.next()
      if (door === 'HTTP/2') (await sessionOf(gateway)).destroy()
      else tunnel.bytes.destroy()
      await ended(backend, SOON_MS)
      backend.end()
      await gateway.entry('/')
    })
  })

  test('a slow reader holds its sender back, and memory stays bounded', { timeout: 60_000 }, async () => {
    const upstream = await tunnelUpstream()
    const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
    const { bytes } = await openTunnel(door, gateway)
    const backend = await upstream.next()
    for (const [from, to] of [
      [backend, bytes],
      [bytes, backend],
    ] as const) {
      const total = 200 * 1024 * 1024
      const sent = flood(from, total)
      await until(() => sent.held, 'the sender is held back', 20_000)
      global.gc?.()
      const before = process.memoryUsage().rss
      let peak = 0
      let received = 0
      to.on('data', (chunk: Buffer) => {
        received += chunk.length
        if (received % 7 !== 0) return
        to.pause()
        setImmediate(() => to.resume())
        peak = Math.max(peak, process.memoryUsage().rss - before)
      })
      to.resume()
      expect(sent.bytes).toBeLessThan(64 * 1024 * 1024)
      await until(() => received === total, 'all of 200 MiB', 40_000)
      to.removeAllListeners('data')
      to.pause()
      expect(peak).toBeLessThan(128 * 1024 * 1024) // client, gateway and backend share this process
    }
    bytes.end()
    backend.end()
    await gone(bytes)
  })

  test('a gateway that stops ends its tunnels at once, on both sides', async () => {
    const upstream = await tunnelUpstream()
    const gateway = await startGateway({ apps: [{ name: 'app', port: upstream.port }] })
    const polite = await openTunnel(door, gateway, '/polite')
    const deaf = await openTunnel(door, gateway, '/deaf')
    const backends = [await upstream.next(), await upstream.next()]
    for (const backend of backends) backend.resume()
    backends[0]?.on('end', () => backends[0]?.end())
    polite.bytes.on('end', () => polite.bytes.end())
    const stopped = gateway.stop()
    await ended(polite.bytes, SOON_MS)
    await gone(polite.bytes, 2 * SOON_MS)
    if (door === 'HTTP/2') await gone(deaf.bytes, 2 * SOON_MS)
    else await ended(deaf.bytes, 2 * SOON_MS)
    for (const backend of backends) await ended(backend, SOON_MS)
    await within(stopped, 'the stop of the gateway', 3_000)
    const errors = gateway.entries().map(({ path, error }) => [path, error])
    expect(errors).toContainEqual(['/polite', null])
    expect(errors).toContainEqual(['/deaf', 'the gateway ended the WebSocket'])
  })
})

test('over HTTP/2 a client that vanishes is noticed even behind what nobody reads', async () => {
  const upstream = await tunnelUpstream(() => {})
  const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
  const tunnel = await knock('HTTP/2', gateway, '/', 'x'.repeat(200_000))
  const backend = await upstream.next()
  tunnel.vanish()
  await ended(backend, SOON_MS)
})

/** Frames that are odd but legal (RFC 6455 section 5): empty fragments, zero masks, the longest form of lengths. */
function oddFrames(): Buffer {
  const frames: Buffer[] = []
  const frame = (first: number, payload: Buffer) => {
    const head = Buffer.alloc(14)
    head[0] = first
    head[1] = 0x80 | 127
    head.writeBigUInt64BE(BigInt(payload.length), 2)
    frames.push(head, payload)
  }
  for (let i = 0; i < 40; i++) {
    frame(0x02, Buffer.alloc(0))
    frame(0x89, randomBytes(125))
    frame(0x00, randomBytes(randomInt(50_000)))
    frame(0x8a, Buffer.alloc(0))
    frame(0x80, Buffer.from('\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n\r\n'))
  }
  return Buffer.concat(frames)
}

/** The gateway has closed: what is written to it is answered by a reset. */
async function writeUntilGone(stream: Duplex): Promise<void> {
  stream.on('error', () => {})
  await until(() => {
    if (!stream.closed) stream.write('anybody there?')
    return stream.closed
  }, 'the close of a stream')
}

function digestOf(stream: Duplex, length: number): Promise<string> {
  return new Promise((resolve) => {
    const hash = createHash('sha256')
    let left = length
    const onData = (chunk: Buffer) => {
      hash.update(chunk)
      left -= chunk.length
      if (left > 0) return
      stream.off('data', onData)
      resolve(hash.digest('hex'))
    }
    stream.on('data', onData)
    stream.resume()
  })
}

/** Writes as fast as it may. */
function flood(stream: Duplex, total: number): { bytes: number; held: boolean } {
  const state = { bytes: 0, held: false }
  const chunk = randomBytes(64 * 1024)
  let heldSince = 0
  const more = () => {
    while (state.bytes < total) {
      state.bytes += chunk.length
      if (!stream.write(chunk)) break
    }
    heldSince = performance.now()
  }
  stream.on('drain', more)
  more()
  const timer = setInterval(() => {
    state.held = performance.now() - heldSince > 300
    if (state.bytes >= total) clearInterval(timer)
  }, 50)
  return state
}
