import { afterEach, beforeEach, expect, test } from 'vitest'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import type { DiscoveredPort } from '../../src/shared/window-schemas.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { Listeners } from '../support/listener.js'
import { until } from '../support/wait.js'

/** The promise to the person who watches. */
const SEEN_WITHIN_MS = 2_000

let gateway: TestGateway
let listeners: Listeners
let scans: number

beforeEach(async () => {
  listeners = await Listeners.make()
  const host = hostFacts('linux')
  scans = 0
  const portScanner = {
    scan: () => {
      scans++
      return host.portScanner.scan()
    },
  }
  gateway = await startGateway({}, { host: { ...host, portScanner } })
})

afterEach(async () => {
  await gateway.stop()
  await listeners.close()
})

const onLinux = test.runIf(process.platform === 'linux')
const list = () => gateway.engine.call('ports.list', {})
const at = (ports: readonly DiscoveredPort[] | undefined, port: number) => ports?.find((one) => one.port === port)

onLinux('apps that listen are listed with process, folder, framework and a name', async () => {
  const vite = JSON.stringify({ name: '@acme/shop', devDependencies: { vite: '8.0.0' } })
  const shop = await listeners.project('front', { 'package.json': vite })
  const docs = await listeners.project('My Docs', { 'index.html': 'hello' })
  const api = await listeners.project('api', { 'package.json': '{"dependencies":{"express":"5"}}' })
  const one = await listeners.node(shop, '127.0.0.1')
  const two = await listeners.python(docs, '0.0.0.0')
  const three = await listeners.node(api, '::1')
  const ports = await list()
  expect(at(ports, one.port)).toEqual({
    port: one.port,
    addresses: ['127.0.0.1'],
    pid: one.pid,
    command: 'node',
    folder: shop,
    framework: 'Vite',
    proposedName: 'shop',
    app: null,
  })
  expect(at(ports, two.port)).toMatchObject({
    addresses: ['0.0.0.0'],
    pid: two.pid,
    command: expect.stringMatching(/^python3/),
    folder: docs,
    framework: 'Python http.server',
    proposedName: 'my-docs',
  })
  expect(at(ports, three.port)).toMatchObject({
    addresses: ['::1'],
    pid: three.pid,
    folder: api,
    framework: 'Express',
    proposedName: 'api',
  })
})

onLinux('the gateway’s own listeners are not among them', async () => {
  const ports = (await list()).map(({ port }) => port)
  expect(ports).not.toContain(gateway.httpsPort)
  expect(ports).not.toContain(gateway.httpPort)
})

onLinux('a port is added by the name that was proposed, and then belongs to the app', async () => {
  const folder = await listeners.project('shop')
  const first = await listeners.node(folder, '127.0.0.1')
  const second = await listeners.node(folder, '127.0.0.1')
  const [low, high] = [first.port, second.port].sort((a, b) => a - b) as [number, number]
  const before = await list()
  expect([at(before, low)?.proposedName, at(before, high)?.proposedName]).toEqual(['shop', 'shop-2'])
  await gateway.engine.call('app.add', { app: { name: 'shop', port: low } })
  const after = await list()
  expect(at(after, low)?.app).toBe('shop')
  expect(at(after, high)).toMatchObject({ app: null, proposedName: 'shop-2' })
})

onLinux('who watches hears of a listener within two seconds of its coming and going', async () => {
  let latest: DiscoveredPort[] | undefined
  const end = gateway.engine.on('ports', (ports) => {
    latest = ports
  })
  await until(() => latest !== undefined, 'the ports as they are')
  const folder = await listeners.project('late')
  const { port, pid, end: leave } = await listeners.node(folder, '127.0.0.1')
  await until(() => at(latest, port) !== undefined, 'the new listener', SEEN_WITHIN_MS)
  expect(at(latest, port)).toMatchObject({ pid, folder, proposedName: 'late' })
  await gateway.engine.call('app.add', { app: { name: 'late', port } })
  await until(() => at(latest, port)?.app === 'late', 'that it is an app now', SEEN_WITHIN_MS)
  await leave()
  await until(() => at(latest, port) === undefined, 'that it is gone', SEEN_WITHIN_MS)
  end()
})

onLinux('without anybody who watches nothing is looked at', async () => {
  expect(scans).toBe(0)
  const first = gateway.engine.on('ports', () => {})
  const second = gateway.engine.on('ports', () => {})
  await until(() => scans >= 2, 'looks while somebody watches')
  first()
  second()
  const before = scans
  await expect(until(() => scans > before, 'one more look', SEEN_WITHIN_MS)).rejects.toThrow('did not come true')
})

onLinux('a system that does not tell is a fault with a remedy', async () => {
  await gateway.stop()
  const portScanner = { scan: () => Promise.reject(new Error('no lsof')) }
  gateway = await startGateway({}, { host: { ...hostFacts('linux'), portScanner } })
  await expect(list()).rejects.toMatchObject({
    code: 'not-supported',
    hint: expect.stringContaining('portico app add'),
  })
})
