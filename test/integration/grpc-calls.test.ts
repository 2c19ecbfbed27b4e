import type { Client } from '@grpc/grpc-js'
import { afterEach, describe, expect, test } from 'vitest'
import { makeCertificate } from '../support/certificate.js'
import { startGateway, type TestConfig, type TestGateway } from '../support/gateway.js'
import {
  bytes,
  callUnary,
  type EchoHandlers,
  type GrpcBackend,
  grpcClient,
  metadata,
  startGrpcBackend,
} from '../support/grpc.js'
import { until, within } from '../support/wait.js'

const open: { stop(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop()
})

async function setUp(handlers: Partial<EchoHandlers> = {}, more: Partial<TestConfig> = {}) {
  const backend = await startGrpcBackend(handlers)
  open.push(backend)
  const gateway = await startGateway({ apps: [{ name: 'app', port: backend.port }], ...more })
  open.push(gateway)
  return { backend, gateway, client: clientOf(gateway) }
}

function clientOf(gateway: TestGateway): Client {
  const client = grpcClient(gateway)
  open.push({ stop: () => client.close() })
  return client
}

function collected(stream: { on(event: 'data', listener: (chunk: Buffer) => void): unknown }): Buffer[] {
  const chunks: Buffer[] = []
  stream.on('data', (chunk) => chunks.push(chunk))
  return chunks
}

describe('gRPC through an app that has nothing but a port', () => {
  test('a unary call, with metadata both ways', async () => {
    const { client } = await setUp({
      unary: (call, done) => {
        call.sendMetadata(metadata({ 'x-first': 'early', 'x-first-bin': Buffer.from([0, 255, 7]) }))
        const asked = String(call.metadata.get('x-asked')[0])
        const trailer = metadata({ 'x-asked-was': asked, 'x-last-bin': call.metadata.get('x-asked-bin')[0] as Buffer })
        done(null, call.request, trailer)
      },
    })
    const outcome = await callUnary(client, Buffer.from('hello'), {
      fields: { 'x-asked': 'this', 'x-asked-bin': Buffer.from([1, 2, 254]) },
    })
    expect(outcome).toMatchObject({ code: 0, message: Buffer.from('hello') })
    expect(outcome.headers?.get('x-first')).toEqual(['early'])
    expect(outcome.headers?.get('x-first-bin')).toEqual([Buffer.from([0, 255, 7])])
    expect(outcome.trailers.get('x-asked-was')).toEqual(['this'])
    expect(outcome.trailers.get('x-last-bin')).toEqual([Buffer.from([1, 2, 254])])
  })

  test('the backend sees who called, as on HTTP/1.1', async () => {
    const { client, gateway } = await setUp({
      unary: (call, done) =>
        done(null, Buffer.from(JSON.stringify({ ...call.metadata.getMap(), host: call.getHost() }))),
    })
    const { message } = await callUnary(client, Buffer.alloc(0))
    const seen = JSON.parse(String(message))
    expect(seen).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': `app.localhost:${gateway.httpsPort}`,
      host: `app.localhost:${gateway.httpsPort}`,
    })
    expect(seen.via).toMatch(/^2 portico-/)
  })

  test('a call that streams requests, and one that streams answers', async () => {
    const { client } = await setUp()
    const sum = await within(
      new Promise((resolve, reject) => {
        const call = client.makeClientStreamRequest(
          '/test.Echo/Collect',
          bytes,
          bytes,
          metadata({}),
          {},
          (error, value) => (error === null ? resolve(String(value)) : reject(error)),
        )
        for (const word of ['one ', 'two ', 'three']) call.write(Buffer.from(word))
        call.end()
      }),
      'the answer to all requests',
    )
    expect(sum).toBe('one two three')
    const stream = client.makeServerStreamRequest('/test.Echo/Repeat', bytes, bytes, Buffer.from('n'), metadata({}), {})
    const chunks = collected(stream)
    await within(new Promise((resolve) => stream.on('end', resolve)), 'the end of the answers')
    expect(chunks.map(String)).toEqual(['n0', 'n1', 'n2'])
  })

  test('both at once: each message is answered while the call stays open', async () => {
    const { client } = await setUp()
    const call = client.makeBidiStreamRequest('/test.Echo/Chat', bytes, bytes, metadata({}), {})
    const chunks = collected(call)
    const status = new Promise<{ code: number }>((resolve) => call.on('status', resolve))
    for (let i = 1; i <= 5; i++) {
      call.write(Buffer.from(`message ${i}`))
      await until(() => chunks.length === i, `echo ${i}`)
    }
    call.end()
    expect(await within(status, 'the status')).toMatchObject({ code: 0 })
    expect(chunks.map(String)).toEqual([1, 2, 3, 4, 5].map((i) => `message ${i}`))
  })

  test('an open call outlives the idle and the response timeout', async () => {
    const timeouts = { response: '300ms', idle: '300ms' }
    const { client, gateway } = await setUp({}, { defaults: { timeouts } } as Partial<TestConfig>)
    const call = client.makeBidiStreamRequest('/test.Echo/Chat', bytes, bytes, metadata({}), {})
    call.on('error', () => {})
    const chunks = collected(call)
    call.write(Buffer.from('a'))
    await until(() => chunks.length === 1, 'the first echo')
    const quietSince = performance.now()
    await until(() => performance.now() - quietSince > 1_200, 'a silence of four timeouts')
    call.write(Buffer.from('b'))
    await until(() => chunks.length === 2, 'an echo after the silence')
    call.end()
    expect((await gateway.entry('/test.Echo/Chat')).error).toBeNull()
  })

  test('a status with a message comes through, and the log shows it', async () => {
    const { client, gateway } = await setUp({
      unary: (_call, done) => done({ code: 5, details: 'no such thing: ä 100%' }),
    })
    expect(await callUnary(client, Buffer.from('x'))).toMatchObject({ code: 5, details: 'no such thing: ä 100%' })
    expect(await gateway.entry('/test.Echo/Unary')).toMatchObject({
      status: 200,
      error: 'gRPC status 5 NOT_FOUND: no such thing: ä 100%',
      protocol: 'h2',
    })
  })
})

describe('deadlines and cancellation', () => {
  test('a deadline reaches the backend and ends the call', async () => {
    const cancelled: boolean[] = []
    const { client } = await setUp({
      unary: (call) => call.on('cancelled', () => cancelled.push(true)),
    })
    expect(await callUnary(client, Buffer.from('x'), { deadlineMs: 400 })).toMatchObject({ code: 4 })
    await until(() => cancelled.length === 1, 'the backend to hear of it')
  })

  test('a longer deadline than timeouts.response gets the call its time', async () => {
    let reply = () => {}
    const { client } = await setUp(
      {
        unary: (call, done) => {
          reply = () => done(null, call.request)
        },
      },
      { defaults: { timeouts: { response: '200ms' } } } as Partial<TestConfig>,
    )
    const begun = performance.now()
    const outcome = callUnary(client, Buffer.from('x'), { deadlineMs: 10_000 })
    await until(() => performance.now() - begun > 1_000, 'five times the timeout')
    reply()
    expect(await outcome).toMatchObject({ code: 0 })
  })

  test('without a deadline timeouts.response ends a call that is not answered', async () => {
    const { client } = await setUp({ unary: () => {} }, {
      defaults: { timeouts: { response: '200ms' } },
    } as Partial<TestConfig>)
    const { code, details } = await within(callUnary(client, Buffer.from('x')), 'the end of the call')
    expect({ code, details }).toMatchObject({
      code: 4,
      details: expect.stringContaining('did not answer within 200 ms'),
    })
  })

  test('a client that cancels is heard by the backend within a second', async () => {
    let arrived = false
    let cancelledAt = 0
    const { client } = await setUp({
      chat: (call) => {
        arrived = true
        call.on('data', () => {})
        call.on('error', () => {})
        call.on('cancelled', () => {
          cancelledAt = performance.now()
        })
      },
    })
    const call = client.makeBidiStreamRequest('/test.Echo/Chat', bytes, bytes, metadata({}), {})
    call.on('error', () => {})
    call.write(Buffer.from('x'))
    await until(() => arrived, 'the call at the backend')
    const at = performance.now()
    call.cancel()
    await until(() => cancelledAt > 0, 'the cancellation', 1_000)
    expect(cancelledAt - at).toBeLessThan(1_000)
  })

  test('a backend that ends a call early ends it for the client', async () => {
    const { client } = await setUp({
      chat: (call) => {
        call.on('error', () => {})
        call.write(Buffer.from('begun'))
        call.once('data', () => call.emit('error', { code: 10, details: 'enough' }))
      },
    })
    const call = client.makeBidiStreamRequest('/test.Echo/Chat', bytes, bytes, metadata({}), {})
    call.on('error', () => {})
    collected(call)
    const status = new Promise<{ code: number; details: string }>((resolve) => call.on('status', resolve))
    call.write(Buffer.from('x'))
    expect(await within(status, 'the status')).toMatchObject({ code: 10, details: 'enough' })
  })
})

describe('backends that go away', () => {
  test('a server that dies in the middle of a call is UNAVAILABLE, and found again once it is back', async () => {
    const { client, backend } = await setUp()
    const call = client.makeBidiStreamRequest('/test.Echo/Chat', bytes, bytes, metadata({}), {})
    call.on('error', () => {})
    const chunks = collected(call)
    const status = new Promise<{ code: number; details: string }>((resolve) => call.on('status', resolve))
    call.write(Buffer.from('x'))
    await until(() => chunks.length === 1, 'the first echo')
    destroyConnections(backend)
    const { code, details } = await within(status, 'the status')
    expect({ code, details }).toMatchObject({
      code: 14,
      details: expect.stringContaining('closed the connection in the middle'),
    })
    const refused = await callUnary(client, Buffer.from('x'))
    expect(refused).toMatchObject({ code: 14, details: expect.stringContaining('Nothing listens on') })
    open.push(await startGrpcBackend({}, { port: backend.port }))
    expect(await callUnary(client, Buffer.from('again'))).toMatchObject({ code: 0, message: Buffer.from('again') })
  })

  test('an app that speaks HTTP/1.1 only is UNAVAILABLE, with the remedy', async () => {
    const { startUpstream } = await import('../support/upstream.js')
    const upstream = await startUpstream()
    open.push({ stop: () => upstream.close() })
    const gateway = await startGateway({ apps: [{ name: 'app', port: upstream.port }] })
    open.push(gateway)
    const { code, details } = await within(callUnary(clientOf(gateway), Buffer.from('x')), 'the status')
    expect(code).toBe(14)
    expect(details).toMatch(/does not speak HTTP\/2 without TLS .*point the route at the port of the gRPC server/)
    expect(upstream.requests).toEqual([])
  })

  test('a host without an app is UNIMPLEMENTED', async () => {
    const { gateway } = await setUp()
    const raw = grpcClient(gateway, 'app.localhost')
    open.push({ stop: () => raw.close() })
    await gateway.configure({
      apps: [{ name: 'app', routes: [{ path: '/other/*', upstream: { backends: [{ url: 'http://127.0.0.1:1' }] } }] }],
    })
    const outcome = await callUnary(raw, Buffer.from('x'))
    expect(outcome.code).toBe(12)
    expect(await gateway.entry('/test.Echo/Unary')).toMatchObject({ status: 200 })
  })
})

/** As if the process had been killed. */
function destroyConnections(backend: GrpcBackend): void {
  backend.server.forceShutdown()
}

describe('over TLS', () => {
  test('with the backend’s own CA; without it the call is refused with the reason', async () => {
    const certificate = makeCertificate('IP:127.0.0.1')
    open.push({ stop: () => certificate.remove() })
    const backend = await startGrpcBackend({}, { tls: certificate })
    open.push(backend)
    const url = `https://127.0.0.1:${backend.port}`
    const app = (caFile?: string) => ({
      name: 'app',
      routes: [{ path: '/', upstream: { backends: [{ url, ...(caFile === undefined ? {} : { caFile }) }] } }],
    })
    const gateway = await startGateway({ apps: [app(certificate.file)] })
    open.push(gateway)
    const client = clientOf(gateway)
    expect(await callUnary(client, Buffer.from('safe'))).toMatchObject({ code: 0, message: Buffer.from('safe') })
    await gateway.configure({ apps: [app()] })
    const refused = await callUnary(client, Buffer.from('x'))
    expect(refused).toMatchObject({ code: 14, details: expect.stringContaining('certificate of 127.0.0.1') })
  })
})
