import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { runProgram } from '../../src/main/platform/plan/run-program.js'
import { TrustKeeper } from '../../src/main/platform/trust-store/trust-keeper.js'
import {
  type TrustStatus,
  trustOutcomeSchema,
  trustPlanSchema,
  trustStatusSchema,
} from '../../src/shared/trust-schemas.js'
import { missingBrowser, temporaryDirectory } from '../support/chromium.js'
import { startGateway } from '../support/gateway.js'
import { until } from '../support/wait.js'

const MISSING = missingBrowser()
const SELECTION = ['nss:chromium']

test.skipIf(MISSING !== null)('trust is looked at, planned and applied through the contract', async () => {
  const home = await temporaryDirectory('home')
  const keeper = new TrustKeeper({
    platform: 'linux',
    env: { PATH: process.env.PATH },
    home,
    root: '',
    run: runProgram,
  })
  const gateway = await startGateway({}, { host: { ...hostFacts('linux'), trustStores: keeper } })
  onTestFinished(() => gateway.stop())
  const { engine } = gateway

  const status = await engine.call('trust.status', {})
  expect(trustStatusSchema.parse(status).fingerprint).toBe((await engine.call('ca.info', {})).fingerprint)
  expect(status.stores.find(({ id }) => id === 'nss:chromium')?.state).toBe('untrusted')
  const plan = await engine.call('trust.plan', { action: 'install', stores: SELECTION })
  expect(trustPlanSchema.parse(plan).stores).toMatchObject([{ id: 'nss:chromium' }])
  expect(existsSync(path.join(home, '.pki'))).toBe(false)

  const wrong = engine.call('trust.apply', { action: 'install', stores: SELECTION, id: 'another' })
  await expect(wrong).rejects.toMatchObject({ code: 'conflict' })
  expect(existsSync(path.join(home, '.pki'))).toBe(false)
  const outcome = await engine.call('trust.apply', { action: 'install', stores: SELECTION, id: plan.id })
  expect(trustOutcomeSchema.parse(outcome)).toMatchObject({ ok: true, stores: [{ status: { state: 'trusted' } }] })
})

test.skipIf(MISSING !== null)(
  'a store that has the former CA says so, and followers hear of every change',
  async () => {
    const home = await temporaryDirectory('home')
    const env = { PATH: '/usr/bin:/bin' }
    const keeper = new TrustKeeper({ platform: 'linux', env, home, root: '', run: runProgram })
    const gateway = await startGateway({}, { host: { ...hostFacts('linux'), trustStores: keeper } })
    onTestFinished(() => gateway.stop())
    const { engine } = gateway
    const heard: TrustStatus[] = []
    engine.on('trust', (status) => heard.push(trustStatusSchema.parse(status)))
    const own = ({ stores }: TrustStatus) => stores.find(({ id }) => id === 'nss:chromium')
    const change = async (action: 'install' | 'replace') => {
      const { id } = await engine.call('trust.plan', { action, stores: SELECTION })
      expect(await engine.call('trust.apply', { action, stores: SELECTION, id })).toMatchObject({ ok: true })
    }

    await change('install')
    await until(() => heard.length === 1, 'the event of a store')
    expect(own(heard[0]!)).toMatchObject({ state: 'trusted' })
    expect(own(heard[0]!)?.former).toBeUndefined()
    await engine.call('ca.rotate', {})
    await until(() => heard.length === 2, 'the event of a rotation')
    expect(heard[1]?.fingerprint).toBe((await engine.call('ca.info', {})).fingerprint)
    expect(own(heard[1]!)).toMatchObject({ state: 'stale', former: true })
    await change('replace')
    await until(() => heard.length === 3, 'the event of a replacement')
    expect(own(heard[2]!)).toMatchObject({ state: 'trusted', detail: '' })
    expect(own(heard[2]!)?.former).toBeUndefined()
  },
)

test('an engine that was told of no stores says so', async () => {
  const gateway = await startGateway({})
  onTestFinished(() => gateway.stop())
  expect((await gateway.engine.call('trust.status', {})).stores).toEqual([])
  const plan = gateway.engine.call('trust.plan', { action: 'install' })
  await expect(plan).rejects.toMatchObject({
    code: 'not-supported',
    hint: expect.stringContaining('portico ca install'),
  })
})
