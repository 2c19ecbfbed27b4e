import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Authority, openAuthority } from '../../src/main/engine/tls/authority.js'
import { issuerOf } from '../../src/main/engine/tls/authority-key.js'
import { issueLeaf } from '../../src/main/engine/tls/issue.js'
import { LEAF_LIFE_MS, validityFrom } from '../../src/main/engine/tls/renewal.js'
import { doctorProbes } from '../../src/main/platform/doctor/doctor-probes.js'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { runProgram } from '../../src/main/platform/plan/run-program.js'
import type { Machine } from '../../src/main/platform/trust-store/machine.js'
import { TrustKeeper } from '../../src/main/platform/trust-store/trust-keeper.js'
import { missingBrowser, temporaryDirectory } from '../support/chromium.js'
import { makeProfile, missingFirefox, startFirefox, type Visit } from '../support/firefox.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { HOST, UNTOLD } from '../support/trust-clients.js'
import { startSocketUpstream } from '../support/websocket.js'

/** A real Firefox, as Debian has it, whose profile Portico's own code makes trust the CA: no override anywhere. */

const MISSING = missingFirefox() ?? missingBrowser()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`Firefox cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED Firefox: ${MISSING}`)

const STORE = 'nss:firefox:shop'
const LONG = { timeout: 240_000 }

test.skipIf(MISSING !== null)(
  'Firefox reads a page after install and refuses it after uninstall, and the doctor says the same of it',
  LONG,
  async () => {
    const { home, machine, keeper } = await begin()
    const gateway = await startSite(home, machine, keeper)
    const ca = await caOf(gateway)
    const profile = await makeProfile(home, 'shop')
    const seen = async () => ({
      page: await visit(home, profile, `https://${HOST}:${gateway.httpsPort}/`),
      doctor: await doctorSays(gateway),
    })
    const refused = { error: expect.stringContaining('SEC_ERROR_UNKNOWN_ISSUER') }

    expect(await seen()).toEqual({ page: refused, doctor: 'fail' })
    const before = listOf(profile)
    await change(keeper, 'install', ca)
    expect(listOf(profile)).not.toBe(before)
    expect(await seen()).toEqual({ page: { text: 'The shop is open.' }, doctor: 'pass' })
    await change(keeper, 'uninstall', ca)
    expect(listOf(profile)).toBe(before)
    expect(await seen()).toEqual({ page: refused, doctor: 'fail' })
    expect(listOf(profile)).toBe(before)
  },
)

test.skipIf(MISSING !== null)(
  'Firefox accepts names within the CA’s constraints and refuses names without',
  LONG,
  async () => {
    const { home, keeper } = await begin()
    const ca = await openAuthority(path.join(home, 'ca'), Date.now())
    const inside = ['shop.localhost', 'deep.x.test', 'nas.local', '127.0.0.1']
    const outside = ['example.com', 'localhost.example.com', 'notlocalhost']
    const names = [...inside, ...outside]
    const profile = await makeProfile(home, 'shop', { 'network.dns.localDomains': names.join(',') })
    const sites = await Promise.all(names.map(async (name) => ({ name, port: await startLeaf(ca, name) })))
    await (await startFirefox(home, profile)).close() // makes the database of certificates
    await change(keeper, 'install', { pem: ca.pem, certFile: ca.certFile })

    const firefox = await startFirefox(home, profile)
    const seen: Record<string, Visit> = {}
    for (const { name, port } of sites) seen[name] = await firefox.visit(`https://${name}:${port}/`)
    await firefox.close()
    const error = expect.stringContaining('SEC_ERROR_CERT_NOT_IN_NAME_SPACE')
    expect(seen).toEqual({
      ...Object.fromEntries(inside.map((name) => [name, { text: 'reached' }])),
      ...Object.fromEntries(outside.map((name) => [name, { error }])),
    })
  },
)

test.skipIf(MISSING !== null).each([
  ['HTTP/2 (RFC 8441)', true, 'h2-websocket'],
  ['HTTP/1.1', false, 'websocket'],
])('a WebSocket of Firefox over %s carries messages both ways', LONG, async (_name, overHttp2, protocol) => {
  const { home, machine, keeper } = await begin()
  const upstream = await startSocketUpstream((socket) => socket.on('message', (data) => socket.send(`echo ${data}`)))
  onTestFinished(() => upstream.close())
  const gateway = await startSite(home, machine, keeper, upstream.port)
  const profile = await makeProfile(home, 'shop', { 'network.http.http2.websockets': overHttp2 })
  await (await startFirefox(home, profile)).close()
  await change(keeper, 'install', await caOf(gateway))

  const firefox = await startFirefox(home, profile)
  expect(await firefox.visit(`https://${HOST}:${gateway.httpsPort}/`)).toEqual({ text: 'The shop is open.' })
  const told = await firefox.evaluate(`new Promise((resolve, reject) => {
    const socket = new WebSocket('wss://' + location.host + '/live')
    socket.onopen = () => socket.send('one')
    socket.onmessage = ({ data }) => { socket.close(); resolve(data) }
    socket.onerror = () => reject(new Error('no WebSocket'))
  })`)
  expect(told).toBe('echo one')
  expect(await gateway.entry('/live')).toMatchObject({ protocol, error: null })
  await firefox.close()
})

/** A person's home folder of the test's own, and their trust stores. */
async function begin() {
  const home = await temporaryDirectory('home')
  const machine: Machine = { platform: 'linux', env: { PATH: UNTOLD.PATH }, home, root: '', run: runProgram }
  return { home, machine, keeper: new TrustKeeper(machine) }
}

async function startSite(home: string, machine: Machine, keeper: TrustKeeper, socketPort?: number) {
  const site = path.join(home, 'site')
  await mkdir(site)
  await writeFile(path.join(site, 'index.html'), '<!doctype html><title>shop</title><p>The shop is open.')
  const host = { ...hostFacts('linux'), doctor: doctorProbes(machine), trustStores: keeper }
  const files = { path: '/', static: { dir: site } }
  const live = { path: '/live', upstream: { backends: [{ url: `http://127.0.0.1:${socketPort}` }] } }
  const routes = socketPort === undefined ? [files] : [live, files]
  const gateway = await startGateway({ apps: [{ name: 'shop', routes }] }, { host })
  onTestFinished(() => gateway.stop())
  return gateway
}

async function caOf({ engine }: TestGateway): Promise<{ pem: string; certFile: string }> {
  const { pem, file: certFile } = await engine.call('ca.info', {})
  return { pem, certFile }
}

async function change(keeper: TrustKeeper, action: 'install' | 'uninstall', ca: { pem: string; certFile: string }) {
  const { id } = await keeper.plan(action, ca, [STORE])
  const state = action === 'install' ? 'trusted' : 'untrusted'
  const outcome = await keeper.apply(action, ca, id, [STORE])
  expect(outcome).toMatchObject({ ok: true, stores: [{ id: STORE, status: { state } }] })
}

async function visit(home: string, profile: string, url: string): Promise<Visit> {
  const firefox = await startFirefox(home, profile)
  const seen = await firefox.visit(url)
  await firefox.close()
  return seen
}

async function doctorSays({ engine }: TestGateway): Promise<string | undefined> {
  const { checks } = await engine.call('doctor.run', {})
  return checks.find(({ id }) => id === `trust:${STORE}`)?.status
}

function listOf(profile: string): string {
  return execFileSync('certutil', ['-L', '-d', `sql:${profile}`], { encoding: 'utf8', timeout: 20_000 })
}

/** A site whose leaf the key of the CA has signed, whatever the name. @returns its port */
async function startLeaf(ca: Authority, name: string): Promise<number> {
  const subject = { organization: 'test', organizationalUnit: 'test' }
  const leaf = await issueLeaf(await issuerOf(ca), subject, [name], validityFrom(Date.now(), LEAF_LIFE_MS))
  const server = https.createServer(leaf, (_request, answer) => {
    answer.setHeader('content-type', 'text/html').end('<title>site</title><p>reached')
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
