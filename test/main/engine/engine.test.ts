import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import net, { type AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Engine, type EngineOptions } from '../../../src/main/engine/engine.js'
import type { Status } from '../../../src/shared/contract.js'
import { HTTP1 } from '../../support/client.js'
import { startGateway, type TestGateway } from '../../support/gateway.js'
import { connectH2 } from '../../support/h2-client.js'
import { RawClient } from '../../support/raw-client.js'
import { startUpstream, type TestUpstream } from '../../support/upstream.js'
import { until, within } from '../../support/wait.js'

let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'portico-engine-'))
})

afterEach(() => rm(dataDir, { recursive: true, force: true }))

async function options(config: unknown, more: Partial<EngineOptions> = {}): Promise<EngineOptions> {
  const configFile = path.join(dataDir, 'config.json')
  await writeFile(configFile, typeof config === 'string' ? config : JSON.stringify(config))
  return {
    dataDir,
    configFile,
    overrides: { bind: ['127.0.0.1'], https: 0, http: 0 },
    version: '1.2.3',
    log: pino({ level: 'silent' }),
    ...more,
  }
}

describe('a start that fails leaves nothing open', () => {
  /** Listeners and file watchers; timers and single file operations come and go by themselves. */
  const resources = () => process.getActiveResourcesInfo().filter((kind) => /Server|FSEvent|StatWatcher/.test(kind))

  test.each([
    ['an invalid config', { version: 1, apps: [{ name: 'UPPER', port: 1 }] }, 'config-invalid'],
    ['a config that is no JSON', '{', 'config-invalid'],
  ])('because of %s', async (_name, config, code) => {
    const before = resources()
    await expect(Engine.start(await options(config))).rejects.toMatchObject({ code })
    await until(
      () => resources().join() === before.join(),
      () => `${resources()} is as before: ${before}`,
    )
  })

  test('because of a taken port', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const before = resources()
    const start = Engine.start(
      await options({ version: 1 }, { overrides: { bind: ['127.0.0.1'], https: 0, http: port } }),
    )
    await expect(start).rejects.toMatchObject({
      code: 'port-taken',
      message: `Port ${port} is taken by another process.`,
      hint: expect.any(String),
    })
    await until(
      () => resources().join() === before.join(),
      () => `${resources()} is as before: ${before}`,
    )
    taken.close()
  })

  test('because of a damaged CA, which is not overwritten', async () => {
    await mkdir(path.join(dataDir, 'ca'), { recursive: true, mode: 0o700 })
    await writeFile(path.join(dataDir, 'ca', 'ca.pem'), 'damaged')
    await writeFile(path.join(dataDir, 'ca', 'ca.key'), 'damaged')
    await expect(Engine.start(await options({ version: 1 }))).rejects.toMatchObject({ name: 'Fault' })
    expect(await readFile(path.join(dataDir, 'ca', 'ca.pem'), 'utf8')).toBe('damaged')
  })
})

describe('a running engine', () => {
  let gateway: TestGateway
  let upstream: TestUpstream
  let release: () => void

  beforeEach(async () => {
    let answer: () => void = () => {}
    release = () => answer()
    upstream = await startUpstream((request, response) => {
      if (request.url !== '/slow') return response.end('ok')
      response.write('begin ')
      answer = () => response.end('end')
    })
    gateway = await startGateway({ apps: [{ name: 'app', port: upstream.port }] })
  })

  afterEach(async () => {
    await gateway.stop()
    await upstream.close()
  })

  test('tells its status as the contract has it', async () => {
    const status = await gateway.engine.call('status', {})
    expect(status).toMatchObject({
      state: 'running',
      version: '0',
      pid: process.pid,
      dataDir: gateway.dataDir,
      configFile: gateway.configFile,
      configError: null,
      warnings: [],
      apps: [{ name: 'app', urls: [`https://app.localhost:${gateway.httpsPort}`] }],
    })
    expect(status.listeners.map(({ address, protocol }) => `${protocol} ${address}`)).toEqual([
      'https 127.0.0.1',
      'https ::1',
      'http 127.0.0.1',
      'http ::1',
    ])
  })

  test('refuses parameters that the contract does not know, without doing anything', async () => {
    await expect(gateway.engine.call('app.remove', { name: 7 } as never)).rejects.toMatchObject({ code: 'bad-request' })
    await expect(gateway.engine.call('status', { extra: 1 } as never)).rejects.toMatchObject({ code: 'bad-request' })
    await expect(gateway.engine.call('no.such' as never, {} as never)).rejects.toMatchObject({ code: 'bad-request' })
    await expect(gateway.engine.call('toString' as never, {} as never)).rejects.toMatchObject({ code: 'bad-request' })
  })

  test('ends a subscription when told to', async () => {
    const seen: unknown[] = []
    const end = gateway.engine.on('exchange', (entry) => seen.push(entry))
    await HTTP1.request(gateway)
    await until(() => seen.length === 1, 'an event')
    end()
    await HTTP1.request(gateway, { path: '/second' })
    await gateway.entry('/second')
    expect(seen).toHaveLength(1)
  })

  test('lets answers under way end when it stops, takes no new connections, and then is stopped', async () => {
    const states: Status['state'][] = []
    gateway.engine.on('status', ({ state }) => states.push(state))
    const slow = HTTP1.request(gateway, { path: '/slow' })
    await until(() => upstream.requests.length === 1, 'the slow request at the upstream')
    const stopping = gateway.engine.stop({ drainMs: 8_000 })
    await until(
      () =>
        HTTP1.request(gateway).then(
          () => false,
          () => true,
        ),
      'new connections are refused',
    )
    expect(states).toContain('stopping')
    release()
    expect((await within(slow, 'the slow answer')).text).toBe('begin end')
    await within(stopping, 'the stop', 3_000)
    await gateway.engine.stopped
  })

  test('ends what has not ended when the time to drain is over', async () => {
    const slow = HTTP1.request(gateway, { path: '/slow' })
    await until(() => upstream.requests.length === 1, 'the slow request at the upstream')
    await within(gateway.engine.stop({ drainMs: 200 }), 'the stop', 3_000)
    const answer = await slow.catch((error: Error) => error)
    expect(answer instanceof Error || answer.broken).toBe(true)
    await until(() => upstream.connections.size === 0, 'no connection to the upstream is left')
  })

  test('closes idle connections of both protocols when it stops', async () => {
    const raw = await RawClient.connect(gateway)
    raw.send('GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
    await raw.receive(/ok$/)
    const silent = await RawClient.connect(gateway)
    const session = await connectH2(gateway)
    await within(gateway.engine.stop({ drainMs: 3_000 }), 'the stop', 3_000)
    await raw.closed()
    await silent.closed()
    await until(() => session.destroyed || session.closed, 'the session is closed')
  })

  test('stops by command', async () => {
    expect(await gateway.engine.call('stop', {})).toEqual({})
    await within(gateway.engine.stopped, 'the end')
  })

  test('may be stopped more than once', async () => {
    await Promise.all([gateway.engine.stop(), gateway.engine.stop({ drainMs: 0 }), gateway.engine.stop()])
  })
})
