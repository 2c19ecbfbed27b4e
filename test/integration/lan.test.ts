import { execFile } from 'node:child_process'
import http from 'node:http'
import https from 'node:https'
import os from 'node:os'
import { text } from 'node:stream/consumers'
import tls from 'node:tls'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { EngineOptions } from '../../src/main/engine/engine-options.js'
import type { TestConfig } from '../support/gateway.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { startUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'

const run = promisify(execFile)
/** An address of this machine on which nobody listens who listens on 127.0.0.1. */
const ELSEWHERE = '127.0.0.2'
const QUIET: Partial<EngineOptions> = { networkAddresses: () => [] }

async function start(config: TestConfig, apps: readonly string[] = ['shop']): Promise<TestGateway> {
  const upstream = await startUpstream((_request, response) => response.end('from the app'))
  onTestFinished(() => upstream.close())
  const gateway = await startGateway({ apps: apps.map((name) => ({ name, port: upstream.port })), ...config }, QUIET)
  onTestFinished(() => gateway.stop())
  return gateway
}

interface Asked {
  host: string
  address?: string
  path?: string
  agent?: https.Agent
}

async function get({ ca, httpsPort }: TestGateway, { host, address = ELSEWHERE, path = '/', agent }: Asked) {
  const options = { host: address, servername: host, port: httpsPort, path, ca, agent: agent ?? false }
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    https.get({ ...options, headers: { host: `${host}:${httpsPort}` } }, resolve).on('error', reject)
  })
  return { status: response.statusCode, body: await text(response) }
}

test('LAN mode is turned on and off while connections of this machine go on', async () => {
  const gateway = await start({})
  const { engine, httpsPort } = gateway
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  let connections = 0
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (...args) => {
    connections++
    return connect(...args)
  }
  const atHome = () => get(gateway, { host: 'shop.localhost', address: '127.0.0.1', agent })
  expect(await atHome()).toEqual({ status: 200, body: 'from the app' })
  await expect(get(gateway, { host: 'shop.local' })).rejects.toMatchObject({ code: 'ECONNREFUSED' })

  const status = await engine.call('lan.set', { enabled: true })
  expect(status.listeners.map(({ address }) => address)).toEqual(['0.0.0.0', '::', '0.0.0.0', '::'])
  expect(status.apps[0]).toMatchObject({
    hosts: ['shop.localhost', 'shop.local'],
    urls: [`https://shop.localhost:${httpsPort}`, `https://shop.local:${httpsPort}`],
  })
  expect(await get(gateway, { host: 'shop.local' })).toEqual({ status: 200, body: 'from the app' })
  expect(await get(gateway, { host: 'shop.local', address: '::1' })).toEqual({ status: 200, body: 'from the app' })
  const certificates = await engine.call('certificates.list', {})
  expect(certificates.find(({ name }) => name === 'shop.local')).toMatchObject({ source: 'local', state: 'valid' })
  expect(await atHome()).toMatchObject({ status: 200 })

  const off = await engine.call('lan.set', { enabled: false })
  expect(off.listeners.map(({ address }) => address)).toEqual(['127.0.0.1', '::1', '127.0.0.1', '::1'])
  expect(off.apps[0]?.hosts).toEqual(['shop.localhost'])
  await expect(get(gateway, { host: 'shop.localhost' })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect(await get(gateway, { host: 'shop.local', address: '127.0.0.1' }).catch(({ code }) => code)).not.toMatchObject({
    status: 200,
  })
  expect(await atHome()).toMatchObject({ status: 200 })
  expect(connections).toBe(1)
  expect((await engine.call('config.get', {})).document).toMatchObject({ lan: { enabled: false } })
})

const own = Object.values(os.networkInterfaces())
  .flat()
  .find((info) => info !== undefined && !info.internal && info.family === 'IPv4')?.address

test.skipIf(own === undefined)('turned off, it ends the connections that came by other addresses', async () => {
  const gateway = await start({ lan: { enabled: true } })
  const options = { host: own as string, port: gateway.httpsPort, servername: 'shop.local', ca: gateway.ca }
  const socket = tls.connect(options)
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  await new Promise<void>((resolve) => socket.once('secureConnect', () => resolve()))
  await gateway.engine.call('lan.set', { enabled: false })
  await until(() => socket.closed, 'the connection is ended')
})

test('a host that an app has stays with it', async () => {
  const gateway = await start({ lan: { enabled: true, mdns: false } }, [])
  const upstream = await startUpstream((_request, response) => response.end('of the other'))
  onTestFinished(() => upstream.close())
  await gateway.configure({
    lan: { enabled: true, mdns: false },
    apps: [
      { name: 'shop', port: 1 },
      { name: 'other', hosts: ['shop.local'], port: upstream.port },
      { name: 'api', port: 1 },
      { name: 'wild', hosts: ['*.api.local', 'api.localhost.test'], port: 1 },
    ],
  })
  await until(() => gateway.engine.status().apps.length === 4, 'the config is served')
  expect(await get(gateway, { host: 'shop.local' })).toEqual({ status: 200, body: 'of the other' })
  expect(gateway.engine.status().apps.map(({ hosts }) => hosts)).toEqual([
    ['shop.localhost'],
    ['shop.local', 'other.local'],
    ['api.localhost', 'api.local'],
    ['*.api.local', 'api.localhost.test', 'wild.local'],
  ])
})

test('a certificate of one’s own is not shown for the further host', async () => {
  const gateway = await start({ lan: { enabled: true } }, [])
  await gateway.configure({ lan: { enabled: true }, apps: [{ name: 'shop', demo: true, certificate: 'self-signed' }] })
  await until(() => gateway.engine.status().apps.length === 1, 'the config is served')
  expect(await get(gateway, { host: 'shop.local' })).toMatchObject({ status: 200 })
  await expect(get(gateway, { host: 'shop.localhost' })).rejects.toMatchObject({
    code: expect.stringMatching(/SELF_SIGNED/),
  })
})

test.skipIf(own === undefined)('the panel stays with this machine', async () => {
  const gateway = await start({ lan: { enabled: true } })
  expect(await get(gateway, { host: 'portico.localhost', address: own as string })).toMatchObject({ status: 403 })
})

test('plain HTTP is redirected at the further host, too', async () => {
  const gateway = await start({ lan: { enabled: true } })
  const options = { host: ELSEWHERE, port: gateway.httpPort, headers: { host: `shop.local:${gateway.httpPort}` } }
  const response = await new Promise<http.IncomingMessage>((resolve) => http.get(options, resolve))
  response.resume()
  expect(response.headers.location).toBe(`https://shop.local:${gateway.httpsPort}/`)
})

test('names are told by mDNS while LAN mode is on and their apps are there', async () => {
  const address = '127.0.0.31'
  const network = [{ interface: 'lo', address, family: 4 as const, cidr: `${address}/8`, scope: 0 }]
  const [shop, api] = ['shop', 'api'].map((name) => `${name}-${process.pid}`) as [string, string]
  const apps = [shop, api].map((name) => ({ name, demo: true as const }))
  const gateway = await startGateway({ apps, lan: { enabled: true } }, { networkAddresses: () => network })
  onTestFinished(() => gateway.stop())
  const ask = async (name: string) => {
    const args = ['-p', '5353', `@${address}`, '+time=1', '+tries=1', '+short', `${name}.local`, 'A']
    return (await run('dig', args).catch(() => ({ stdout: '' }))).stdout.trim()
  }
  await until(async () => (await ask(shop)) === address, 'the name is found', 10_000)
  expect(await ask(api)).toBe(address)
  await gateway.engine.call('app.remove', { name: api })
  await until(async () => !(await ask(api)).startsWith('127'), 'the name is gone', 10_000)
  expect(await ask(shop)).toBe(address)
  await gateway.engine.call('gateway.pause', {})
  expect(await ask(shop)).not.toBe(address)
  await gateway.engine.call('gateway.resume', {})
  await until(async () => (await ask(shop)) === address, 'the name is found again', 10_000)
  await gateway.engine.call('lan.set', { enabled: false })
  expect(await ask(shop)).not.toBe(address)
})
