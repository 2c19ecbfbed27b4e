import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ShareStatus } from '../../src/shared/share-schemas.js'
import { freePort } from '../support/free-port.js'
import { type Sharing, startSharing } from '../support/sharing.js'
import { until, within } from '../support/wait.js'

let sharing: Sharing

beforeAll(async () => {
  sharing = await startSharing()
})

afterEach(() => sharing.clear())

afterAll(() => sharing.close())

/** The name is nobody's any more. */
async function untilGone(name: string): Promise<void> {
  await until(async () => !(await sharing.relay.published()).includes(name), `${name} is not published`)
}

function basic(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}

test('an app is outside by a saved relay until it is stopped: HTTP, WebSockets, counted', async () => {
  const { gateway, relay, app, token, start, settled } = sharing
  const events: ShareStatus[][] = []
  const end = gateway.engine.on('shares', (shares) => events.push(shares))
  const begun = await start()
  expect(begun).toMatchObject({ app: 'shop', via: { kind: 'relay', url: relay.url }, state: 'starting', url: null })
  const url = `https://shop.relay.localhost:${relay.port}`
  const opened = await settled(begun.id, ({ state }) => state === 'open', 'it is open')
  expect(opened).toMatchObject({ url, reason: null, expiresAt: null, user: null })
  expect(await relay.visit('shop', '/a?b=c')).toMatchObject({ status: 200, text: 'shop says /a?b=c' })
  expect(app.last().values('x-forwarded-host')).toEqual([`shop.relay.localhost:${relay.port}`])
  expect(app.last().values('x-forwarded-proto')).toEqual(['https'])
  // The relay is here, and so is its visitor, which nobody could know of another relay.
  expect(app.last().values('x-forwarded-for')[0]).toMatch(/^0\.0\.0\.0, /)
  expect((await relay.visit('shop', '/login')).headers.location).toBe(`${url}/form`)
  const socket = relay.connect('shop', '/live')
  await within(once(socket, 'open'), 'a WebSocket')
  socket.send('hello')
  expect(String((await within(once(socket, 'message'), 'its answer'))[0])).toBe('you said hello')
  const { stats } = await settled(
    begun.id,
    (one) => one.stats.open > 0 && one.stats.latencyMs !== null,
    'it is counted',
  )
  expect(stats.requests).toBe(3)
  expect(stats.total).toBeGreaterThanOrEqual(stats.open)
  expect(stats.bytesIn).toBeGreaterThan(100)
  expect(stats.bytesOut).toBeGreaterThan(100)
  const closed = once(socket, 'close')
  expect(await gateway.engine.call('share.stop', { id: begun.id })).toMatchObject({ state: 'ended', url })
  await untilGone('shop')
  await within(closed, 'the WebSocket ends')
  await until(() => events.at(-1)?.[0]?.state === 'ended', 'its end is told')
  end()
  expect(JSON.stringify(events)).not.toContain(token.token)
  expect(await gateway.engine.call('share.stop', { id: begun.id })).toMatchObject({ state: 'ended' })
  expect(await gateway.engine.call('share.list', {})).toEqual([])
})

test('an app whose certificate nobody vouches for is shown as well', async () => {
  const { gateway, relay, open, shop } = sharing
  await gateway.configure({ apps: [shop({ certificate: 'self-signed' })] })
  await open()
  // The second one resumes the session of the first.
  for (const target of ['/first', '/second']) {
    expect(await relay.visit('shop', target)).toMatchObject({ status: 200, text: `shop says ${target}` })
  }
  await gateway.configure({ apps: [shop()] })
})

test('metrics tell of an open share, by app and way', async () => {
  const { gateway, relay, open, settled, shop } = sharing
  const port = await freePort()
  await gateway.configure({ apps: [shop()], metrics: { port } })
  const { id } = await open()
  await settled(id, ({ stats }) => stats.latencyMs !== null, 'the round trip is known')
  await relay.visit('shop')
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const figure = (name: string, more = '') =>
    Number(
      page
        .split('\n')
        .find((line) => line.startsWith(`${name}{app="shop",via="${relay.url}"${more}} `))
        ?.split(' ')[1],
    )
  expect(figure('portico_share_up')).toBe(1)
  expect(figure('portico_share_requests_total')).toBe(1)
  expect(figure('portico_share_failures_total')).toBe(0)
  expect(figure('portico_share_connections_total')).toBe(1)
  expect(figure('portico_share_connections_open')).toBeLessThanOrEqual(1)
  expect(figure('portico_share_interruptions_total')).toBe(0)
  expect(figure('portico_share_bytes_total', ',direction="in"')).toBeGreaterThan(100)
  expect(figure('portico_share_bytes_total', ',direction="out"')).toBeGreaterThan(100)
  expect(figure('portico_share_latency_seconds')).toBeLessThan(5)
  expect(page).not.toContain(sharing.token.token)
})

test('while somebody follows, fresh figures of an open share come by themselves', async () => {
  const { gateway, relay, open } = sharing
  await open()
  let told: ShareStatus[] = []
  const end = gateway.engine.on('shares', (shares) => {
    told = shares
  })
  await relay.visit('shop')
  await until(() => told[0]?.stats.requests === 1, 'the request is told')
  end()
})

test('with a password, who has it is let in; the relay and whoever asks for shares are not told it', async () => {
  const { relay, open } = sharing
  const share = await open({ login: { user: 'guest', password: 'sesame' }, name: 'preview' })
  expect(share).toMatchObject({ user: 'guest', url: `https://preview.relay.localhost:${relay.port}` })
  expect(JSON.stringify(share)).not.toContain('sesame')
  expect((await relay.visit('preview')).status).toBe(401)
  expect((await relay.visit('preview', '/', basic('guest', 'wrong'))).status).toBe(401)
  expect((await relay.visit('preview', '/in', basic('guest', 'sesame'))).status).toBe(200)
})

test('when its time is over the name is gone, and it says so', async () => {
  const { start, settled } = sharing
  const { id, startedAt, expiresAt } = await start({ lifetimeMs: 1_000 })
  expect(Date.parse(expiresAt ?? '') - Date.parse(startedAt)).toBe(1_000)
  const ended = await settled(id, ({ state }) => state === 'ended', 'its time is over')
  expect(ended.reason).toEqual({ message: 'Its time is over.' })
  await untilGone('shop')
})

test('an app that is disabled, or a gateway that is off, waits with what to do about it, and is open again after that', async () => {
  const { gateway, relay, open, settled } = sharing
  const { id, url } = await open()
  await gateway.engine.call('app.setEnabled', { name: 'shop', enabled: false })
  const disabled = await settled(id, ({ state }) => state === 'waiting', 'it waits')
  expect(disabled).toMatchObject({ url, reason: { message: 'The app "shop" is disabled.' } })
  expect(disabled.reason?.hint).toContain('portico app enable shop')
  expect((await relay.visit('shop')).status).toBe(502)
  await gateway.engine.call('app.setEnabled', { name: 'shop', enabled: true })
  await settled(id, ({ state, reason }) => state === 'open' && reason === null, 'it is open again')
  await gateway.engine.call('gateway.pause', {})
  const off = await settled(id, ({ state }) => state === 'waiting', 'it waits again')
  expect(off.reason).toEqual({
    message: 'The gateway is off: it listens nowhere.',
    hint: 'Turn it on again with: portico resume',
  })
  expect(await relay.visit('shop')).toMatchObject({ status: 502, text: 'This app is not running at the moment.\n' })
  await gateway.engine.call('gateway.resume', {})
  await settled(id, ({ state }) => state === 'open', 'it is open once more')
  expect((await relay.visit('shop')).status).toBe(200)
})

test('with an app that is removed or has another name its share ends, and says why', async () => {
  const { gateway, open, settled, shop } = sharing
  const { id } = await open()
  await gateway.engine.call('app.update', { name: 'shop', app: { ...shop(), name: 'store' } as never })
  const { reason } = await settled(id, ({ state }) => state === 'ended', 'it has ended')
  expect(reason).toEqual({ message: 'The app "shop" was removed, or has another name now.' })
  await untilGone('shop')
  await gateway.engine.call('app.update', { name: 'store', app: shop() as never })
})

test('a token that is revoked ends it, with what to do; a saved relay that is forgotten does not', async () => {
  const { gateway, relay, open, settled } = sharing
  const second = await relay.token()
  await gateway.engine.call('share.relay.save', { url: `${relay.url}/`, token: second.token, ca: relay.ca })
  const { id } = await open()
  await gateway.engine.call('share.relay.forget', { url: relay.url })
  expect((await relay.visit('shop')).status).toBe(200)
  await relay.revoke(second.id)
  const { reason } = await settled(id, ({ state }) => state === 'ended', 'it has ended')
  expect(reason?.message).toMatch(/^The relay (no longer accepts|does not accept) the token/)
  expect(reason?.hint).toContain('portico relay token create')
  expect(JSON.stringify(reason)).not.toContain(second.token)
  await gateway.engine.call('share.relay.save', { url: relay.url, token: sharing.token.token, ca: relay.ca })
})

test('with the gateway its shares end, and nothing of them is left at the relay', async () => {
  const { gateway, relay, open, settled } = sharing
  const { id } = await open()
  expect(await relay.published()).toEqual(['shop'])
  await gateway.engine.stop({ drainMs: 1_000 })
  expect((await settled(id, ({ state }) => state === 'ended', 'it has ended')).reason?.message).toBe(
    'Portico has stopped.',
  )
  await untilGone('shop')
  await expect(sharing.start()).rejects.toMatchObject({ code: 'not-running' })
})
