import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { HTTP1, PROTOCOLS } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'

let gateway: TestGateway
let a: TestUpstream
let b: TestUpstream
let six: TestUpstream
let deadUrl: string

beforeAll(async () => {
  a = await startUpstream((_request, response) => response.end('a'))
  b = await startUpstream((_request, response) => response.end('b'))
  six = await startUpstream((_request, response) => response.end('six'), { host: '::1' })
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  deadUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  server.close()
  const app = (name: string, backends: { url: string; weight?: number }[], balance?: 'first' | 'round-robin') => ({
    name,
    routes: [{ path: '/', upstream: { backends, ...(balance === undefined ? {} : { balance }) } }],
  })
  gateway = await startGateway({
    apps: [
      { name: 'six', port: six.port },
      app('six-literal', [{ url: six.url }]),
      app('one-dead', [{ url: deadUrl }, { url: a.url }]),
      app('all-dead', [{ url: deadUrl }, { url: deadUrl.replace('127.0.0.1', 'localhost') }]),
      app('weighted', [
        { url: a.url, weight: 3 },
        { url: b.url, weight: 1 },
      ]),
      app('unweighted', [
        { url: a.url, weight: 0 },
        { url: b.url, weight: 1 },
      ]),
      app('first', [{ url: b.url }, { url: a.url }], 'first'),
    ],
  })
})

afterAll(async () => {
  await gateway.stop()
  await Promise.all([a.close(), b.close(), six.close()])
})

beforeEach(() => {
  for (const { requests } of [a, b, six]) requests.length = 0
})

describe.each(PROTOCOLS)('over $name', (client) => {
  const answers = async (host: string, count: number) => {
    const texts: string[] = []
    for (let round = 0; round < count; round++) texts.push((await client.request(gateway, { host })).text)
    return texts
  }

  test('an app that listens on ::1 only is reached by its port', async () => {
    expect(await answers('six.localhost', 2)).toEqual(['six', 'six'])
  })

  test('a backend may be named by an IPv6 literal, and its Host has brackets', async () => {
    expect(await answers('six-literal.localhost', 1)).toEqual(['six'])
  })

  test('a backend that cannot be dialled costs no request anything, not even an upload', async () => {
    for (let round = 0; round < 4; round++) {
      const answer = await client.request(gateway, {
        host: 'one-dead.localhost',
        method: 'POST',
        body: `body ${round}`,
      })
      expect(answer.status).toBe(200)
    }
    expect(a.requests.map(({ body }) => body.toString())).toEqual(['body 0', 'body 1', 'body 2', 'body 3'])
  })

  test('when no backend can be dialled the answer is 502', async () => {
    const answer = await client.request(gateway, { host: 'all-dead.localhost', method: 'POST', body: 'x' })
    expect(answer.status).toBe(502)
  })

  test('weights share the requests out, spread and not bunched', async () => {
    const texts = (await answers('weighted.localhost', 8)).join('')
    expect([...texts].filter((text) => text === 'a')).toHaveLength(6)
    expect(texts).not.toContain('bb')
    expect(texts).not.toContain('aaaa')
  })

  test('a weight of 0 takes no requests', async () => {
    expect(await answers('unweighted.localhost', 4)).toEqual(['b', 'b', 'b', 'b'])
  })

  test('"first" takes the first that can be dialled', async () => {
    expect(await answers('first.localhost', 3)).toEqual(['b', 'b', 'b'])
  })
})

test('connections to a backend are kept and used again', async () => {
  for (let round = 0; round < 5; round++) await HTTP1.request(gateway, { host: 'first.localhost' })
  expect(new Set(b.requests.map(({ connection }) => connection)).size).toBe(1)
})

test('requests at one time use as many connections, and all are answered', async () => {
  const all = await Promise.all(Array.from({ length: 50 }, () => HTTP1.request(gateway, { host: 'first.localhost' })))
  expect(all.every(({ text }) => text === 'b')).toBe(true)
})
