import { afterEach, expect, test } from 'vitest'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { currentPlatform } from '../../src/main/platform/platform.js'
import type { OutputLine, ProcessStatus } from '../../src/shared/window-schemas.js'
import { startGateway, type TestConfig, type TestGateway } from '../support/gateway.js'
import { alive, ask, isAlive, serverApp } from '../support/processes/supervise.js'
import { until, within } from '../support/wait.js'

let gateway: TestGateway

afterEach(() => gateway.stop())

/** An engine on this machine's processes. */
async function start(...apps: object[]): Promise<void> {
  gateway = await startGateway({ apps } as TestConfig, { host: hostFacts(currentPlatform()) })
}

async function reaches(app: string, state: ProcessStatus['state']): Promise<ProcessStatus> {
  let found: ProcessStatus | undefined
  await until(
    async () => {
      found = (await gateway.engine.call('processes.list', {})).find((one) => one.app === app)
      return found?.state === state
    },
    () => `${app} ${state}, and not ${JSON.stringify(found)}`,
    15_000,
  )
  return found as ProcessStatus
}

test('an app is told where it and its peers are reached', async () => {
  await start(serverApp('shop'), { name: 'docs', port: 3000 })
  const { port } = await reaches('shop', 'running')
  const { env } = await ask(port)
  expect(env).toMatchObject({
    PORTICO_URL: `https://shop.localhost:${gateway.httpsPort}`,
    PORTICO_URL_DOCS: `https://docs.localhost:${gateway.httpsPort}`,
  })
})

test('start, stop and restart by command', async () => {
  await start(serverApp('shop', [], { start: 'manual' }))
  const first = await gateway.engine.call('app.start', { name: 'shop' })
  expect(first).toMatchObject({ state: 'running', restarts: 0 })
  const second = await gateway.engine.call('app.restart', { name: 'shop' })
  expect(second).toMatchObject({ state: 'running', port: first.port })
  expect(second.pid).not.toBe(first.pid)
  expect(await gateway.engine.call('app.stop', { name: 'shop' })).toMatchObject({ state: 'stopped', pid: null })
  expect(await isAlive(second.pid)).toBe(false)
})

test('commands for an app that has no process, or is not there, say so', async () => {
  await start({ name: 'docs', port: 3000 })
  await expect(gateway.engine.call('app.start', { name: 'docs' })).rejects.toMatchObject({
    message: 'docs has no process.',
  })
  await expect(gateway.engine.call('app.stop', { name: 'nobody' })).rejects.toMatchObject({ code: 'not-found' })
})

test('who follows is told of changes and of what the processes use', async () => {
  await start(serverApp('shop', [], { start: 'manual' }))
  const told: ProcessStatus[] = []
  const end = gateway.engine.on('processes', (all) => told.push(...all))
  await gateway.engine.call('app.start', { name: 'shop' })
  await until(() => told.some(({ state }) => state === 'running'), 'the change')
  await until(() => told.some(({ cpu, memory }) => cpu !== null && (memory ?? 0) > 10_000_000), 'figures')
  end()
})

test('the output is told by line, and kept', async () => {
  await start(serverApp('shop', ['--print=\u001b[32mgreen\u001b[0m'], { start: 'manual' }))
  const told: OutputLine[] = []
  gateway.engine.on('output', ({ app, lines }) => app === 'shop' && told.push(...lines))
  const { port } = await gateway.engine.call('app.start', { name: 'shop' })
  await until(() => told.some(({ text }) => text === `listening on ${port}`), 'a line')
  const kept = await gateway.engine.call('output.list', { app: 'shop' })
  expect(kept.map(({ text }) => text)).toContain('\u001b[32mgreen\u001b[0m')
  expect(kept).toEqual(told.slice(0, kept.length))
  expect(await gateway.engine.call('output.list', { app: 'shop', after: kept[1]?.seq })).toEqual(kept.slice(2))
})

test('an edit of the config starts, restarts and stops', async () => {
  await start(serverApp('shop'), serverApp('api'))
  const [shop, api] = [await reaches('shop', 'running'), await reaches('api', 'running')]
  await gateway.configure({ apps: [serverApp('shop', ['--print=new']), serverApp('late')] } as TestConfig)
  expect((await reaches('late', 'running')).pid).not.toBeNull()
  await until(async () => (await alive([shop.pid, api.pid])).length === 0, 'an end of the former')
  expect((await reaches('shop', 'running')).pid).not.toBe(shop.pid)
})

test('the end of the engine is the end of all processes', async () => {
  await start(serverApp('shop', ['--child']), serverApp('api', ['--ignore-term']))
  const pids = [(await reaches('shop', 'running')).pid, (await reaches('api', 'running')).pid]
  const members = await hostFacts(currentPlatform()).processSystem.groupMembers(pids[0] ?? 0)
  await within(gateway.engine.stop({ drainMs: 900 }), 'an end', 4_000)
  expect(await alive([...pids, ...members])).toEqual([])
})

test('a process that is being started when the engine ends is not left behind', async () => {
  await start(...Array.from({ length: 8 }, (_, index) => serverApp(`app-${index}`)))
  await reaches('app-0', 'starting').catch(() => {})
  await gateway.engine.stop({ drainMs: 0 })
  const all = await hostFacts(currentPlatform()).processSystem.list()
  expect(all.filter(({ command, ppid }) => ppid === process.pid && command.includes('server.mjs'))).toEqual([])
})
