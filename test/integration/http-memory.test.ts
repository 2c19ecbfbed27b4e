import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import http, { type ServerResponse } from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Sandbox, Server } from '../main/cli/portico.js'
import { until } from '../support/wait.js'

/** The gateway runs as a process of its own, built as it is delivered, so that its memory is its alone. */

const GB = 1024 ** 3
const HALF_GB = GB / 2
const MB = 1024 ** 2
const GROWTH = 64 * MB
const PIECE = Buffer.alloc(256 * 1024, 'portico ')

let box: Sandbox
let server: Server
let upstream: http.Server
let ca: string
/** resident bytes of the process that has started and waits */
let idle: number
/** bytes that uploads have brought to the upstream */
let uploaded = 0
/** bytes that the last download has written to its socket */
let written = 0

beforeAll(async () => {
  upstream = http.createServer((request, response) => {
    if (request.method === 'POST') {
      request.on('data', (chunk: Buffer) => {
        uploaded += chunk.length
      })
      request.on('end', () => response.end(String(uploaded)))
    } else {
      const size = Number(new URL(request.url ?? '/', 'http://x').searchParams.get('size'))
      response.writeHead(200, { 'Content-Length': size })
      pour(response, size, (bytes) => {
        written = bytes
      })
    }
  })
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  box = await Sandbox.make()
  const { port } = upstream.address() as AddressInfo
  await writeFile(box.configFile, JSON.stringify({ version: 1, apps: [{ name: 'app', port }] }))
  server = new Server(box.spawn('serve', '--config', box.configFile, '--https-port', '0', '--http-port', '0'))
  await until(
    () => server.stdout.includes('Certificates are signed'),
    () => `it serves: ${server.stderr}`,
    15_000,
  )
  ca = await readFile(path.join(box.dataDir, 'ca', 'ca.pem'), 'utf8')
  expect(await download(1000)).toBe(1000)
  idle = await settledBytes()
}, 60_000)

afterAll(async () => {
  await box.close()
  upstream.close()
  upstream.closeAllConnections()
})

test('a download of 2 GB passes whole, and the process grows by less than 64 MB', { timeout: 120_000 }, async () => {
  const growth = await growthDuring(async () => expect(await download(2 * GB)).toBe(2 * GB))
  expect(growth).toBeLessThan(GROWTH)
})

test('an upload of 2 GB passes whole, and the process grows by less than 64 MB', { timeout: 120_000 }, async () => {
  const growth = await growthDuring(async () => expect(await upload(2 * GB)).toBe(2 * GB))
  expect(growth).toBeLessThan(GROWTH)
})

test('over HTTP/2, half a GB down and half a GB up pass in the same bounds', { timeout: 120_000 }, async () => {
  const growth = await growthDuring(async () => {
    const session = http2.connect(`https://app.localhost:${server.httpsPort}`, {
      ca,
      servername: 'app.localhost',
      lookup: (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }] as never, 4),
    })
    const down = session.request({ ':path': `/?size=${HALF_GB}`, ':authority': 'app.localhost' })
    expect(await drain(down)).toBe(HALF_GB)
    uploaded = 0
    const up = session.request({ ':method': 'POST', ':path': '/', ':authority': 'app.localhost' })
    pour(up, HALF_GB)
    up.setEncoding('utf8')
    expect(Number((await up.toArray()).join(''))).toBe(HALF_GB)
    session.destroy()
  })
  expect(growth).toBeLessThan(GROWTH)
})

test('a client that stops reading stops the upstream, and the rest is not kept in memory', {
  timeout: 60_000,
}, async () => {
  written = 0
  const growth = await growthDuring(async () => {
    const response = await open(`/?size=${GB}`)
    response.pause()
    let before = -1
    await until(
      async () => {
        const still = written === before && written > 0
        before = written
        await new Promise((resolve) => setTimeout(resolve, 300))
        return still
      },
      'the upstream cannot write any more',
      20_000,
    )
    expect(written).toBeLessThan(32 * MB)
    expect(await drain(response)).toBe(GB)
  })
  expect(growth).toBeLessThan(GROWTH)
})

function pour(target: Writable, size: number, progress: (bytes: number) => void = () => {}): void {
  let sent = 0
  const more = (): void => {
    while (sent < size) {
      const piece = sent + PIECE.length <= size ? PIECE : PIECE.subarray(0, size - sent)
      sent += piece.length
      progress(sent)
      if (!target.write(piece)) return void target.once('drain', more)
    }
    target.end()
  }
  target.on('error', () => {})
  more()
}

async function drain(source: Readable): Promise<number> {
  let bytes = 0
  source.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  source.resume()
  await once(source, 'end')
  return bytes
}

function options(target: string): https.RequestOptions {
  return {
    ...{ host: '127.0.0.1', port: server.httpsPort, servername: 'app.localhost', ca, agent: false, path: target },
    headers: { host: 'app.localhost' },
  }
}

async function open(target: string): Promise<http.IncomingMessage> {
  const [response] = (await once(https.get(options(target)), 'response')) as [http.IncomingMessage]
  return response
}

async function download(size: number): Promise<number> {
  return drain(await open(`/?size=${size}`))
}

async function upload(size: number): Promise<number> {
  uploaded = 0
  const request = https.request({ ...options('/'), method: 'POST' })
  pour(request, size)
  const [response] = (await once(request, 'response')) as [ServerResponse & http.IncomingMessage]
  return Number((await response.toArray()).join(''))
}

/** By how many bytes the gateway's resident memory exceeds that of the idle process, at its highest. */
async function growthDuring(work: () => Promise<void>): Promise<number> {
  let peak = 0
  const timer = setInterval(() => {
    peak = Math.max(peak, residentBytes())
  }, 20)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return peak - idle
}

/** The process gives memory back once it has started; this is what it has when nothing changes any more. */
async function settledBytes(): Promise<number> {
  const seen: number[] = []
  await until(
    () => {
      seen.push(residentBytes())
      const latest = seen.slice(-200)
      return latest.length === 200 && Math.max(...latest) - Math.min(...latest) < MB
    },
    'the memory of the idle process settles',
    20_000,
  )
  return residentBytes()
}

function residentBytes(): number {
  const status = readFileSync(`/proc/${server.child.pid}/status`, 'latin1')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024
}
