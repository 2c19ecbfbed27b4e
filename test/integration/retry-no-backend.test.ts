import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { ConfigFile } from '../../src/shared/config.js'
import { PROTOCOLS } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'

type Upstream = NonNullable<NonNullable<NonNullable<ConfigFile['apps']>[number]['routes']>[number]['upstream']>

let gateway: TestGateway
const upstreams: TestUpstream[] = []

afterEach(async () => {
  await gateway.stop()
  await Promise.all(upstreams.splice(0).map((upstream) => upstream.close()))
})

async function start(settings: Partial<Upstream>, ...urls: string[]): Promise<void> {
  const upstream = { backends: urls.map((url) => ({ url })), ...settings }
  gateway = await startGateway({ apps: [{ name: 'app', routes: [{ path: '/', upstream }] }] })
}

async function failing(code: number): Promise<TestUpstream> {
  const upstream = await startUpstream((_request, response) => response.writeHead(code).end('own'))
  upstreams.push(upstream)
  return upstream
}

const accept = (type: string): [string, string][] => [['Accept', type]]

describe.each(PROTOCOLS)('over $name', ({ request }) => {
  test('while the breaker is open the answer says why, when it is tried again, and leaves the backend alone', async () => {
    const backend = await failing(503)
    await start({ breaker: { failures: 2, cooldown: '30s' } }, backend.url)
    expect((await request(gateway)).text).toBe('own')
    expect((await request(gateway)).text).toBe('own')
    const answer = await request(gateway, { path: '/open', headers: accept('application/json') })
    expect(answer.status).toBe(503)
    const after = Number(answer.values('retry-after')[0])
    expect(after).toBeGreaterThan(25)
    expect(after).toBeLessThanOrEqual(30)
    const { error } = JSON.parse(answer.text)
    expect(error).toMatchObject({ status: 503, code: 'no-backend', app: 'app' })
    expect(error.backends).toEqual([
      { url: backend.url, reason: expect.stringContaining('503'), retryAfterMs: expect.any(Number) },
    ])
    expect(error.backends[0].retryAfterMs).toBeGreaterThan(25_000)
    expect(await gateway.entry('/open')).toMatchObject({ attempts: 0, backend: null, status: 503 })
    expect(backend.heads).toBe(2)
  })

  test('every backend is listed with its last failure, for people and in plain text', async () => {
    const server = net.createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const dead = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.close()
    const backend = await failing(500)
    await start({ breaker: { failures: 1, cooldown: '20s' }, balance: 'round-robin' }, backend.url, dead)
    await request(gateway)
    await request(gateway)
    const text = await request(gateway)
    expect(text.status).toBe(503)
    expect(text.text).toMatch(new RegExp(`^${backend.url}: .*500.* It is tried again in \\d+ s\\.$`, 'm'))
    expect(text.text).toMatch(new RegExp(`^${dead}: .*Nothing listens.* It is tried again in \\d+ s\\.$`, 'm'))
    const page = await request(gateway, { headers: accept('text/html') })
    expect(page.text).toContain(`<code>${backend.url}</code>`)
    expect(page.text).toContain(`<code>${dead}</code>`)
    expect(page.text).toContain('is tried again in')
  })

  test('a backend that is drained by hand gets nothing, and nobody knows for how long', async () => {
    const backend = await failing(200)
    await start({}, backend.url)
    await gateway.engine.call('backend.drain', { app: 'app', url: backend.url, draining: true })
    const answer = await request(gateway)
    expect([answer.status, answer.values('retry-after')]).toEqual([503, ['5']])
    expect(answer.text).toContain('drained')
    await gateway.engine.call('backend.drain', { app: 'app', url: backend.url, draining: false })
    expect((await request(gateway)).text).toBe('own')
  })

  test('a breaker that opens under a request that is to be sent again lets that answer for itself', async () => {
    const backend = await failing(503)
    await start({ breaker: { failures: 1, cooldown: '20s' }, retry: { attempts: 3, backoff: '1ms' } }, backend.url)
    const answer = await request(gateway)
    expect(answer.status).toBe(503)
    expect(answer.text).toContain(backend.url)
    expect(backend.heads).toBe(1)
  })
})
