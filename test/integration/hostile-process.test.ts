import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import net from 'node:net'
import tls from 'node:tls'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HTTP1, HTTP2 } from '../support/client.js'
import { connectH2, requestH2 } from '../support/h2-client.js'
import { type GatewayProcess, startGatewayProcess } from '../support/hostile/gateway-process.js'
import { FrameClient } from '../support/hostile/h2-frames.js'
import { RawClient } from '../support/raw-client.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'

let upstream: TestUpstream
const held: ServerResponse[] = []

beforeAll(async () => {
  upstream = await startUpstream((incoming, response) => {
    if (incoming.url?.startsWith('/hold')) held.push(response)
    else response.end('ok')
  })
})

afterAll(async () => {
  await upstream.close()
})

const config = () => ({ apps: [{ name: 'app', port: upstream.port }] })

async function withGateway(run: (gateway: GatewayProcess) => Promise<void>, prefix: string[] = []): Promise<void> {
  const gateway = await startGatewayProcess(config(), prefix)
  try {
    await run(gateway)
  } finally {
    await gateway.dispose()
  }
}

async function serves(gateway: GatewayProcess): Promise<boolean> {
  for (const client of [HTTP1, HTTP2]) {
    const text = await client.request(gateway).then(
      (response) => response.text,
      () => '',
    )
    if (text !== 'ok') return false
  }
  return true
}

describe('whatever bytes arrive', () => {
  const token = fc.constantFrom(
    ...['GET ', 'POST ', '/ ', 'HTTP/1.1\r\n', 'Host: app.localhost\r\n', 'Transfer-Encoding: chunked\r\n', '\r\n'],
    ...[
      'Content-Length: 5\r\n',
      '5\r\n',
      '0\r\n\r\n',
      'Connection: upgrade\r\n',
      'Upgrade: websocket\r\n',
      '\0',
      '__proto__: x\r\n',
    ],
    ...['Expect: 100-continue\r\n', 'OPTIONS * ', 'CONNECT a:1 ', 'http://x/ ', 'Trailer: x\r\n', '\xff\xfe', ' '],
  )
  const plain = fc.oneof(
    fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array)),
    fc.array(token, { maxLength: 20 }).map((parts) => Buffer.from(parts.join(''), 'latin1')),
    fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.concat([Buffer.from([0x16, 3, 1]), Buffer.from(array)])),
  )
  const frames = fc
    .array(
      fc.record({
        type: fc.nat(12),
        flags: fc.nat(255),
        stream: fc.oneof(fc.nat(9), fc.nat(0x7fffffff)),
        payload: fc.uint8Array({ maxLength: 60 }),
      }),
      { maxLength: 20 },
    )
    .map((list) =>
      Buffer.concat(
        list.map(({ type, flags, stream, payload }) => {
          const head = Buffer.alloc(9)
          head.writeUIntBE(payload.length, 0, 3)
          head.writeUInt8(type, 3)
          head.writeUInt8(flags, 4)
          head.writeUInt32BE(stream, 5)
          return Buffer.concat([head, payload])
        }),
      ),
    )

  test('the process lives and serves: both ports, inside and outside of TLS, as HTTP/1.1 and as HTTP/2 frames', async () => {
    await withGateway(async (gateway) => {
      await fc.assert(
        fc.asyncProperty(plain, async (bytes) => {
          await Promise.all([
            throwAt(net.connect(gateway.httpPort, '127.0.0.1'), 'connect', bytes),
            throwAt(net.connect(gateway.httpsPort, '127.0.0.1'), 'connect', bytes),
            throwAt(tlsTo(gateway, 'http/1.1'), 'secureConnect', bytes),
          ])
          expect(gateway.alive()).toBe(true)
        }),
        { numRuns: 150 },
      )
      await fc.assert(
        fc.asyncProperty(frames, async (bytes) => {
          const client = await FrameClient.connect(gateway)
          client.send(bytes)
          await ended(client.socket)
          expect(gateway.alive()).toBe(true)
        }),
        { numRuns: 150 },
      )
      expect(await serves(gateway)).toBe(true)
      expect(gateway.stderr()).toBe('')
      await until(async () => (await gateway.descriptors()) < 45, 'no connection is left', 15_000)
    })
  }, 60_000)
})

test.skipIf(!existsSync('/usr/bin/prlimit'))(
  'without file descriptors left it survives, and serves again when there are some',
  async () => {
    await withGateway(
      async (gateway) => {
        const sockets = Array.from({ length: 150 }, () =>
          net.connect(gateway.httpsPort, '127.0.0.1').on('error', () => {}),
        )
        await until(async () => (await gateway.descriptors()) >= 62, 'the descriptors are used up')
        expect(gateway.alive()).toBe(true)
        for (const socket of sockets) socket.destroy()
        await until(() => serves(gateway), 'service resumes', 10_000)
        expect(gateway.alive()).toBe(true)
      },
      ['/usr/bin/prlimit', '--nofile=64'],
    )
  },
  40_000,
)

describe('SIGTERM', () => {
  test('lets requests under way end well, hangs up on idle clients, and exits with 0', async () => {
    await withGateway(async (gateway) => {
      const idle = await RawClient.connect(gateway)
      idle.send('GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
      await idle.receive(/ok$/)
      const idleH2 = await FrameClient.connect(gateway)
      const session = await connectH2(gateway)
      held.length = 0
      const answers = [HTTP1.request(gateway, { path: '/hold' }), requestH2(session, gateway, { path: '/hold' })]
      await until(() => held.length === 2, 'two requests are under way')
      const exit = gateway.terminate()
      await idle.closed()
      await until(() => idleH2.closed, 'the idle HTTP/2 connection is ended')
      expect(idleH2.goawayCode).toBe(0)
      for (const response of held) response.end('done')
      for (const answer of answers) expect((await answer).text).toBe('done')
      const { code, ms } = await exit
      expect(code).toBe(0)
      expect(ms).toBeLessThan(5_000)
    })
  })

  test('ends within 10 s even with clients that are stuck in every way', async () => {
    await withGateway(async (gateway) => {
      held.length = 0
      const stuck = await Promise.all([
        RawClient.connect(gateway),
        RawClient.connect(gateway),
        RawClient.connect(gateway),
      ])
      stuck[0]?.send('GET /hold HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
      stuck[1]?.send('GET / HTTP/1.1\r\nHost: app.loc')
      stuck[2]?.send('POST / HTTP/1.1\r\nHost: app.localhost\r\nContent-Length: 100\r\n\r\nhalf')
      const silent = net.connect(gateway.httpsPort, '127.0.0.1').on('error', () => {})
      const session = await connectH2(gateway)
      void requestH2(session, gateway, { path: '/hold' }).catch(() => {})
      await until(() => held.length === 2, 'requests are under way')
      const { code, ms } = await gateway.terminate()
      expect(code).toBe(0)
      expect(ms).toBeLessThan(11_500)
      for (const client of stuck) client.destroy()
      silent.destroy()
      session.destroy()
    })
  }, 40_000)
})

function tlsTo(gateway: GatewayProcess, protocol: string): tls.TLSSocket {
  return tls.connect({
    port: gateway.httpsPort,
    host: '127.0.0.1',
    ca: gateway.ca,
    servername: 'app.localhost',
    ALPNProtocols: [protocol],
  })
}

async function throwAt(socket: net.Socket, ready: string, bytes: Buffer): Promise<void> {
  socket.on('error', () => {})
  await once(socket, ready)
  socket.resume().end(bytes)
  await ended(socket)
}

/** Waits a moment for the gateway to end the connection, then ends it: whatever it made of the bytes, it has made. */
async function ended(socket: net.Socket): Promise<void> {
  const timer = setTimeout(() => socket.destroy(), 25)
  if (!socket.destroyed) await once(socket, 'close')
  clearTimeout(timer)
}
