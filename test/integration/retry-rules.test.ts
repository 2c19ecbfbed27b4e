import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import type { ConfigFile } from '../../src/shared/config.js'
import { PROTOCOLS } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'

type Upstream = NonNullable<NonNullable<NonNullable<ConfigFile['apps']>[number]['routes']>[number]['upstream']>
type Behaviour = (response: ServerResponse, turn: number) => void

let gateway: TestGateway | null = null
const upstreams: TestUpstream[] = []

afterEach(async () => {
  await gateway?.stop()
  gateway = null
  await Promise.all(upstreams.splice(0).map((upstream) => upstream.close()))
})

const good: Behaviour = (response) => response.end('good')
const breaking: Behaviour = (response) => response.socket?.destroy()
const status =
  (code: number, fields: Record<string, string> = {}): Behaviour =>
  (response) =>
    response.writeHead(code, fields).end(`answer ${code}`)
/** The first behaviour for the first request, and so on; the last one for all that follow. */
const inTurn =
  (...behaviours: Behaviour[]): Behaviour =>
  (response, turn) =>
    behaviours[Math.min(turn, behaviours.length) - 1]?.(response, turn)

async function startBackend(behaviour: Behaviour): Promise<TestUpstream> {
  const backend = await startUpstream((_request, response) => behaviour(response, backend.requests.length))
  upstreams.push(backend)
  return backend
}

/** A gateway whose app has one backend for each behaviour, the first of them preferred. */
async function start(behaviours: Behaviour[], settings: Partial<Upstream> = {}, timeouts = {}) {
  const backends = await Promise.all(behaviours.map(startBackend))
  const upstream = { backends: backends.map(({ url }) => ({ url })), balance: 'first' as const, ...settings }
  gateway = await startGateway({ apps: [{ name: 'app', routes: [{ path: '/', upstream, timeouts }] }] })
  return { gateway, backends, heads: () => backends.map(({ heads }) => heads) }
}

describe.each(PROTOCOLS)('over $name', ({ request }) => {
  test('a GET whose answer never came goes to another backend, and the log tells of both attempts', async () => {
    const { gateway, backends } = await start([breaking, good])
    expect(await request(gateway)).toMatchObject({ status: 200, text: 'good' })
    const entry = await gateway.entry('/')
    expect(entry).toMatchObject({ attempts: 2, backend: backends[1]?.url, status: 200, error: null })
    const detail = await gateway.engine.call('exchange.get', { id: entry.id })
    expect(detail?.attempts).toMatchObject([
      { backend: backends[0]?.url, error: expect.stringContaining('closed the connection'), status: null },
      { backend: backends[1]?.url, error: null, status: 200 },
    ])
    const [first, second] = detail?.attempts ?? []
    expect(second?.startedMs).toBeGreaterThanOrEqual((first?.startedMs ?? 0) + (first?.ms ?? 0))
  })

  test.each(['POST', 'PATCH'])('a %s that was sent is never sent twice, whatever comes of it', async (method) => {
    for (const behaviour of [breaking, status(502), status(503, { 'Retry-After': '0' }), status(504)]) {
      const { gateway, heads } = await start([behaviour, good], { retry: { attempts: 3, backoff: '1ms' } })
      const answer = await request(gateway, { method, body: 'once' })
      expect(answer.status).toBeGreaterThanOrEqual(502)
      expect(heads()).toEqual([1, 0])
      await gateway.stop()
    }
    gateway = null
  })

  test.each(['PUT', 'DELETE'])('the body of a %s is sent again byte for byte', async (method) => {
    const body = randomBytes(64 * 1024)
    for (const chunked of [false, true]) {
      const { gateway, backends } = await start([breaking, status(503), good], {
        retry: { attempts: 3, backoff: '1ms' },
      })
      expect(await request(gateway, { method, body, chunked })).toMatchObject({ status: 200, text: 'good' })
      expect(backends.map(({ requests }) => requests.map((one) => one.body.equals(body)))).toEqual([
        [true],
        [true],
        [true],
      ])
      expect(await gateway.entry('/')).toMatchObject({ attempts: 3, bytesIn: body.length })
      await gateway.stop()
    }
    gateway = null
  })

  test('a body of more than 64 KiB is not kept, and so not sent again', async () => {
    const { gateway, heads } = await start([breaking, good])
    const answer = await request(gateway, { method: 'PUT', body: randomBytes(64 * 1024 + 1) })
    expect(answer.status).toBe(502)
    expect(heads()).toEqual([1, 0])
  })

  test.each([502, 503, 504])('a %i is second-guessed only where the config names retry', async (code) => {
    const { gateway, heads } = await start([status(code), good])
    expect(await request(gateway)).toMatchObject({ status: code, text: `answer ${code}` })
    await gateway.configure({
      apps: [
        {
          name: 'app',
          routes: [
            {
              path: '/',
              upstream: {
                backends: upstreams.map(({ url }) => ({ url })),
                balance: 'first',
                retry: { backoff: '1ms' },
              },
            },
          ],
        },
      ],
    })
    expect(await request(gateway, { path: '/again' })).toMatchObject({ status: 200, text: 'good' })
    expect(heads()).toEqual([2, 1])
    const { id, attempts } = await gateway.entry('/again')
    expect(attempts).toBe(2)
    expect((await gateway.engine.call('exchange.get', { id }))?.attempts[0]).toMatchObject({
      status: code,
      error: expect.stringContaining(`answered ${code}`),
    })
  })

  test('500 is an answer like any other', async () => {
    const { gateway, heads } = await start([status(500), good], { retry: {} })
    expect((await request(gateway)).status).toBe(500)
    expect(heads()).toEqual([1, 0])
  })

  test('one backend is asked again as often as attempts says, and its last answer is passed on whole', async () => {
    const { gateway, heads } = await start([status(503, { 'X-Answer': 'own' })], {
      retry: { attempts: 3, backoff: '1ms' },
    })
    const answer = await request(gateway)
    expect(answer).toMatchObject({ status: 503, text: 'answer 503' })
    expect(answer.values('x-answer')).toEqual(['own'])
    expect(heads()).toEqual([3])
    expect((await gateway.entry('/')).attempts).toBe(3)
  })

  test('when all have been tried and attempts are left, the first is asked again', async () => {
    const { gateway, heads } = await start([inTurn(status(503), good), status(503)], {
      retry: { attempts: 3, backoff: '1ms' },
    })
    expect(await request(gateway)).toMatchObject({ status: 200, text: 'good' })
    expect(heads()).toEqual([2, 1])
  })

  test('an answer that has begun is never begun again', async () => {
    const halfway: Behaviour = (response) => {
      response.writeHead(200, { 'Content-Length': '10' }).write('half')
      setTimeout(() => response.socket?.destroy(), 50)
    }
    const { gateway, heads } = await start([halfway, good], { retry: { attempts: 3 } })
    expect(await request(gateway)).toMatchObject({ status: 200, text: 'half', broken: true })
    expect(heads()).toEqual([1, 0])
  })

  test('Retry-After is waited for, in seconds and as a date', async () => {
    const soon = () => new Date(Date.now() + 2_000).toUTCString()
    const { gateway, heads } = await start(
      [
        inTurn(
          status(503, { 'Retry-After': '1' }),
          (response) => response.writeHead(503, { 'Retry-After': soon() }).end(),
          good,
        ),
      ],
      { retry: { attempts: 3, backoff: '1ms' } },
    )
    const begun = performance.now()
    expect(await request(gateway)).toMatchObject({ status: 200 })
    expect(performance.now() - begun).toBeGreaterThanOrEqual(1_950)
    expect(heads()).toEqual([3])
  })

  test('a Retry-After of more than five seconds is passed on, unless another backend can be asked', async () => {
    const { gateway, heads } = await start([status(503, { 'Retry-After': '6' })], { retry: { attempts: 3 } })
    const answer = await request(gateway)
    expect([answer.status, answer.values('retry-after'), heads()]).toEqual([503, ['6'], [1]])
    await gateway.stop()
    const two = await start([status(503, { 'Retry-After': '6' }), good], { retry: { attempts: 3, backoff: '1ms' } })
    expect(await request(two.gateway)).toMatchObject({ status: 200, text: 'good' })
  })

  test.each([undefined, 'a body'])(
    'a client that leaves during the pause leaves nothing behind (body: %s)',
    async (body) => {
      const { gateway, heads } = await start([status(503, { 'Retry-After': '5' })], { retry: { attempts: 3 } })
      const abort = new AbortController()
      const method = body === undefined ? 'GET' : 'PUT'
      const gone = request(gateway, { method, signal: abort.signal, ...(body === undefined ? {} : { body }) }).catch(
        () => 'gone',
      )
      await until(() => heads()[0] === 1, 'the first attempt')
      const left = performance.now()
      setTimeout(() => abort.abort(), 50)
      expect(await gone).toBe('gone')
      expect(await gateway.entry('/')).toMatchObject({ status: 0, attempts: 1, error: 'client went away' })
      expect(performance.now() - left).toBeLessThan(4_000)
      expect(heads()).toEqual([1])
    },
  )

  test('retries are a share of the requests, so that they do not multiply an outage', async () => {
    const { gateway, heads } = await start([status(503)], { retry: { attempts: 5, backoff: '1ms', budget: 0.2 } })
    for (let round = 0; round < 4; round++) await Promise.all(Array.from({ length: 10 }, () => request(gateway)))
    expect(heads()[0]).toBeGreaterThan(40)
    expect(heads()[0]).toBeLessThanOrEqual(40 * 1.2 + 1)
  })

  test('a budget of 0 allows none', async () => {
    const { gateway, heads } = await start([breaking, good], { retry: { attempts: 3, budget: 0 } })
    expect((await request(gateway)).status).toBe(502)
    expect(heads()).toEqual([1, 0])
  })

  test('a backend that does not answer in time is given up for another one only where the config names retry', async () => {
    const silent: Behaviour = () => {}
    const timeouts = { response: '300ms' }
    const without = await start([silent, good], {}, timeouts)
    expect((await request(without.gateway)).status).toBe(504)
    expect(without.heads()).toEqual([1, 0])
    await without.gateway.stop()
    const named = await start([silent, good], { retry: { backoff: '1ms' } }, timeouts)
    expect(await request(named.gateway)).toMatchObject({ status: 200, text: 'good' })
  })
})
