import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GatewayProcess, startGatewayProcess } from '../support/hostile/gateway-process.js'
import {
  FLAG,
  FrameClient,
  frame,
  get,
  INITIAL_WINDOW_SIZE,
  indexedLiteral,
  literal,
  reference,
  request,
  settings,
  TYPE,
  uint32,
} from '../support/hostile/h2-frames.js'
import { HONEST, HonestClient } from '../support/hostile/honest-client.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'

/** Only a stall takes an honest request this long. */
const STALL_MS = 4_000
/** Megabytes that the process may have grown by, for good, after everything in this file. */
const GROWTH_MB = 120

let upstream: TestUpstream
let stuck: Awaited<ReturnType<typeof startStuck>>
let gateway: GatewayProcess
let rssBefore: number
/** The number of the flood, which its requests carry: one that comes late is not counted with the next flood's. */
let flood = 0
/** request heads of this flood that arrived at the upstream */
let forwarded = 0

beforeAll(async () => {
  const big = Buffer.alloc(1024 * 1024, 'x')
  upstream = await startUpstream((incoming, response) => {
    if (incoming.headers[HONEST] === undefined && (incoming.url === '/' || incoming.url === held())) forwarded += 1
    if (incoming.url?.startsWith(held())) return
    response.end(incoming.url === '/big' ? big : 'ok')
  })
  stuck = await startStuck()
  gateway = await startGatewayProcess({
    limits: { headersTimeout: '2s' },
    defaults: { timeouts: { idle: '3s', response: '5s' } },
    apps: [
      { name: 'app', port: upstream.port },
      { name: 'stuck', hosts: ['stuck.localhost'], port: stuck.port },
    ],
  })
  rssBefore = await gateway.rss()
}, 90_000)

afterAll(async () => {
  await gateway?.dispose()
  await upstream?.close()
  stuck?.close()
})

const HEADERS_END = FLAG.END_HEADERS | FLAG.END_STREAM
const odd = (round: number, perRound: number, i: number) => 1 + 2 * (round * perRound + i)
const times = (n: number, make: (i: number) => Buffer) => Buffer.concat(Array.from({ length: n }, (_, i) => make(i)))
const held = () => `/hold?${flood}`
const cancel = (stream: number) => frame(TYPE.RST_STREAM, 0, stream, uint32(8))
const postHead = (stream: number) => frame(TYPE.HEADERS, FLAG.END_HEADERS, stream, request(held(), 'POST'))

interface Flood {
  name: string
  /** frames of one round; rounds follow one another without a pause */
  batch: (round: number) => Buffer
  rounds: number
  /** most requests that may reach the upstream */
  forwarded: number
  /** the connection need not be ended: each of its frames costs no more than an ordinary request, and leaves nothing */
  tolerated?: true
  /** sent at first, after the preface */
  opening?: () => Buffer
}

const FLOODS: Flood[] = [
  {
    name: 'rapid reset (CVE-2023-44487)',
    batch: (round) => times(100, (i) => Buffer.concat([get(odd(round, 100, i), held()), cancel(odd(round, 100, i))])),
    rounds: 500,
    forwarded: 1_000,
  },
  {
    name: 'resets provoked by window updates of 0 (CVE-2025-8671)',
    batch: (round) =>
      times(50, (i) =>
        Buffer.concat([get(odd(round, 50, i), held()), frame(TYPE.WINDOW_UPDATE, 0, odd(round, 50, i), uint32(0))]),
      ),
    rounds: 500,
    forwarded: 1_000,
  },
  {
    name: 'resets provoked by window overflow (CVE-2026-21714)',
    batch: (round) =>
      times(50, (i) =>
        Buffer.concat([
          get(odd(round, 50, i), held()),
          frame(TYPE.WINDOW_UPDATE, 0, odd(round, 50, i), uint32(0x7fffffff)),
        ]),
      ),
    rounds: 500,
    forwarded: 1_000,
  },
  {
    name: 'resets provoked by DATA on half-closed streams',
    batch: (round) =>
      times(50, (i) =>
        Buffer.concat([get(odd(round, 50, i), held()), frame(TYPE.DATA, 0, odd(round, 50, i), Buffer.alloc(10))]),
      ),
    rounds: 500,
    forwarded: 1_000,
  },
  {
    name: 'resets provoked by a PRIORITY of a wrong length',
    batch: (round) =>
      times(50, (i) =>
        Buffer.concat([get(odd(round, 50, i), held()), frame(TYPE.PRIORITY, 0, odd(round, 50, i), Buffer.alloc(4))]),
      ),
    rounds: 500,
    forwarded: 1_000,
  },
  {
    name: 'resets provoked by more DATA than Content-Length',
    batch: (round) =>
      times(50, (i) => {
        const stream = odd(round, 50, i)
        const head = Buffer.concat([request(held(), 'POST'), literal('content-length', '1')])
        return Buffer.concat([
          frame(TYPE.HEADERS, FLAG.END_HEADERS, stream, head),
          frame(TYPE.DATA, 0, stream, Buffer.alloc(20)),
        ])
      }),
    rounds: 500,
    forwarded: 1_000,
  },
  {
    name: 'CONTINUATION without end (CVE-2024-27983)',
    opening: () => frame(TYPE.HEADERS, 0, 1, request()),
    batch: () => times(100, () => frame(TYPE.CONTINUATION, 0, 1, literal('x-more', 'y'.repeat(100)))),
    rounds: 2_000,
    forwarded: 0,
  },
  {
    name: 'empty CONTINUATION frames',
    opening: () => frame(TYPE.HEADERS, 0, 1, request()),
    batch: () => times(500, () => frame(TYPE.CONTINUATION, 0, 1)),
    rounds: 2_000,
    forwarded: 0,
  },
  {
    name: 'PING',
    batch: () => times(500, () => frame(TYPE.PING, 0, 0, Buffer.alloc(8))),
    rounds: 1_000,
    forwarded: 0,
  },
  {
    name: 'SETTINGS',
    batch: () => times(200, () => settings([INITIAL_WINDOW_SIZE, 65_535])),
    rounds: 1_000,
    forwarded: 0,
  },
  {
    name: 'SETTINGS acknowledgements',
    batch: () => times(500, () => frame(TYPE.SETTINGS, FLAG.ACK, 0)),
    rounds: 1_000,
    forwarded: 0,
  },
  {
    name: 'empty DATA frames',
    opening: () => postHead(1),
    batch: () => times(500, () => frame(TYPE.DATA, 0, 1)),
    rounds: 1_000,
    forwarded: 1,
  },
  {
    name: 'padded DATA frames without data',
    tolerated: true,
    opening: () => postHead(1),
    batch: () =>
      times(20, () => frame(TYPE.DATA, FLAG.PADDED, 1, Buffer.concat([Buffer.from([255]), Buffer.alloc(255)]))),
    rounds: 3_000,
    forwarded: 1,
  },
  {
    name: 'empty HEADERS frames',
    batch: (round) => times(200, (i) => frame(TYPE.HEADERS, HEADERS_END, odd(round, 200, i))),
    rounds: 1_000,
    forwarded: 0,
  },
  {
    name: 'PRIORITY frames',
    batch: (round) =>
      times(500, (i) => frame(TYPE.PRIORITY, 0, odd(round, 500, i), Buffer.concat([uint32(0), Buffer.from([1])]))),
    rounds: 1_000,
    forwarded: 0,
  },
  {
    name: 'frames of unknown types',
    batch: () => times(500, () => frame(0xbb, 0, 0, Buffer.alloc(16))),
    rounds: 1_000,
    forwarded: 0,
  },
  {
    name: 'window updates of the connection up to its overflow',
    batch: () => times(100, () => frame(TYPE.WINDOW_UPDATE, 0, 0, uint32(0x7fffffff))),
    rounds: 500,
    forwarded: 0,
  },
  {
    name: 'window updates of 1',
    tolerated: true,
    batch: () => times(500, () => frame(TYPE.WINDOW_UPDATE, 0, 0, uint32(1))),
    rounds: 1_000,
    forwarded: 0,
  },
  {
    name: 'an HPACK bomb: thousands of references to one big field',
    tolerated: true,
    batch: (round) =>
      frame(
        TYPE.HEADERS,
        HEADERS_END,
        odd(round, 1, 0),
        Buffer.concat([request(), indexedLiteral('x-bomb', 'b'.repeat(3_900)), times(8_000, () => reference(62))]),
      ),
    rounds: 500,
    forwarded: 0,
  },
  {
    name: 'header lists of very many fields',
    tolerated: true,
    batch: (round) =>
      frame(
        TYPE.HEADERS,
        HEADERS_END,
        odd(round, 1, 0),
        Buffer.concat([request(), times(1_500, (i) => literal(`x${i}`, ''))]),
      ),
    rounds: 500,
    forwarded: 0,
  },
]

describe('HTTP/2 floods', () => {
  test.each(FLOODS)('$name', async ({ batch, rounds, forwarded: allowed, opening, tolerated }) => {
    flood += 1
    forwarded = 0
    const honest = new HonestClient(gateway, 'h2')
    const start = performance.now()
    const attacker = await FrameClient.connect(gateway)
    try {
      if (opening !== undefined) attacker.send(opening())
      const sent = await attacker.flood(batch, rounds)
      const cut = () => attacker.closed
      if (tolerated === undefined) await until(cut, () => `the connection is ended (${sent} rounds sent)`, 4_000)
      report(
        `${cut() ? 'ended' : 'open'} after ${sent}/${rounds} rounds, ${Math.round(performance.now() - start)} ms, ` +
          `GOAWAY ${attacker.goawayCode}, ${forwarded} forwarded, RSS ${Math.round(await gateway.rss())} MB`,
      )
    } finally {
      attacker.destroy()
      const fortune = await honest.stop()
      report(JSON.stringify(fortune))
      expect(fortune.failures).toEqual([])
      expect(fortune.slowest).toBeLessThan(STALL_MS)
      expect(forwarded).toBeLessThanOrEqual(allowed)
    }
  })

  test('answers that the client gives no window for are held in little memory, and given up', async () => {
    const before = await gateway.rss()
    const attackers = await Promise.all(
      Array.from({ length: 4 }, () => FrameClient.connect(gateway, settings([INITIAL_WINDOW_SIZE, 0]))),
    )
    for (const attacker of attackers) attacker.send(times(100, (i) => get(1 + 2 * i, '/big')))
    let peak = 0
    await until(
      async () => {
        peak = Math.max(peak, await gateway.rss())
        return attackers.every((attacker) => attacker.count(TYPE.RST_STREAM) >= 100)
      },
      () => `every stream is reset: ${attackers.map((attacker) => attacker.count(TYPE.RST_STREAM))}`,
      3_000 + 4_000,
    )
    report(`400 unread answers of 1 MiB: RSS ${Math.round(before)} -> peak ${Math.round(peak)} MB`)
    for (const attacker of attackers) attacker.destroy()
    expect(peak - before).toBeLessThan(200)
  })

  test('uploads that no backend takes are held in little memory', async () => {
    const before = await gateway.rss()
    const attackers = await Promise.all(
      Array.from({ length: 4 }, () => FrameClient.connect(gateway, settings(), 'stuck.localhost')),
    )
    const body = Buffer.alloc(16_000)
    for (const attacker of attackers) {
      for (let i = 0; i < 120; i++) {
        const stream = 1 + 2 * i
        const head = request('/', 'POST', 'stuck.localhost')
        attacker.send(frame(TYPE.HEADERS, FLAG.END_HEADERS, stream, head))
        // As much as the stream's window allows.
        for (let sent = 0; sent + 16_000 <= 256 * 1024; sent += 16_000) attacker.send(frame(TYPE.DATA, 0, stream, body))
      }
    }
    let peak = 0
    await until(
      async () => {
        peak = Math.max(peak, await gateway.rss())
        return stuck.connections >= 400
      },
      () => `the uploads are under way: ${stuck.connections}`,
      10_000,
    )
    report(`480 uploads of 256 KiB: RSS ${Math.round(before)} -> peak ${Math.round(peak)} MB`)
    for (const attacker of attackers) attacker.destroy()
    expect(peak - before).toBeLessThan(4 * 128)
  })

  test('100 requests cancelled at once, as by a navigation, twice within a second, are nothing unusual', async () => {
    const browser = await FrameClient.connect(gateway)
    for (const round of [0, 1]) {
      browser.send(times(100, (i) => get(odd(round, 100, i), held())))
      browser.send(times(100, (i) => cancel(odd(round, 100, i))))
    }
    // What was refused because the cancelled streams were not gone yet is asked for again, as browsers do.
    let stream = 1_001
    await until(
      async () => {
        browser.send(get(stream, '/'))
        stream += 2
        await delay(50)
        return browser.count(TYPE.DATA) > 0
      },
      () => `the next page is served: frames ${browser.received}, GOAWAY ${browser.goawayCode}`,
    )
    expect(browser.closed).toBe(false)
    browser.destroy()
  })

  test('afterwards the memory has come back', async () => {
    let rss = 0
    await until(
      async () => {
        rss = await gateway.rss()
        return rss < rssBefore + GROWTH_MB
      },
      () => `RSS was ${Math.round(rssBefore)} MB, is ${Math.round(rss)} MB`,
      15_000,
    )
    report(`RSS ${Math.round(rssBefore)} -> ${Math.round(rss)} MB`)
  })
})

/** Accepts connections and reads nothing from them. */
async function startStuck(): Promise<{ port: number; readonly connections: number; close(): void }> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer({ pauseOnConnect: true }, (socket) => void sockets.add(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as net.AddressInfo).port,
    get connections() {
      return sockets.size
    },
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function report(line: string): void {
  if (process.env.PORTICO_TEST_FIGURES !== undefined) console.log(line)
}
