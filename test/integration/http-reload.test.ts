import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import net from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Status } from '../../src/shared/contract.js'
import { HTTP1, HTTP2, PROTOCOLS } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { connectH2, requestH2 } from '../support/h2-client.js'
import { RawClient } from '../support/raw-client.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until, within } from '../support/wait.js'

let old: TestUpstream
let fresh: TestUpstream
let gateway: TestGateway
let held: ServerResponse[]

beforeEach(async () => {
  held = []
  old = await startUpstream((request, response) => {
    if (request.url !== '/long') return response.end('old')
    response.writeHead(200, { 'Content-Type': 'application/octet-stream' })
    response.write('begin ')
    held.push(response)
  })
  fresh = await startUpstream((_request, response) => response.end('fresh'))
  gateway = await startGateway({ apps: [{ name: 'app', port: old.port }] })
})

afterEach(async () => {
  await gateway.stop()
  await Promise.all([old.close(), fresh.close()])
})

describe.each(PROTOCOLS)('over $name', (client) => {
  test('a long answer runs to its end on the config it began with, while new requests use the new one', async () => {
    const long = client.request(gateway, { path: '/long' })
    await until(() => held.length === 1, 'the long answer begins')
    await gateway.configure({ apps: [{ name: 'app', port: fresh.port }] })
    expect((await client.request(gateway)).text).toBe('fresh')
    held[0]?.end('and end')
    expect((await within(long, 'the end of the long answer')).text).toBe('begin and end')
  })

  test('an app that is removed or disabled meanwhile still ends its answers', async () => {
    const long = client.request(gateway, { path: '/long' })
    await until(() => held.length === 1, 'the long answer begins')
    await gateway.engine.call('app.remove', { name: 'app' })
    expect((await client.request(gateway, { anyName: true })).status).toBe(404)
    held[0]?.end('and end')
    expect((await within(long, 'the end of the long answer')).text).toBe('begin and end')
  })
})

test('kept connections outlive a reload and see the new routes', async () => {
  const raw = await RawClient.connect(gateway)
  const session = await connectH2(gateway)
  raw.send('GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
  await raw.receive(/old$/)
  expect((await requestH2(session, gateway)).text).toBe('old')
  await gateway.configure({ apps: [{ name: 'app', port: fresh.port }] })
  raw.send('GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
  await raw.receive(/fresh$/)
  expect((await requestH2(session, gateway)).text).toBe('fresh')
  expect(raw.ended).toBe(null)
  expect(session.closed).toBe(false)
  raw.destroy()
  session.destroy()
})

test('no request fails while the config changes under load', async () => {
  let stop = false
  const failures: unknown[] = []
  const load = Array.from({ length: 4 }, async (_, index) => {
    const client = index % 2 === 0 ? HTTP1 : HTTP2
    while (!stop) {
      const answer = await client.request(gateway).catch((error: unknown) => error)
      if (answer instanceof Error || !['old', 'fresh'].includes((answer as { text: string }).text))
        failures.push(answer)
    }
  })
  for (let round = 0; round < 10; round++)
    await gateway.configure({ apps: [{ name: 'app', port: round % 2 === 0 ? fresh.port : old.port }] })
  stop = true
  await Promise.all(load)
  expect(failures).toEqual([])
})

test('an invalid config changes nothing and is told with its reason; a valid one heals it', async () => {
  await gateway.configure({ apps: [{ name: 'app', port: 99999 }] })
  expect((await HTTP1.request(gateway)).text).toBe('old')
  const { configError } = await gateway.engine.call('status', {})
  expect(configError?.problems[0]?.path).toBe('apps[0].port')
  await gateway.configure({ apps: [{ name: 'app', port: fresh.port }] })
  expect((await gateway.engine.call('status', {})).configError).toBe(null)
  expect((await HTTP1.request(gateway)).text).toBe('fresh')
})

test('an edit of the file by hand is served within a second or so, without any command', async () => {
  const { writeFile } = await import('node:fs/promises')
  const statuses: Status[] = []
  gateway.engine.on('status', (status) => statuses.push(status))
  await writeFile(gateway.configFile, JSON.stringify({ version: 1, apps: [{ name: 'app', port: fresh.port }] }))
  await until(() => statuses.length > 0, 'the status event', 3_000)
  expect((await HTTP1.request(gateway)).text).toBe('fresh')
})

test('apps added by command are served at once and stand in the file', async () => {
  const added = await gateway.engine.call('app.add', { app: { name: 'more', port: fresh.port } })
  expect(added.urls).toEqual([`https://more.localhost:${gateway.httpsPort}`])
  expect((await HTTP1.request(gateway, { host: 'more.localhost' })).text).toBe('fresh')
  expect(JSON.parse(await readFile(gateway.configFile, 'utf8')).apps).toHaveLength(2)
  await gateway.engine.call('app.setEnabled', { name: 'more', enabled: false })
  expect((await HTTP1.request(gateway, { host: 'more.localhost' })).status).toBe(503)
  await gateway.engine.call('app.setEnabled', { name: 'more', enabled: true })
  expect((await HTTP1.request(gateway, { host: 'more.localhost' })).text).toBe('fresh')
})

describe('listeners', () => {
  let moving: TestGateway

  beforeEach(async () => {
    moving = await startGateway(
      { listen: { bind: ['127.0.0.1'], https: 0, http: 0 }, apps: [{ name: 'app', port: old.port }] },
      { overrides: {} },
    )
  })

  afterEach(() => moving.stop())

  const listen = (https: number, http: number) => ({
    listen: { bind: ['127.0.0.1'], https, http, fallback: [0, 0] as [number, number] },
    apps: [{ name: 'app', port: old.port }],
  })
  const ports = async () => (await moving.engine.call('status', {})).listeners.map(({ port }) => port)
  const moved = (https: number) => until(async () => (await ports()).includes(https), `port ${https} is open`)

  test('move when the config moves them; connections to the old place stay until they end', async () => {
    const [https, http] = await freePorts(2)
    const client = await RawClient.connect(moving)
    client.send('GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
    await client.receive(/old$/)
    const oldPort = moving.httpsPort
    await moving.configure(listen(https as number, http as number))
    await moved(https as number)
    expect((await HTTP1.request({ ...moving, httpsPort: https as number })).text).toBe('old')
    await expect(HTTP1.request({ ...moving, httpsPort: oldPort })).rejects.toThrow(/ECONNREFUSED/)
    client.send('GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
    await until(() => client.statuses().length === 2, 'an answer on the old connection')
    client.destroy()
  })

  test('fall back where the wanted port is taken, and the status warns of it', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1')
    await until(() => taken.listening, 'a taken port')
    const { port } = taken.address() as net.AddressInfo
    const [http, fallback] = await freePorts(2)
    await moving.configure({
      ...listen(port, http as number),
      listen: { bind: ['127.0.0.1'], https: port, http: http as number, fallback: [fallback as number, 0] },
    })
    await moved(fallback as number)
    const { warnings } = await moving.engine.call('status', {})
    expect(warnings.map(({ path, message }) => `${path}: ${message}`).join('\n')).toMatch(
      new RegExp(`listen.https: Port ${port} is taken.*Port ${fallback} is used instead`),
    )
    taken.close()
  })

  test('stay where they are when the new place cannot be had at all, and the status says why', async () => {
    await moving.configure({
      ...listen(0, 0),
      listen: { bind: ['192.0.2.1'], https: 4000, http: 4001, fallback: [0, 0] },
    })
    await until(async () => (await moving.engine.call('status', {})).warnings.length > 0, 'a warning')
    const { warnings } = await moving.engine.call('status', {})
    expect(warnings[0]?.message).toContain('192.0.2.1')
    expect(warnings[0]?.message).toContain('stay where they were')
    expect((await HTTP1.request(moving)).text).toBe('old')
  })
})

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, '127.0.0.1'))
  await until(() => servers.every(({ listening }) => listening), 'free ports')
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port)
  for (const server of servers) server.close()
  return ports
}
