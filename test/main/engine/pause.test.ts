import { once } from 'node:events'
import net from 'node:net'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Status } from '../../../src/shared/contract.js'
import { HTTP1, PROTOCOLS } from '../../support/client.js'
import { startGateway, type TestGateway } from '../../support/gateway.js'
import { connectH2 } from '../../support/h2-client.js'
import { ask, openedPanel, startPanel } from '../../support/panel.js'
import { RawClient } from '../../support/raw-client.js'
import { startUpstream, type TestUpstream } from '../../support/upstream.js'
import { until, within } from '../../support/wait.js'

let gateway: TestGateway
let upstream: TestUpstream
let release: () => void

async function start(drainMs = 8_000): Promise<void> {
  gateway = await startGateway({ apps: [{ name: 'app', port: upstream.port }] }, { drainMs })
}

beforeEach(async () => {
  let answer: () => void = () => {}
  release = () => answer()
  upstream = await startUpstream((request, response) => {
    if (request.url !== '/slow') return response.end('ok')
    response.write('begin ')
    answer = () => response.end('end')
  })
})

afterEach(async () => {
  await gateway.stop()
  await upstream.close()
})

/** A gateway that was turned on again may have other ports, when it was told to take any. */
function now(): { httpsPort: number; ca: string } {
  const { listeners } = gateway.engine.status()
  return { httpsPort: listeners.find(({ protocol }) => protocol === 'https')?.port ?? 0, ca: gateway.ca }
}

/** Listens on a port until the test has finished. */
async function occupy(port: number): Promise<net.Server> {
  const server = net.createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return server
}

describe('a gateway that is turned off', () => {
  test('listens nowhere, leaves its ports to others, and says so', async () => {
    await start()
    const { httpsPort, httpPort, engine } = gateway
    const told: Status[] = []
    engine.on('status', (status) => told.push(status))
    const status = await engine.call('gateway.pause', {})
    expect(status).toMatchObject({ state: 'paused', listeners: [] })
    expect(status.apps[0]?.urls).toEqual([`https://app.localhost:${httpsPort}`])
    expect(told.at(-1)).toMatchObject({ state: 'paused', listeners: [] })
    await occupy(httpsPort)
    await occupy(httpPort)
  })

  test('lets answers under way end, and closes the connections that have none', async () => {
    await start()
    const slow = HTTP1.request(gateway, { path: '/slow' })
    const idle = await RawClient.connect(gateway)
    idle.send('GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
    await idle.receive(/ok$/)
    const session = await connectH2(gateway)
    await until(() => upstream.heads === 2, 'the slow request at the upstream')
    await gateway.engine.call('gateway.pause', {})
    await idle.closed()
    await until(() => session.destroyed || session.closed, 'the session is closed')
    release()
    expect((await within(slow, 'the slow answer')).text).toBe('begin end')
  })

  test('cuts off what has not ended when the time is over', async () => {
    await start(200)
    const slow = HTTP1.request(gateway, { path: '/slow' })
    await until(() => upstream.heads === 1, 'the slow request at the upstream')
    await gateway.engine.call('gateway.pause', {})
    const answer = await within(
      slow.catch((error: Error) => error),
      'the end of the answer',
    )
    expect(answer instanceof Error || answer.broken).toBe(true)
  })

  test('takes edits of the config, and serves them once it is on', async () => {
    await start()
    const { engine } = gateway
    await engine.call('gateway.pause', {})
    await engine.call('app.add', { app: { name: 'second', port: upstream.port } })
    expect(engine.status()).toMatchObject({ state: 'paused', listeners: [] })
    await engine.call('gateway.resume', {})
    expect((await HTTP1.request(now(), { host: 'second.localhost' })).text).toBe('ok')
  })

  test('gives no link to a panel that nobody could open', async () => {
    await start()
    await gateway.engine.call('gateway.pause', {})
    await expect(gateway.engine.call('panel.open', {})).rejects.toMatchObject({
      code: 'conflict',
      hint: 'Turn it on with: portico resume',
    })
  })

  test('may be turned off twice and stopped', async () => {
    await start()
    await gateway.engine.call('gateway.pause', {})
    expect(await gateway.engine.call('gateway.pause', {})).toMatchObject({ state: 'paused' })
    await within(gateway.engine.stop(), 'the stop', 3_000)
  })
})

describe('a gateway that is turned on again', () => {
  test.each(PROTOCOLS)('serves over $name, and keeps connections', async (protocol) => {
    await start()
    await gateway.engine.call('gateway.pause', {})
    expect(await gateway.engine.call('gateway.resume', {})).toMatchObject({ state: 'running' })
    expect((await protocol.request(now())).text).toBe('ok')
    const kept = await RawClient.connect(now())
    kept.send('GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
    await kept.receive(/ok$/)
    kept.send('GET /second HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
    await kept.receive(/ok[\s\S]*ok$/)
    kept.socket.destroy()
  })

  test('does not cut off what was under way when it was turned off', async () => {
    await start(300)
    const slow = HTTP1.request(gateway, { path: '/slow' })
    await until(() => upstream.heads === 1, 'the slow request at the upstream')
    await gateway.engine.call('gateway.pause', {})
    await gateway.engine.call('gateway.resume', {})
    const begun = performance.now()
    await until(() => performance.now() - begun > 600, 'the time to drain is over')
    release()
    expect((await within(slow, 'the slow answer')).text).toBe('begin end')
  })

  test('stays off when somebody has taken its port meanwhile, and says who', async () => {
    const free = await occupy(0)
    const { port } = free.address() as net.AddressInfo
    await new Promise((resolve) => free.close(resolve))
    const host = { portHolder: async () => 'squatter (pid 7)', permitLowPortsCommand: null } as never
    gateway = await startGateway({}, { overrides: { bind: ['127.0.0.1'], https: port, http: 0 }, host })
    await gateway.engine.call('gateway.pause', {})
    const squatter = await occupy(port)
    await expect(gateway.engine.call('gateway.resume', {})).rejects.toMatchObject({
      code: 'port-taken',
      message: `Port ${port} is taken by squatter (pid 7).`,
    })
    expect(gateway.engine.status()).toMatchObject({ state: 'paused', listeners: [] })
    await new Promise((resolve) => squatter.close(resolve))
    expect(await gateway.engine.call('gateway.resume', {})).toMatchObject({ state: 'running' })
    expect(now().httpsPort).toBe(port)
  })

  test('is not turned on by a config that moves its listeners', async () => {
    await start()
    await gateway.engine.call('gateway.pause', {})
    await gateway.configure({ listen: { bind: ['127.0.0.1'] } })
    expect(gateway.engine.status()).toMatchObject({ state: 'paused', listeners: [] })
  })
})

test('a window of the panel that turns the gateway off gets its answer, and is then closed', async () => {
  const panel = await startPanel()
  gateway = panel.gateway
  const socket = await openedPanel(await panel.connect(HTTP1, panel.own(await panel.login())))
  const closed = once(socket, 'close')
  expect(await ask(socket, 1, 'gateway.pause')).toMatchObject({ result: { state: 'paused' } })
  expect((await within(closed, 'the close'))[0]).toBe(1001)
})
