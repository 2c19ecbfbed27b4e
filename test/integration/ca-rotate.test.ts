import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import tls from 'node:tls'
import pino from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { Engine } from '../../src/main/engine/engine.js'
import { runProgram } from '../../src/main/platform/plan/run-program.js'
import { TrustKeeper } from '../../src/main/platform/trust-store/trust-keeper.js'
import type { Status } from '../../src/shared/contract.js'
import { missingBrowser, temporaryDirectory } from '../support/chromium.js'
import type { TestGateway } from '../support/gateway.js'
import { gatewayFor } from '../support/handshake.js'
import { RawClient } from '../support/raw-client.js'
import { UNTOLD } from '../support/trust-clients.js'
import { startUpstream } from '../support/upstream.js'
import { within } from '../support/wait.js'

interface Seen {
  trusted: boolean
  names: string
  fingerprint: string
}

/** What a client sees that trusts a CA. */
function visit(gateway: TestGateway, servername: string, ca: string): Promise<Seen> {
  return within(
    new Promise((resolve, reject) => {
      const client = tls.connect({
        host: '127.0.0.1',
        port: gateway.httpsPort,
        servername,
        ca,
        rejectUnauthorized: false,
      })
      client.once('error', reject)
      client.once('secureConnect', () => {
        const { subjectaltname = '', fingerprint256: fingerprint } = client.getPeerCertificate()
        resolve({ trusted: client.authorized, names: subjectaltname, fingerprint })
        client.destroy()
      })
    }),
    'a handshake',
  )
}

const APPS = [
  { name: 'shop', port: 1 },
  { name: 'site', port: 1, hosts: ['site.example.com', '*.wild.example.com', '203.0.113.7'] },
]

test('a host that the CA may not vouch for is told, gets no certificate of its own, and the CA stays as narrow', async () => {
  const gateway = await gatewayFor({ apps: APPS })
  const { warnings } = gateway.engine.status()
  expect(warnings.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^site\.example\.com: .*portico ca rotate --add-domain site\.example\.com$/),
    expect.stringMatching(/^\*\.wild\.example\.com: .*--add-domain wild\.example\.com$/),
    expect.stringMatching(/^203\.0\.113\.7: .*--add-domain 203\.0\.113\.7$/),
  ])
  const seen = await visit(gateway, 'site.example.com', gateway.ca)
  expect(seen).toMatchObject({ trusted: false, names: expect.stringMatching(/^DNS:localhost, /) })
  expect(seen.names).not.toMatch(/example|203/)
  expect(await visit(gateway, 'shop.localhost', gateway.ca)).toMatchObject({ trusted: true })
  const states = (await gateway.engine.call('certificates.list', {})).map(({ name, state }) => [name, state])
  expect(states).toContainEqual(['site.example.com', 'outside-constraints'])
  await expect(gateway.engine.call('certificates.renew', { name: 'site.example.com' })).rejects.toMatchObject({
    code: 'conflict',
    hint: expect.stringContaining('portico ca rotate --add-domain site.example.com'),
  })
  expect(await readdir(path.join(gateway.dataDir, 'certs'))).not.toContain('site.example.com')
  const { constraints, expiring } = await gateway.engine.call('ca.info', {})
  expect(constraints?.dns).toEqual(['localhost', 'test', 'internal', 'local', 'home.arpa'])
  expect(expiring).toBe(false)
})

test('a rotation serves with the new CA at once: old leaves go, new hosts are permitted, connections live on', async () => {
  const upstream = await startUpstream()
  onTestFinished(() => upstream.close())
  const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }, ...APPS] })
  const client = await RawClient.connect(gateway)
  const before = await visit(gateway, 'shop.localhost', gateway.ca)
  const told: Status[] = []
  gateway.engine.on('status', (status) => told.push(status))

  const addDomains = ['example.com', '203.0.113.7']
  const next = await gateway.engine.call('ca.rotate', { addDomains })
  expect(next.constraints?.dns).toContain('example.com')
  expect(next.pem).toBe(await readFile(gateway.caFile, 'utf8'))
  expect(await gateway.engine.call('ca.info', {})).toEqual(next)
  expect(told.at(-1)?.warnings).toEqual([])
  expect(await readdir(path.join(gateway.dataDir, 'certs'))).toEqual(['+default'])

  const after = await visit(gateway, 'shop.localhost', next.pem)
  expect(after).toMatchObject({ trusted: true, names: 'DNS:shop.localhost' })
  expect(after.fingerprint).not.toBe(before.fingerprint)
  expect((await visit(gateway, 'shop.localhost', gateway.ca)).trusted).toBe(false)
  expect(await visit(gateway, 'site.example.com', next.pem)).toMatchObject({ trusted: true })
  expect(await visit(gateway, 'a.wild.example.com', next.pem)).toMatchObject({ trusted: true })
  expect(await visit(gateway, 'localhost', next.pem)).toMatchObject({
    trusted: true,
    names: expect.stringContaining('203.0.113.7'),
  })
  client.send('GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
  await client.receive(/ok$/)
  client.socket.destroy()
})

test('two rotations at once are made one after the other, and a refused one changes nothing', async () => {
  const gateway = await gatewayFor({ apps: APPS })
  const rotate = (domain: string) => gateway.engine.call('ca.rotate', { addDomains: [domain] })
  await expect(rotate('a b')).rejects.toMatchObject({ code: 'usage' })
  expect((await gateway.engine.call('ca.info', {})).pem).toBe(gateway.ca)
  const [, second] = await Promise.all([rotate('a.example'), rotate('b.example')])
  expect(second.constraints?.dns.slice(5)).toEqual(['a.example', 'b.example'])
  expect((await visit(gateway, 'shop.localhost', second.pem)).trusted).toBe(true)
})

test('a CA without constraints, as older versions made it, serves on and is told', async () => {
  const dataDir = await temporaryDirectory('old')
  const ca = path.join(dataDir, 'ca')
  await mkdir(ca)
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '29'],
      ...['-subj', '/O=Portico local CA/CN=old', '-addext', 'basicConstraints=critical,CA:TRUE,pathlen:0'],
      ...['-out', path.join(ca, 'ca.pem'), '-keyout', path.join(ca, 'ca.key')],
    ],
    { stdio: 'ignore' },
  )
  const log = pino({ level: 'silent' })
  const configFile = path.join(dataDir, 'config.json')
  const engine = await Engine.start({ dataDir, configFile, overrides: { https: 0, http: 0 }, version: '0', log })
  onTestFinished(() => engine.stop({ drainMs: 0 }))
  expect(engine.status().warnings.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^The local CA expires on 20.*portico ca rotate$/),
    expect.stringMatching(/^The local CA may vouch for every name.*portico ca rotate$/),
  ])
  expect(await engine.call('ca.info', {})).toMatchObject({ constraints: null, expiring: true })
  await engine.call('ca.rotate', {})
  expect(engine.status().warnings).toEqual([])
})

test.skipIf(missingBrowser() !== null)(
  'stores that trust the former CA get the new one in its place, in one plan',
  async () => {
    const home = await temporaryDirectory('home')
    const gateway = await gatewayFor({ apps: APPS })
    const machine = { platform: 'linux', env: { PATH: UNTOLD.PATH }, home, root: '', run: runProgram } as const
    const keeper = new TrustKeeper(machine)
    const trusted = async () => execFileSync('certutil', ['-L', '-d', `sql:${home}/.pki/nssdb`], { encoding: 'utf8' })
    const first = { pem: gateway.ca, certFile: gateway.caFile }
    const { id } = await keeper.plan('install', first, ['nss'])
    await keeper.apply('install', first, id, ['nss'])
    const old = await trusted()

    const { pem, file: certFile, fingerprint } = await gateway.engine.call('ca.rotate', {})
    const [former] = await readdir(path.join(gateway.dataDir, 'ca/previous'))
    const pemOfFormer = await readFile(path.join(gateway.dataDir, 'ca/previous', former!), 'utf8')
    expect(pemOfFormer).toBe(gateway.ca)
    const second = { pem, certFile, former: [new X509Certificate(pemOfFormer).fingerprint256] }
    const status = await keeper.status(second)
    expect(status.find((one) => one.id === 'nss:chromium')).toMatchObject({ state: 'stale' })
    const plan = await keeper.plan('replace', second, ['nss'])
    expect(plan.stores.map((store) => store.id)).toEqual(['nss:chromium'])
    expect(await keeper.apply('replace', second, plan.id, ['nss'])).toMatchObject({
      ok: true,
      stores: [{ id: 'nss:chromium', status: { state: 'trusted', detail: '' } }],
    })
    const now = await trusted()
    expect(now).not.toBe(old)
    expect(now).toContain(fingerprint.replaceAll(':', '').slice(0, 16).toLowerCase())
    expect(now.match(/Portico/g)).toHaveLength(1)
    expect((await keeper.plan('replace', second, ['nss'])).stores).toEqual([])
  },
)
