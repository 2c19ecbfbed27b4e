import { execFile } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configSchema } from '../../src/shared/config.js'
import { type GatewayProcess, startGatewayProcess } from '../support/hostile/gateway-process.js'
import { HonestClient } from '../support/hostile/honest-client.js'
import { requirement } from '../support/tools.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'

/** Attackers of each kind. */
const CROWD = 300
/** Only a stall takes an honest request this long; a SYN that the kernel dropped under this load costs 1 s, or 3. */
const STALL_MS = 5_000
/** `headersTimeout` of the test, the interval of Node's checks, and a busy machine. */
const HEAD_CUT_MS = 2_000 + 2_500 + 2_500
/** For a first byte, and for a handshake, there are 10 s. */
const GREETING_CUT_MS = 10_000 + 3_000

let upstream: TestUpstream
let gateway: GatewayProcess

beforeAll(async () => {
  const big = Buffer.alloc(16 * 1024 * 1024, 'x')
  upstream = await startUpstream((request, response) => response.end(request.url === '/big' ? big : 'ok'))
  gateway = await startGatewayProcess({
    limits: { headersTimeout: '2s', minBodyRate: 100 },
    defaults: { timeouts: { idle: '3s' } },
    apps: [
      {
        name: 'app',
        hosts: ['app.localhost', '127.0.0.1'],
        routes: [{ path: '/', upstream: { backends: [{ url: upstream.url }] } }],
      },
    ],
  })
}, 90_000)

afterAll(async () => {
  await gateway?.dispose()
  await upstream?.close()
})

interface Kind {
  name: string
  /** each is cut within so many milliseconds */
  cutMs: number
  open: () => Promise<net.Socket>
  /** 300 unless told: each slow reader fills megabytes of kernel buffers */
  crowd?: number
}

const BUSY: Kind[] = [
  {
    name: 'slow heads',
    cutMs: HEAD_CUT_MS,
    open: () => dribbling('GET / HTTP/1.1\r\nHost: app.localhost\r\nX-Slow: '),
  },
  {
    name: 'slow bodies',
    cutMs: HEAD_CUT_MS,
    open: () => dribbling('POST / HTTP/1.1\r\nHost: app.localhost\r\nContent-Length: 1000000\r\n\r\n'),
  },
  { name: 'slow reads', crowd: 60, cutMs: 3_000 + 12_000, open: slowReader },
]

const SILENT: Kind[] = [
  { name: 'silence after TCP', cutMs: GREETING_CUT_MS, open: connectTcp },
  { name: 'a stopped ClientHello', cutMs: GREETING_CUT_MS, open: stoppedHello },
  { name: 'silence after TLS', cutMs: HEAD_CUT_MS, open: connectTls },
  { name: 'silence after TLS with h2', cutMs: HEAD_CUT_MS, open: () => connectTls('h2') },
]

test.each(BUSY)('$name cost no honest request, and are cut', async (kind) => {
  await honestlyServed(() => cutInTime(kind))
})

test('300 clients of each kind of silence cost no honest request, and are cut', async () => {
  await honestlyServed(async () => {
    await Promise.all(SILENT.map(cutInTime))
  })
})

/** Opens a crowd and waits until the gateway has ended every one of its connections. */
async function cutInTime({ name, cutMs, open, crowd = CROWD }: Kind): Promise<void> {
  const sockets: net.Socket[] = []
  try {
    while (sockets.length < crowd) sockets.push(...(await Promise.all(Array.from({ length: 30 }, open))))
    const start = performance.now()
    const left = () => sockets.filter((socket) => !socket.destroyed).length
    await until(
      () => left() === 0,
      () => `${name}: ${left()} of ${crowd} are still connected`,
      cutMs,
    )
    report(`${name}: ${await gateway.descriptors()} descriptors, cut after ${Math.round(performance.now() - start)} ms`)
  } finally {
    for (const socket of sockets) socket.destroy()
  }
}

/** Runs an attack beside honest clients of both protocols. */
async function honestlyServed(attack: () => Promise<void>): Promise<void> {
  const honest = [new HonestClient(gateway, 'h1'), new HonestClient(gateway, 'h2')]
  const outcome = await Promise.allSettled([attack()])
  for (const client of honest) {
    const fortune = await client.stop()
    report(JSON.stringify(fortune))
    expect(fortune.failures).toEqual([])
    expect(fortune.slowest).toBeLessThan(STALL_MS)
  }
  expect(outcome).toEqual([{ status: 'fulfilled', value: undefined }])
}

const SLOWHTTPTEST = 'slowhttptest'

test.runIf(requirement(SLOWHTTPTEST))('slowhttptest: 300 readers with tiny windows leave the service up', async () => {
  await honestlyServed(async () => {
    const args = [
      '-X',
      '-c',
      '300',
      '-r',
      '150',
      '-w',
      '512',
      '-y',
      '1024',
      '-n',
      '1',
      '-z',
      '32',
      '-k',
      '1',
      '-p',
      '3',
    ]
    const { stdout } = await promisify(execFile)(
      SLOWHTTPTEST,
      [...args, '-l', '12', '-u', `https://127.0.0.1:${gateway.httpsPort}/big`],
      { timeout: 30_000 },
    )
    expect(stdout).toMatch(/service available:[^A-Z]*YES/)
    expect(stdout).not.toMatch(/service available:[^A-Z]*NO/)
  })
  await until(async () => (await gateway.descriptors()) < 60, 'the connections are gone', 8_000)
})

test('by default heads have 10 s, bodies 100 B/s, an idle exchange 2 minutes', () => {
  const { limits } = configSchema.parse({ version: 1 })
  expect(limits).toMatchObject({ headersTimeout: '10s', minBodyRate: 100 })
})

async function connectTcp(): Promise<net.Socket> {
  const socket = net.connect({ port: gateway.httpsPort, host: '127.0.0.1', allowHalfOpen: false })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket.resume()
}

async function connectTls(protocol = 'http/1.1'): Promise<tls.TLSSocket> {
  const socket = tls.connect({
    port: gateway.httpsPort,
    host: '127.0.0.1',
    ca: gateway.ca,
    servername: 'app.localhost',
    ALPNProtocols: [protocol],
  })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  return socket.resume()
}

async function dribbling(head: string): Promise<net.Socket> {
  const socket = await connectTls()
  socket.write(head)
  const timer = setInterval(() => socket.write('x'), 1_000)
  socket.on('close', () => clearInterval(timer))
  return socket
}

/**
 * Asks for 16 MiB, more than the kernels hold, and reads a byte now and then. The end of the connection lies behind what it has not read; a write
 * finds out sooner: what is written to an ended connection is answered with a reset.
 */
async function slowReader(): Promise<net.Socket> {
  const raw = await connectTcp()
  raw.pause()
  const socket = tls.connect({ socket: raw, ca: gateway.ca, servername: 'app.localhost' })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  socket.pause()
  socket.write('GET /big HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
  const timer = setInterval(() => {
    socket.read(1)
    socket.write('\r\n')
  }, 500)
  socket.on('close', () => clearInterval(timer))
  return socket
}

/** The first bytes of a TLS record that announces a handshake message and never brings it. */
async function stoppedHello(): Promise<net.Socket> {
  const socket = await connectTcp()
  socket.write(Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]))
  return socket
}

function report(line: string): void {
  if (process.env.PORTICO_TEST_FIGURES !== undefined) console.log(line)
}
