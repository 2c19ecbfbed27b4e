import { once } from 'node:events'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { ShareStatus } from '../../src/shared/share-schemas.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { type PublishingRelay, startPublishingRelay } from '../support/publishing-relay.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until, within } from '../support/wait.js'
import { type SocketUpstream, startSocketUpstream } from '../support/websocket.js'

let app: TestUpstream
let live: SocketUpstream

beforeAll(async () => {
  app = await startUpstream((request, response) => {
    if (request.url === '/login') response.writeHead(302, { location: `https://${request.headers.host}/form` }).end()
    else response.end(`shop says ${request.url}`)
  })
  live = await startSocketUpstream((socket) => socket.on('message', (data) => socket.send(`you said ${data}`)))
})

afterAll(async () => {
  await app.close()
  await live.close()
})

function shop(change: object = {}) {
  const backend = (port: number) => ({ upstream: { backends: [{ url: `http://127.0.0.1:${port}` }] } })
  const routes = [
    { path: '/live', ...backend(live.port) },
    { path: '/', ...backend(app.port) },
  ]
  return { name: 'shop', routes, ...change }
}

interface Sharing {
  gateway: TestGateway
  relay: PublishingRelay
  token: string
  start(wish?: object): Promise<ShareStatus>
  /** The share as `share.list` tells it, once it is as asked for. */
  settled(id: string, is: (share: ShareStatus) => boolean, what: string): Promise<ShareStatus>
}

/** A gateway with an app and a relay that it knows. */
async function startSharing(): Promise<Sharing> {
  const relay = await startPublishingRelay()
  const gateway = await startGateway({ apps: [shop()] })
  onTestFinished(() => gateway.stop())
  const { token } = await relay.token()
  await gateway.engine.call('share.relay.save', { url: relay.url, token, ca: relay.ca })
  const via = { kind: 'relay' as const, url: relay.url }
  return {
    gateway,
    relay,
    token,
    start: (wish = {}) => gateway.engine.call('share.start', { app: 'shop', via, ...wish }),
    settled: async (id, is, what) => {
      let share: ShareStatus | undefined
      const look = async () => {
        share = (await gateway.engine.call('share.list', {})).find((one) => one.id === id)
        return share !== undefined && is(share)
      }
      await until(look, () => `${what}: ${JSON.stringify(share)}`, 15_000)
      return share as ShareStatus
    },
  }
}

const isOpen = ({ state }: ShareStatus) => state === 'open'

test('an app is outside by a saved relay until it is stopped: HTTP, WebSockets, counted', async () => {
  const { gateway, relay, token, start, settled } = await startSharing()
  const events: ShareStatus[][] = []
  gateway.engine.on('shares', (shares) => events.push(shares))
  const begun = await start()
  expect(begun).toMatchObject({ app: 'shop', via: { kind: 'relay', url: relay.url }, state: 'starting', url: null })
  const url = `https://shop.relay.localhost:${relay.port}`
  expect(await settled(begun.id, isOpen, 'it is open')).toMatchObject({
    url,
    reason: null,
    expiresAt: null,
    user: null,
  })
  expect(await relay.visit('shop', '/a?b=c')).toMatchObject({ status: 200, text: 'shop says /a?b=c' })
  expect(app.last().values('x-forwarded-host')).toEqual([`shop.relay.localhost:${relay.port}`])
  expect((await relay.visit('shop', '/login')).headers.location).toBe(`${url}/form`)
  const socket = relay.connect('shop', '/live')
  await within(once(socket, 'open'), 'a WebSocket')
  socket.send('hello')
  expect(String((await within(once(socket, 'message'), 'its answer'))[0])).toBe('you said hello')
  const { stats } = await settled(begun.id, (one) => one.stats.open > 0, 'one is open')
  expect(stats.requests).toBe(3)
  expect(stats.total).toBeGreaterThanOrEqual(stats.open)
  expect(stats.bytesIn).toBeGreaterThan(100)
  expect(stats.bytesOut).toBeGreaterThan(100)
  expect((await gateway.engine.call('share.stop', { id: begun.id })).state).toBe('ended')
  await until(async () => (await relay.visit('shop').catch(() => null))?.status !== 200, 'the name is gone')
  await within(once(socket, 'close'), 'the WebSocket ends')
  await until(() => events.at(-1)?.[0]?.state === 'ended', 'its end is told')
  expect(JSON.stringify(events)).not.toContain(token)
  expect(await gateway.engine.call('share.stop', { id: begun.id })).toMatchObject({ state: 'ended' })
  expect(await gateway.engine.call('share.list', {})).toEqual([])
})
