import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Fault } from '../../src/shared/fault.js'
import type { TunnelStatus } from '../../src/shared/tunnel-schemas.js'
import { freePort } from '../support/free-port.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { startRedis } from '../support/redis.js'
import { ask, connectUser, readAll, startEcho, startRelay, type TestRelay } from '../support/relay.js'
import { until, within } from '../support/wait.js'

interface Scene {
  relay: TestRelay
  gateway: TestGateway
  /** of the relay, as it is saved */
  url: string
  token: { id: string; token: string }
  /** of an app of the gateway, which echoes */
  appPort: number
  /** The tunnel as `tunnel.list` tells it, once it is as asked for. */
  settled(is: (tunnel: TunnelStatus) => boolean, what: string): Promise<TunnelStatus>
  /** Opens the tunnel, and waits until the relay has let it in and told its ports. */
  open(allow?: string[]): Promise<TunnelStatus>
}

async function setUp(config: object = {}): Promise<Scene> {
  const relay = await startRelay()
  const { port: appPort } = await startEcho()
  const gateway = await startGateway({ apps: [{ name: 'shop', port: appPort }], ...config })
  onTestFinished(() => gateway.stop())
  const token = await relay.token()
  const url = relay.url.replace(/\/agent$/, '')
  await gateway.engine.call('share.relay.save', { url, token: token.token })
  const settled: Scene['settled'] = async (is, what) => {
    let tunnel: TunnelStatus | undefined
    const look = async () => {
      tunnel = (await gateway.engine.call('tunnel.list', {}))[0]
      return tunnel !== undefined && is(tunnel)
    }
    await until(look, () => `${what}: ${JSON.stringify(tunnel)}`)
    return tunnel as TunnelStatus
  }
  const open = async (allow: string[] = []) => {
    await gateway.engine.call('tunnel.open', { relay: url, allow })
    return settled(({ state }) => state === 'connected', 'it is connected')
  }
  return { relay, gateway, url, token, appPort, settled, open }
}

async function faultOf(call: Promise<unknown>): Promise<Fault> {
  const thrown = await call.then(
    () => null,
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(Fault)
  return thrown as Fault
}

/** What a user gets who is let in nowhere. */
const REFUSED = '[ECONNRESET]'

test('users of a saved relay reach the apps of this machine, and what is allowed besides; all else is refused and told', async () => {
  const { relay, gateway, url, appPort, settled, open, token } = await setUp()
  const redis = await startRedis()
  onTestFinished(() => redis.close())
  const [own, other] = [await relay.proxy(appPort), await relay.proxy(redis.port)]
  const events: TunnelStatus[][] = []
  onTestFinished(gateway.engine.on('tunnels', (tunnels) => events.push(tunnels)))
  expect(await gateway.engine.call('tunnel.open', { relay: `${url}/`, allow: [] })).toMatchObject({
    relay: url,
    state: 'connecting',
    agent: null,
    allow: [],
    proxies: [],
  })
  const { proxies } = await settled((one) => one.proxies.length === 2 && one.latencyMs !== null, 'its ports are told')
  expect(proxies.toSorted((one, next) => one.port - next.port).map(({ port, allowed }) => [port, allowed])).toEqual(
    [
      [appPort, true],
      [redis.port, false],
    ].toSorted((one, next) => Number(one[0]) - Number(next[0])),
  )
  expect(proxies.find(({ port }) => port === redis.port)).toMatchObject({
    id: other.id,
    address: `127.0.0.1:${other.local_port}`,
    host: '127.0.0.1',
    refusal: { reason: 'it is no app of this machine, and not allowed', guarded: false },
  })
  expect(await ask(own.local_port, 'hello')).toBe('hello')
  expect(await ask(other.local_port, 'PING\r\n')).toBe(REFUSED)
  const refused = await settled(({ refusals }) => refusals.length > 0, 'the refusal is told')
  expect(refused.refusals[0]).toMatchObject({ target: `127.0.0.1:${redis.port}`, count: 1 })
  expect(refused.refusals[0]?.reason).toContain('it is no app of this machine, and not allowed')
  await open([`127.0.0.1:${redis.port}`])
  const user = await connectUser(other.local_port)
  user.write('PING\r\n')
  expect(String((await within(once(user, 'data'), 'an answer'))[0])).toBe('+PONG\r\n')
  const counted = await settled((one) => one.proxies.some(({ bytesOut }) => bytesOut === 7), 'it is counted')
  expect(counted.proxies.find(({ port }) => port === redis.port)).toMatchObject({
    allowed: true,
    refusal: null,
    open: 1,
    total: 1,
    failed: 1,
    bytesIn: 6,
    connectMs: expect.any(Number),
  })
  expect(counted.proxies.find(({ port }) => port === appPort)).toMatchObject({ open: 0, total: 1, failed: 0 })
  await until(() => events.at(-1)?.[0]?.proxies.some(({ bytesOut }) => bytesOut === 7) === true, 'figures are told')
  expect(JSON.stringify(events)).not.toContain(token.token)
})

test('when what is allowed changes, users whose target still is stay connected, and others are cut off', async () => {
  const { relay, url, gateway, settled, open } = await setUp()
  const [kept, dropped] = [await startEcho(), await startEcho()]
  const stays = await relay.proxy(kept.port)
  const goes = await relay.proxy(dropped.port)
  await open([`127.0.0.1:${kept.port}`, `127.0.0.1:${dropped.port}`])
  const [first, second] = [await connectUser(stays.local_port), await connectUser(goes.local_port)]
  const echoed = async (text: string) => {
    first.write(text)
    return String((await within(once(first, 'data'), 'the echo'))[0])
  }
  expect(await echoed('one')).toBe('one')
  second.write('two')
  await within(once(second, 'data'), 'the echo')
  const cut = readAll(second)
  expect(
    await gateway.engine.call('tunnel.open', { relay: url, allow: [' ', `localhost:${kept.port}`] }),
  ).toMatchObject({
    state: 'connected',
    allow: [`localhost:${kept.port}`],
  })
  expect(await within(cut, 'the end of the other one')).toBe(REFUSED)
  expect(await echoed('three')).toBe('three')
  expect(await ask(goes.local_port, 'four')).toBe(REFUSED)
  const { proxies } = await settled((one) => one.proxies.every((proxy) => proxy.open < 2), 'it is told')
  expect(proxies.find(({ port }) => port === kept.port)).toMatchObject({ allowed: true, open: 1 })
  expect(proxies.find(({ port }) => port === dropped.port)).toMatchObject({ allowed: false, open: 0, failed: 1 })
  expect((await gateway.engine.call('tunnel.list', {})).length).toBe(1)
})

test('what cannot be allowed or opened is refused with what to write, and changes nothing', async () => {
  const { gateway, url, open } = await setUp()
  const { allow } = await open(['10.0.0.0/8'])
  const opens = (change: object) => faultOf(gateway.engine.call('tunnel.open', { relay: url, allow: [], ...change }))
  expect(await opens({ allow: ['db.lan:5432', '', 'db.lan'] })).toMatchObject({
    code: 'usage',
    message: 'Line 3: "db.lan" cannot be allowed: the port is missing.',
    hint: expect.stringContaining('db.lan:5432'),
  })
  expect((await opens({ allow: ['10.0.0.0/33'] })).message).toMatch(/^Line 1: /)
  expect(await opens({ relay: 'wss://elsewhere.example' })).toMatchObject({ code: 'not-found' })
  expect(await opens({ relay: 'https://elsewhere.example' })).toMatchObject({ code: 'usage' })
  expect((await gateway.engine.call('tunnel.list', {}))[0]?.allow).toEqual(allow)
  expect(await faultOf(gateway.engine.call('tunnel.close', { relay: 'wss://elsewhere.example' }))).toMatchObject({
    code: 'not-found',
  })
})

test('a relay that goes away is waited for, and its users are served again when it is back', async () => {
  const { relay, appPort, settled, open, url } = await setUp()
  const { local_port: port } = await relay.proxy(appPort)
  await open()
  const user = await connectUser(port)
  user.write('before')
  await within(once(user, 'data'), 'the echo')
  await relay.close()
  expect(await within(readAll(user), 'its end')).toContain('[ECONNRESET]')
  const waiting = await settled(({ state }) => state === 'waiting', 'it waits')
  expect(waiting.reason?.message).toMatch(/^(The connection to the relay is lost|There is no connection)/)
  expect(waiting).toMatchObject({ latencyMs: null, proxies: [{ open: 0, total: 1 }] })
  await startRelay({ dataDir: relay.dataDir, port: relay.port })
  await settled(({ state, reason }) => state === 'connected' && reason === null, 'it is connected again')
  await until(async () => (await ask(port, 'after')) === 'after', 'users are served again')
  expect(url).toContain(String(relay.port))
})

test('closed, its users are cut off and nobody is let in; opened again, they are', async () => {
  const { relay, gateway, appPort, open, url } = await setUp()
  const { local_port: port } = await relay.proxy(appPort)
  await open()
  const user = await connectUser(port)
  user.write('before')
  await within(once(user, 'data'), 'the echo')
  expect(await gateway.engine.call('tunnel.close', { relay: url })).toEqual([])
  expect(await within(readAll(user), 'its end')).toBe(REFUSED)
  expect(await ask(port, 'hello')).toBe(REFUSED)
  await open()
  expect(await ask(port, 'hello')).toBe('hello')
})

test('a token that is revoked ends it, and it says why until it is closed or opened again', async () => {
  const { relay, gateway, settled, open, token, url } = await setUp()
  await open()
  await relay.relay.revokeToken(token.id)
  const { reason } = await settled(({ state }) => state === 'ended', 'it has ended')
  expect(reason?.message).toMatch(/^The relay (no longer accepts|does not accept) the token/)
  expect(reason?.hint).toContain('portico relay token create')
  const second = await relay.token()
  await gateway.engine.call('share.relay.save', { url, token: second.token })
  await open()
  await relay.relay.revokeToken(second.id)
  await settled(({ state }) => state === 'ended', 'it has ended again')
  expect(await gateway.engine.call('tunnel.close', { relay: url })).toEqual([])
})

test('a gateway that is off, or an app that is disabled, is out of reach for users, who are cut off', async () => {
  const { relay, gateway, appPort, settled, open } = await setUp()
  const { local_port: port } = await relay.proxy(appPort)
  await open()
  const connected = async () => {
    const user = await connectUser(port)
    user.write('hello')
    await within(once(user, 'data'), 'the echo')
    return user
  }
  const first = await connected()
  await gateway.engine.call('gateway.pause', {})
  const off = await settled(({ state }) => state === 'waiting', 'it waits')
  expect(off.reason).toEqual({
    message: 'The gateway is off, and its services with it.',
    hint: 'Turn it on again with: portico resume',
  })
  expect(await within(readAll(first), 'its end')).toBe(REFUSED)
  expect(await ask(port, 'hello')).toBe(REFUSED)
  await gateway.engine.call('gateway.resume', {})
  await settled(({ state, reason }) => state === 'connected' && reason === null, 'it is back')
  const second = await connected()
  await gateway.engine.call('app.setEnabled', { name: 'shop', enabled: false })
  expect(await within(readAll(second), 'its end')).toBe(REFUSED)
  expect((await settled(() => true, 'it is told')).proxies).toMatchObject([{ allowed: false }])
  expect(await ask(port, 'hello')).toBe(REFUSED)
})

test("Portico's own ports and what networks have for their machines are refused although all is allowed, and told apart", async () => {
  const { relay, gateway, settled, open } = await setUp()
  const own = gateway.engine.status().listeners[0]?.port ?? 0
  await relay.proxy(own)
  await relay.proxy(80, { remote_host: '169.254.169.254' })
  await open(['0.0.0.0/0'])
  const { proxies } = await settled((one) => one.proxies.length === 2, 'its ports are told')
  expect(proxies.map(({ refusal }) => refusal?.guarded)).toEqual([true, true])
})

test('metrics tell of it by its relay; a gateway that has ended lets nobody in', async () => {
  const port = await freePort()
  const { relay, gateway, appPort, settled, open, url, token } = await setUp({ metrics: { port } })
  const proxy = await relay.proxy(appPort)
  await open()
  await ask(proxy.local_port, 'hello')
  await settled((one) => one.latencyMs !== null && one.proxies[0]?.total === 1, 'it is counted')
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const figure = (name: string, more = '') =>
    Number(new RegExp(`^${name}\\{relay="${url}"${more}\\} (.+)$`, 'm').exec(page)?.[1])
  expect(figure('portico_tunnel_up')).toBe(1)
  expect(figure('portico_tunnel_connections_open')).toBe(0)
  expect(figure('portico_tunnel_connections_total')).toBe(1)
  expect(figure('portico_tunnel_failures_total')).toBe(0)
  expect(figure('portico_tunnel_bytes_total', ',direction="in"')).toBe(5)
  expect(figure('portico_tunnel_bytes_total', ',direction="out"')).toBe(5)
  expect(figure('portico_tunnel_latency_seconds')).toBeLessThan(5)
  expect(page).not.toContain(token.token)
  expect(await readFile(path.join(gateway.dataDir, 'config.json'), 'utf8').catch(() => '')).not.toContain(url)
  await gateway.stop()
  expect(await ask(proxy.local_port, 'hello')).toBe(REFUSED)
})
