import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { SystemKeeper } from '../../src/main/platform/plan/system-keeper.js'
import type { Machine } from '../../src/main/platform/trust-store/machine.js'
import type { Status } from '../../src/shared/contract.js'
import { systemListSchema, systemOutcomeSchema, systemPlanSchema } from '../../src/shared/system-schemas.js'
import { temporaryDirectory } from '../support/chromium.js'
import { startGateway } from '../support/gateway.js'

const HOSTS = '127.0.0.1\tlocalhost\n'
const APPS = [{ name: 'shop', port: 3000, hosts: ['shop.test'] }]
const WISH = { group: 'names', action: 'install', setting: 'hosts' } as const

/** A machine whose files are in a folder of their own, and that runs no program. */
async function sandbox(run: Machine['run'] = async () => ({ exitCode: 1, stdout: '', stderr: 'not in this test' })) {
  const root = await temporaryDirectory('root')
  await mkdir(path.join(root, 'etc'))
  await writeFile(path.join(root, 'etc/hosts'), HOSTS)
  const machine: Machine = { platform: 'linux', env: {}, home: '/home/ann', root, run }
  const systemSettings = new SystemKeeper(machine, { way: async () => 'already', find: async () => [] })
  return { root, host: { ...hostFacts('linux'), systemSettings } }
}

test('settings of the machine are listed, planned and applied through the contract', async () => {
  const { root, host } = await sandbox()
  const { engine, stop } = await startGateway({ apps: APPS }, { host })
  onTestFinished(stop)
  const hosts = () => readFile(path.join(root, 'etc/hosts'), 'utf8')

  const list = systemListSchema.parse(await engine.call('system.list', {}))
  expect(list.names.find(({ id }) => id === 'hosts')).toMatchObject({ state: 'off', unfit: null, elevated: true })
  const plan = systemPlanSchema.parse(await engine.call('system.plan', WISH))
  expect(plan.settings).toMatchObject([{ id: 'hosts' }])
  await expect(engine.call('system.apply', { ...WISH, id: 'another' })).rejects.toMatchObject({ code: 'conflict' })
  expect(await hosts()).toBe(HOSTS)

  const told: Status[] = []
  engine.on('status', (status) => told.push(status))
  const outcome = systemOutcomeSchema.parse(await engine.call('system.apply', { ...WISH, id: plan.id }))
  expect(outcome).toMatchObject({ ok: true, settings: [{ id: 'hosts', state: 'on' }] })
  expect(told).toHaveLength(1)
  expect(await hosts()).toContain('127.0.0.1\tshop.test\n::1\tshop.test\n')
  expect((await engine.call('system.list', {})).names.find(({ id }) => id === 'hosts')?.state).toBe('on')
})

test('a config that has changed since makes the plan another one', async () => {
  const { host } = await sandbox()
  const gateway = await startGateway({ apps: APPS }, { host })
  onTestFinished(() => gateway.stop())
  const { id } = await gateway.engine.call('system.plan', WISH)
  await gateway.engine.call('app.add', { app: { name: 'blog', port: 3001, hosts: ['blog.test'] } })
  await expect(gateway.engine.call('system.apply', { ...WISH, id })).rejects.toMatchObject({ code: 'conflict' })
})

test('when low ports are permitted, the gateway takes the port that it could not have', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => holder.once('listening', resolve))
  const { port } = holder.address() as { port: number }
  // What is done to the machine is what frees the port: there is no low one that a test may count on.
  const { root, host } = await sandbox(async () => ({ exitCode: 0, stdout: '', stderr: '' }))
  const applied: SystemKeeper['apply'] = async () => {
    await new Promise((resolve) => holder.close(resolve))
    return { ok: true, settings: [] }
  }
  const systemSettings = Object.assign(Object.create(host.systemSettings) as SystemKeeper, { apply: applied })
  const listen = { https: port, http: 0, fallback: [0, 0] as [number, number] }
  const gateway = await startGateway(
    { listen },
    { host: { ...host, systemSettings }, overrides: { bind: ['127.0.0.1'] } },
  )
  onTestFinished(() => gateway.stop())
  const before = gateway.engine.status()
  expect(before.listeners.find(({ protocol }) => protocol === 'https')?.port).not.toBe(port)
  expect(before.warnings.some(({ path: where }) => where === 'listen.https')).toBe(true)
  await gateway.engine.call('system.apply', { group: 'ports', action: 'install', id: root })
  const after = gateway.engine.status()
  expect(after.listeners.find(({ protocol }) => protocol === 'https')?.port).toBe(port)
  expect(after.listeners.find(({ protocol }) => protocol === 'http')).toEqual(
    before.listeners.find(({ protocol }) => protocol === 'http'),
  )
  expect(after.warnings.some(({ path: where }) => where === 'listen.https')).toBe(false)
})

test('an engine that was told of no settings lists none and names the commands', async () => {
  const gateway = await startGateway({})
  onTestFinished(() => gateway.stop())
  expect(await gateway.engine.call('system.list', {})).toEqual({ names: [], ports: [] })
  await expect(gateway.engine.call('system.plan', WISH)).rejects.toMatchObject({
    ...{ code: 'not-supported', hint: expect.stringContaining('portico dns install') },
  })
})
