import { execFileSync } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { viewOfFiles } from '../../src/main/engine/doctor/gateway-view.js'
import { runDoctor } from '../../src/main/engine/doctor/run-doctor.js'
import { doctorProbes } from '../../src/main/platform/doctor/doctor-probes.js'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { runProgram } from '../../src/main/platform/plan/run-program.js'
import type { Machine } from '../../src/main/platform/trust-store/machine.js'
import { TrustKeeper } from '../../src/main/platform/trust-store/trust-keeper.js'
import { type DoctorCheck, type DoctorProgress, doctorReportSchema } from '../../src/shared/doctor-schemas.js'
import { missingBrowser, temporaryDirectory } from '../support/chromium.js'
import { startGateway, type TestConfig } from '../support/gateway.js'
import { sandboxMachine } from '../support/sandbox-machine.js'
import { UNTOLD } from '../support/trust-clients.js'

const MISSING = missingBrowser()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the doctor cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the doctor's look at Chromium: ${MISSING}`)

/** This machine, with a home of its own and clients that were told of no certificates. */
async function ownMachine(env: NodeJS.ProcessEnv = {}): Promise<Machine> {
  const home = await temporaryDirectory('home')
  return { platform: 'linux', env: { ...UNTOLD, HOME: home, ...env }, home, root: '', run: runProgram }
}

function hostOf(machine: Machine) {
  return { ...hostFacts('linux'), doctor: doctorProbes(machine), trustStores: new TrustKeeper(machine) }
}

async function begin(machine: Machine, config: TestConfig = {}) {
  await mkdir(path.join(machine.home, 'site'), { recursive: true })
  await writeFile(path.join(machine.home, 'site/index.html'), '<!doctype html><title>shop</title>')
  const apps = [{ name: 'shop', static: { dir: path.join(machine.home, 'site') } }]
  const gateway = await startGateway({ apps, ...config }, { host: hostOf(machine) })
  onTestFinished(() => gateway.stop())
  return gateway
}

function checkOf(checks: readonly DoctorCheck[], id: string): DoctorCheck | undefined {
  return checks.find((check) => check.id === id)
}

test.skipIf(MISSING !== null)(
  'clients that do not trust the CA fail with a fix, and pass when it was done',
  { timeout: 120_000 },
  async () => {
    const machine = await ownMachine()
    const { engine, dataDir, caFile, ca } = await begin(machine)
    const before = doctorReportSchema.parse(await engine.call('doctor.run', {}))
    expect(checkOf(before.checks, 'gateway')?.status).toBe('pass')
    for (const client of ['curl', 'openssl', 'python', 'chromium']) {
      expect(checkOf(before.checks, `client:${client}`)).toMatchObject({
        status: 'fail',
        message: expect.stringContaining('does not trust the local CA'),
      })
    }
    expect(checkOf(before.checks, 'client:curl')?.fix).toMatchObject({
      command: expect.stringMatching(/^portico --data-dir \S+ ca install --store \w+$/),
      plan: { action: 'install' },
    })
    expect(checkOf(before.checks, 'client:node')).toMatchObject({
      status: 'warn',
      fix: { command: expect.stringContaining('env)"') },
    })
    const fix = checkOf(before.checks, 'client:chromium')?.fix
    expect(fix?.plan).toMatchObject({ action: 'install', stores: ['nss:chromium'] })

    const wish = { action: 'install' as const, stores: ['nss:chromium'] }
    const plan = await engine.call('trust.plan', wish)
    expect(await engine.call('trust.apply', { ...wish, id: plan.id })).toMatchObject({ ok: true })
    Object.assign(machine.env, await new TrustKeeper(machine).variables({ pem: ca, certFile: caFile }, dataDir))
    const after = await engine.call('doctor.run', {})
    for (const client of ['curl', 'openssl', 'python', 'chromium', 'node']) {
      expect([client, checkOf(after.checks, `client:${client}`)?.status]).toEqual([client, 'pass'])
    }
    expect(checkOf(after.checks, 'trust:nss:chromium')?.status).toBe('pass')
  },
)

test('who asks while it looks gets the same report, and followers hear of each topic', {
  timeout: 90_000,
}, async () => {
  const { engine } = await begin(await ownMachine({ PATH: '/nowhere' }))
  const heard: DoctorProgress[] = []
  engine.on('doctor', (progress) => heard.push(progress))
  const [one, other] = await Promise.all([engine.call('doctor.run', {}), engine.call('doctor.run', {})])
  expect(one).toBe(other)
  expect(heard[0]?.running).toContain('client:curl')
  expect(heard.at(-1)).toEqual({ ...one, running: [] })
  expect(one.checks.some(({ id }) => id.startsWith('client:'))).toBe(process.execPath.endsWith('node'))
})

test('it looks at some topics alone, after a look at all that is under way', { timeout: 60_000 }, async () => {
  const { host } = await sandboxMachine()
  const apps = [{ name: 'shop', port: 3000, hosts: ['shop.test'] }]
  const gateway = await startGateway({ apps }, { host })
  onTestFinished(() => gateway.stop())
  const order: string[] = []
  const all = gateway.engine.call('doctor.run', {}).then((report) => {
    order.push('all')
    return report
  })
  const some = gateway.engine.call('doctor.run', { topics: ['name', 'ca'] }).then((report) => {
    order.push('some')
    return report
  })
  const [everything, few] = await Promise.all([all, some])
  expect(order).toEqual(['all', 'some'])
  expect(few.checks.map(({ id }) => id)).toEqual(['name:shop.test', 'name:portico.localhost', 'ca'])
  expect(everything.checks.map(({ id }) => id)).toEqual(expect.arrayContaining(['gateway', 'hosts-file', 'ca']))
  expect(checkOf(few.checks, 'name:shop.test')?.fix?.plan).toEqual({
    ...{ kind: 'system', group: 'names', action: 'install' },
  })
})

test('without a gateway it says so first, and looks at what there is', { timeout: 60_000 }, async () => {
  const machine = await ownMachine({ HTTPS_PROXY: 'http://ann:secret@proxy.invalid:8080' })
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await new Promise((resolve) => taken.once('listening', resolve))
  const { port } = taken.address() as { port: number }
  const configFile = path.join(machine.home, 'config.json')
  await writeFile(
    configFile,
    JSON.stringify({ version: 1, listen: { https: port }, apps: [{ name: 'shop', port: 3000 }] }),
  )
  const scene = { host: hostOf(machine), dataDir: path.join(machine.home, 'data'), portico: 'portico', now: Date.now() }
  const { checks } = await runDoctor({ ...scene, view: await viewOfFiles(configFile) })
  expect(checks[0]).toMatchObject({ id: 'gateway', status: 'fail', fix: { command: 'portico serve' } })
  expect(checkOf(checks, 'port:https')).toMatchObject({
    status: 'warn',
    message: expect.stringContaining(`Port ${port} is taken by`),
    fix: { text: expect.stringContaining(`PID ${process.pid}`) },
  })
  expect(checkOf(checks, 'ca')).toMatchObject({ status: 'fail', fix: { command: 'portico ca install' } })
  expect(checkOf(checks, 'proxy')).toMatchObject({ status: 'warn', message: expect.stringContaining('shop.localhost') })
  expect(JSON.stringify(checks)).not.toContain('secret')
  expect(checks.some(({ id }) => id.startsWith('client:'))).toBe(false)
})

test('a config that is wrong on disk is told of with the place of what is wrong', { timeout: 60_000 }, async () => {
  const machine = await ownMachine({ PATH: '/nowhere' })
  const configFile = path.join(machine.home, 'config.json')
  await writeFile(configFile, '{"version":1,"apps":[{"name":"Shop!"}]}')
  const scene = { host: hostOf(machine), dataDir: machine.home, portico: 'portico', now: Date.now() }
  const { checks } = await runDoctor({ ...scene, view: await viewOfFiles(configFile) })
  expect(checkOf(checks, 'config:problem-1')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('apps[0]'),
    fix: { command: `portico config check ${configFile}` },
  })
})

test('a hosts file that leads a name elsewhere, and lines of ours that are stale', { timeout: 60_000 }, async () => {
  const machine = { ...(await ownMachine({ PATH: '/nowhere' })), root: await temporaryDirectory('root') }
  await mkdir(path.join(machine.root, 'etc'))
  const lines = ['10.1.2.3 shop.localhost', '# BEGIN Portico', '127.0.0.1\told.localhost', '# END Portico', '']
  await writeFile(path.join(machine.root, 'etc/hosts'), lines.join('\n'))
  await writeFile(path.join(machine.root, 'etc/resolv.conf'), 'search corp.invalid\noptions ndots:5\n')
  const { engine } = await begin(machine)
  const { checks } = await engine.call('doctor.run', {})
  expect(checkOf(checks, 'hosts-file:1')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('10.1.2.3'),
  })
  expect(checkOf(checks, 'hosts-file:3')).toMatchObject({
    status: 'warn',
    fix: { command: expect.stringContaining('dns install --via hosts') },
  })
  expect(checkOf(checks, 'search-domain')).toMatchObject({
    status: 'warn',
    message: expect.stringContaining('corp.invalid'),
  })
})

test('a key that others may read fails, and the command given closes it', { timeout: 60_000 }, async () => {
  const { engine, dataDir } = await begin(await ownMachine({ PATH: '/nowhere' }))
  const key = path.join(dataDir, 'ca/ca.key')
  await chmod(key, 0o644)
  const found = checkOf((await engine.call('doctor.run', {})).checks, `file:${key}`)
  expect(found).toMatchObject({ status: 'fail', message: expect.stringContaining('0644') })
  execFileSync('sh', ['-c', found!.fix!.command!])
  expect(checkOf((await engine.call('doctor.run', {})).checks, 'file')?.status).toBe('pass')
})
