import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BackendStatus } from '../../src/shared/window-schemas.js'
import { HTTP1, HTTP2 } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { until } from '../support/wait.js'

/** Answers, breaks off in the middle of its answer, or is down, as it is told to. */
interface Backend {
  readonly port: number
  mode: 'answer' | 'break' | 'stream'
  down(): Promise<void>
  up(): Promise<void>
}

let backend: Backend
let gateway: TestGateway
const config = () => ({ apps: [{ name: 'app', port: backend.port }] })

beforeEach(async () => {
  backend = await startBackend()
  gateway = await startGateway(config())
})

afterEach(async () => {
  await gateway.stop()
  await backend.down()
})

const health = async () => (await gateway.engine.call('backends.list', {}))[0] as BackendStatus

test('before any request nothing is known', async () => {
  expect(await gateway.engine.call('backends.list', {})).toEqual([
    {
      app: 'app',
      route: '/',
      url: `http://localhost:${backend.port}`,
      health: 'unknown',
      reason: null,
      since: null,
      weight: 1,
      breaker: 'closed',
      retryAt: null,
      inFlight: 0,
      draining: false,
      check: null,
    },
  ])
})

test('it is healthy after an answer, unhealthy with the reason when it is down or breaks off, and healthy again', async () => {
  const states: string[] = []
  const end = gateway.engine.on('backends', ([one]) => states.push(`${one?.health}: ${one?.reason}`))
  await HTTP1.request(gateway)
  expect(await health()).toMatchObject({ health: 'healthy', reason: null, since: expect.any(String) })
  await until(() => states.length === 1, 'the event of the first answer')

  await backend.down()
  await HTTP2.request(gateway)
  expect(await health()).toMatchObject({
    health: 'unhealthy',
    reason: `app is not answering. Nothing listens on localhost:${backend.port}.`,
  })
  await until(() => states.length === 2, 'the event of the failure')

  await backend.up()
  await HTTP1.request(gateway)
  expect(await health()).toMatchObject({ health: 'healthy', reason: null })
  await until(() => states.length === 3, 'the event of the recovery')

  backend.mode = 'break'
  await HTTP1.request(gateway)
  expect(await health()).toMatchObject({ health: 'unhealthy', reason: expect.stringContaining('broke off') })
  await until(() => states.length === 4, 'the event of the break')
  expect(states.map((state) => state.split(':')[0])).toEqual(['healthy', 'unhealthy', 'healthy', 'unhealthy'])
  end()
})

test('an event stream is an answer as soon as it has begun', async () => {
  backend.mode = 'stream'
  const abort = new AbortController()
  const streaming = HTTP1.request(gateway, { signal: abort.signal }).catch(() => {})
  await until(async () => (await health()).health === 'healthy', 'the backend is healthy')
  abort.abort()
  await streaming
  expect(await health()).toMatchObject({ health: 'healthy' })
})

test('a client that goes away says nothing of the backend', async () => {
  const silent = net.createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  await gateway.configure({ apps: [{ name: 'app', port: (silent.address() as AddressInfo).port }] })
  const abort = new AbortController()
  silent.on('connection', () => abort.abort())
  await HTTP1.request(gateway, { path: '/gone', signal: abort.signal }).catch(() => {})
  await gateway.entry('/gone')
  expect(await health()).toMatchObject({ health: 'unknown' })
  silent.close()
})

test('what is known stays when the config changes around a backend, and followers hear of the new list', async () => {
  await HTTP1.request(gateway)
  const lists: BackendStatus[][] = []
  const end = gateway.engine.on('backends', (list) => lists.push(list))
  await gateway.configure({ apps: [{ name: 'other', port: 1 }, ...config().apps] })
  await until(() => lists.length > 0, 'the new list')
  expect(lists.at(-1)?.map(({ app, health: state }) => `${app} ${state}`)).toEqual(['other unknown', 'app healthy'])
  end()
})

async function startBackend(): Promise<Backend> {
  let server = net.createServer()
  const sockets = new Set<Socket>()
  const made: Backend = {
    port: 0,
    mode: 'answer',
    down: async () => {
      for (const socket of sockets) socket.destroy()
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    },
    up: async () => {
      server = net.createServer(serve).listen(made.port, '127.0.0.1')
      await once(server, 'listening')
    },
  }
  const serve = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', () => {
      if (made.mode === 'answer') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      else if (made.mode === 'break') socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok')
      else socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n')
    })
  }
  await made.up()
  return Object.assign(made, { port: (server.address() as AddressInfo).port })
}
