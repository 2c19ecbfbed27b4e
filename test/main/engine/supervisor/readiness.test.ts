import http, { type RequestListener } from 'node:http'
import net from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { HealthCheck } from '../../../../src/main/engine/gateway/upstream-target.js'
import { OutputLog } from '../../../../src/main/engine/supervisor/output/output-log.js'
import { leasePort } from '../../../../src/main/engine/supervisor/port-lease.js'
import { waitReady } from '../../../../src/main/engine/supervisor/readiness.js'
import { until } from '../../../support/wait.js'

const HEALTH: HealthCheck = {
  path: '/health',
  expect: [[200, 399]],
  intervalMs: 10_000,
  timeoutMs: 5_000,
  unhealthyAfter: 3,
  healthyAfter: 2,
}

test.each(['127.0.0.1', '::1'])('without more it is ready when its port accepts on %s', async (host) => {
  const port = await freePort()
  const wait = begin({ port })
  await wait.stillWaiting()
  await serve(port, host)
  await wait.done
})

test('with a health check it is ready when that is good, and not when the port accepts', async () => {
  const asked: string[] = []
  let status = 503
  const port = await serveHttp((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.host}`)
    response.writeHead(status).end()
  })
  const wait = begin({ port, health: HEALTH })
  await until(() => asked.length > 1, 'two looks')
  await wait.stillWaiting()
  status = 204
  await wait.done
  expect(asked[0]).toBe(`GET /health localhost:${port}`)
})

test('a good status is one of those that were named', async () => {
  let asked = 0
  const port = await serveHttp((_request, response) => {
    asked++
    response.writeHead(asked < 3 ? 200 : 401).end()
  })
  await begin({ port, health: { ...HEALTH, expect: [[401, 401]] } }).done
  expect(asked).toBe(3)
})

test('a health check that only connects is done when the port accepts', async () => {
  const port = await freePort()
  await serve(port, '127.0.0.1')
  await begin({ port, health: { ...HEALTH, path: null } }).done
})

test('a line decides, though the port accepts already', async () => {
  const port = await freePort()
  await serve(port, '127.0.0.1')
  const output = new OutputLog()
  onTestFinished(() => output.close())
  const wait = begin({ port, readyWhen: /ready in \d+ ms/u, output })
  output.append('stdout', Buffer.from('starting\n'))
  output.note('ready in 1 ms')
  await until(() => output.lines().length === 2, 'two lines')
  await wait.stillWaiting()
  output.append('stderr', Buffer.from('\x1b[1mready\x1b[22m in \x1b[36m412\x1b[39m ms\n'))
  await wait.done
})

test.each([
  { name: 'a port', settings: {}, reason: /^nothing accepts connections on port \d+$/ },
  { name: 'a line', settings: { readyWhen: /ready/u }, reason: /^no line of its output matched \/ready\/u$/ },
  { name: 'a check', settings: { health: HEALTH }, reason: /^GET \/health on port \d+ failed: connect ECONNREFUSED/ },
])('giving up says that $name was missing, and for what reason it was given up', async ({ settings, reason }) => {
  const wait = begin({ port: await freePort(), ...settings })
  await wait.stillWaiting()
  wait.abort(new Error('the start timeout'))
  await expect(wait.done).rejects.toThrow(reason)
  await expect(wait.done).rejects.toHaveProperty('cause.message', 'the start timeout')
})

test('giving up says what the last check was answered with', async () => {
  let asked = 0
  const port = await serveHttp((_request, response) => {
    asked++
    response.writeHead(500).end()
  })
  const wait = begin({ port, health: HEALTH })
  await until(() => asked > 1, 'two looks')
  wait.abort()
  await expect(wait.done).rejects.toThrow(`GET /health on port ${port} was answered with 500`)
})

test('a check that is not answered is made again', async () => {
  let asked = 0
  const port = await serveHttp((_request, response) => {
    if (++asked > 1) response.end('ok')
  })
  await begin({ port, health: { ...HEALTH, timeoutMs: 50 } }).done
})

test('giving up ends a check under way', async () => {
  let asked = 0
  const port = await serveHttp(() => {
    asked++
  })
  const wait = begin({ port, health: HEALTH })
  await until(() => asked === 1, 'the check')
  wait.abort()
  await expect(wait.done).rejects.toThrow()
})

interface Waiting {
  port: number
  health?: HealthCheck
  readyWhen?: RegExp
  output?: OutputLog
}

function begin({ port, health, readyWhen, output = new OutputLog() }: Waiting) {
  const control = new AbortController()
  onTestFinished(() => control.abort())
  let settled = false
  const settings = { health: health ?? null, readyWhen: readyWhen ?? null }
  const done = waitReady({ settings, port, output, signal: control.signal })
  done.then(
    () => (settled = true),
    () => (settled = true),
  )
  return {
    done,
    abort: (reason?: Error) => control.abort(reason),
    /** Several looks later it is not ready. */
    async stillWaiting() {
      const end = performance.now() + 150
      await until(() => settled || performance.now() > end, 'some looks')
      expect(settled).toBe(false)
    },
  }
}

/** Outside the range from which apps get theirs, where other tests look. */
function freePort(): Promise<number> {
  return leasePort(null, (port) => port < 5_000)
}

async function serve(port: number, host: string): Promise<void> {
  const server = net.createServer((socket) => socket.on('error', () => {}))
  await new Promise<void>((resolve) => server.listen({ host, port }, resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
}

async function serveHttp(onRequest: RequestListener): Promise<number> {
  const server = http.createServer(onRequest)
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as net.AddressInfo).port
}
