import type { ShareStatus } from '../../src/shared/share-schemas.js'
import { startGateway, type TestGateway } from './gateway.js'
import { type PublishingRelay, startPublishingRelay } from './publishing-relay.js'
import { startUpstream, type TestUpstream } from './upstream.js'
import { until } from './wait.js'
import { type SocketUpstream, startSocketUpstream } from './websocket.js'

/** A gateway with the app `shop`, and a relay that it has saved. */
export interface Sharing {
  gateway: TestGateway
  relay: PublishingRelay
  /** behind `shop`, whose `/live` echoes over WebSockets */
  app: TestUpstream
  token: { id: string; token: string }
  /** The app as the config has it. */
  shop(change?: object): { name: string }
  /** Shares `shop` by the relay unless told otherwise. */
  start(wish?: object): Promise<ShareStatus>
  /** As `start`, once it is open. */
  open(wish?: object): Promise<ShareStatus & { url: string }>
  /** The share as `share.list` tells it, once it is as asked for. */
  settled(id: string, is: (share: ShareStatus) => boolean, what: string): Promise<ShareStatus>
  /** Ends all shares and forgets them. */
  clear(): Promise<void>
  close(): Promise<void>
}

export async function startSharing(): Promise<Sharing> {
  const app = await startUpstream((request, response) => {
    if (request.url === '/login') response.writeHead(302, { location: `https://${request.headers.host}/form` }).end()
    else response.end(`shop says ${request.url}`)
  })
  const live = await startSocketUpstream((socket) => socket.on('message', (data) => socket.send(`you said ${data}`)))
  const shop = (change: object = {}) => ({ name: 'shop', routes: routesTo(app, live), ...change })
  const relay = await startPublishingRelay()
  const gateway = await startGateway({ apps: [shop()] })
  const { engine } = gateway
  const token = await relay.token()
  await engine.call('share.relay.save', { url: relay.url, token: token.token, ca: relay.ca })
  const start = (wish = {}) =>
    engine.call('share.start', { app: 'shop', via: { kind: 'relay', url: relay.url }, ...wish })
  const settled: Sharing['settled'] = async (id, is, what) => {
    let share: ShareStatus | undefined
    const look = async () => {
      share = (await engine.call('share.list', {})).find((one) => one.id === id)
      return share !== undefined && is(share)
    }
    await until(look, () => `${what}: ${JSON.stringify(share)}`, 15_000)
    return share as ShareStatus
  }
  const clear = async () => {
    for (const { id } of await engine.call('share.list', {})) {
      const { state } = await engine.call('share.stop', { id })
      if (state === 'ended') await engine.call('share.stop', { id }).catch(() => undefined) // may have ended before
    }
  }
  return {
    gateway,
    relay,
    app,
    token,
    shop,
    start,
    open: async (wish) => {
      const { id } = await start(wish)
      return (await settled(id, ({ state }) => state === 'open', 'it is open')) as ShareStatus & { url: string }
    },
    settled,
    clear,
    close: async () => {
      await gateway.stop()
      await relay.close()
      await app.close()
      await live.close()
    },
  }
}

function routesTo(app: TestUpstream, live: SocketUpstream) {
  const backend = (port: number) => ({ upstream: { backends: [{ url: `http://127.0.0.1:${port}` }] } })
  return [
    { path: '/live', ...backend(live.port) },
    { path: '/', ...backend(app.port) },
  ]
}
