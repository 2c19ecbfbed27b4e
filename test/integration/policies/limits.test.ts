import { afterEach, describe, expect, test } from 'vitest'
import { HTTP1, PROTOCOLS } from '../../support/client.js'
import { startGateway, type TestGateway } from '../../support/gateway.js'
import { startUpstream, type TestUpstream } from '../../support/upstream.js'
import { until } from '../../support/wait.js'

const held: (() => void)[] = []
const open: { close?(): Promise<void>; stop?(): Promise<void> }[] = []

afterEach(async () => {
  for (const answer of held.splice(0)) answer()
  for (const one of open.splice(0).reverse()) await (one.stop?.() ?? one.close?.())
})

async function start(limits: object): Promise<{ gateway: TestGateway; upstream: TestUpstream }> {
  const upstream = await startUpstream((incoming, response) => {
    if (incoming.url === '/held') held.push(() => response.end('let go'))
    else response.end('ok')
  })
  open.push(upstream)
  const gateway = await startGateway({
    apps: [{ name: 'app', port: upstream.port, policies: { limits } as never }],
  })
  open.push(gateway)
  return { gateway, upstream }
}

describe.each(PROTOCOLS)('over $name', (protocol) => {
  test('a method that may not be used is refused with those that may, and HEAD goes with GET', async () => {
    const { gateway, upstream } = await start({ methods: ['GET', 'POST'] })
    const refused = await protocol.request(gateway, { method: 'DELETE' })
    expect([refused.status, refused.values('allow')]).toEqual([405, ['GET, POST, HEAD']])
    expect((await protocol.request(gateway, { method: 'HEAD' })).status).toBe(200)
    expect(upstream.requests.map(({ method }) => method)).toEqual(['HEAD'])
  })

  test('a body that is too large is refused before it is read when it says so, and cut off when it does not', async () => {
    const { gateway, upstream } = await start({ bodyBytes: 1_000 })
    expect((await protocol.request(gateway, { method: 'POST', body: 'x'.repeat(1_000) })).status).toBe(200)
    expect((await protocol.request(gateway, { method: 'POST', body: 'x'.repeat(1_001) })).status).toBe(413)
    const unannounced = await protocol.request(gateway, { method: 'POST', body: 'x'.repeat(300_000), chunked: true })
    expect(unannounced.status).toBe(413)
    expect(upstream.requests).toHaveLength(1)
  })
})

test('more requests than may be served at once wait for their turn, and more than may wait are told to come again', async () => {
  const { gateway, upstream } = await start({ concurrency: 2, queue: 1 })
  const first = [HTTP1.request(gateway, { path: '/held' }), HTTP1.request(gateway, { path: '/held' })]
  await until(() => held.length === 2, 'two are being served')
  const third = HTTP1.request(gateway, { path: '/third' })
  await until(async () => (await HTTP1.request(gateway)).status === 503, 'one waits, and the next is refused')
  expect(upstream.requests).toHaveLength(2)
  held.shift()?.()
  expect((await third).status).toBe(200)
  held.shift()?.()
  expect((await Promise.all(first)).map(({ text }) => text)).toEqual(['let go', 'let go'])
  expect((await HTTP1.request(gateway)).status).toBe(200)
})

test('who waited too long is told so, and who went away leaves its place to others', async () => {
  const { gateway, upstream } = await start({ concurrency: 1, queue: 1, queueTimeout: '300ms' })
  const first = HTTP1.request(gateway, { path: '/held' })
  await until(() => held.length === 1, 'one is being served')
  const late = await HTTP1.request(gateway, { path: '/late' })
  expect([late.status, late.text.includes('0.3 s')]).toEqual([503, true])
  const gone = new AbortController()
  const leaving = HTTP1.request(gateway, { path: '/gone', signal: gone.signal }).catch(() => null)
  await until(async () => (await HTTP1.request(gateway)).text.includes('as many as may'), 'the queue is full')
  gone.abort()
  await leaving
  await until(async () => !(await HTTP1.request(gateway)).text.includes('as many as may'), 'there is a seat again')
  held.shift()?.()
  await first
  expect(upstream.requests.map(({ target }) => target)).not.toContain('/gone')
})
