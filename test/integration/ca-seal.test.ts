import { createPrivateKey } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import tls from 'node:tls'
import pino from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { Engine, type EngineOptions } from '../../src/main/engine/engine.js'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { currentPlatform } from '../../src/main/platform/platform.js'
import { COMMANDS, type CommandName, EVENTS, type EventName } from '../../src/shared/contract.js'
import { MemoryVault } from '../main/engine/tls/memory-vault.js'
import { temporaryDirectory } from '../support/chromium.js'
import { startPanel } from '../support/panel.js'
import { until, within } from '../support/wait.js'

const SHOP = { name: 'shop', port: 1 }
const START_MS = 20_000

interface Seen {
  trusted: boolean
  names: string
}

/** What a client sees that trusts the CA; null: the handshake was refused. */
function visit(engine: Engine, ca: string, servername?: string): Promise<Seen | null> {
  const port = engine.status().listeners.find(({ protocol }) => protocol === 'https')?.port ?? 0
  const seen = new Promise<Seen | null>((resolve) => {
    const sni = servername === undefined ? {} : { servername }
    const client = tls.connect({ host: '127.0.0.1', port, ca, rejectUnauthorized: false, ...sni })
    client.once('error', () => resolve(null))
    client.once('secureConnect', () => {
      resolve({ trusted: client.authorized, names: client.getPeerCertificate().subjectaltname ?? '' })
      client.destroy()
    })
  })
  return within(seen, 'a handshake')
}

function startEngine(dataDir: string, vault: MemoryVault | null, log = pino({ level: 'silent' })): Promise<Engine> {
  const { doctor: _doctor, trustStores: _stores, ...facts } = hostFacts(currentPlatform())
  const configFile = path.join(dataDir, 'config.json')
  const overrides: EngineOptions['overrides'] = { bind: ['127.0.0.1'], https: 0, http: 0 }
  const host = vault === null ? facts : { ...facts, keyVault: vault }
  return Engine.start({ dataDir, configFile, overrides, version: '0', log, host })
}

/** A data directory whose CA is sealed, with certificates for `shop.localhost` and for clients that name no host. */
async function sealedData(): Promise<{ dataDir: string; vault: MemoryVault; pem: string }> {
  const dataDir = await temporaryDirectory('sealed')
  const vault = new MemoryVault()
  const engine = await startEngine(dataDir, vault)
  await engine.call('app.add', { app: SHOP })
  const { pem } = await engine.call('ca.info', {})
  expect(await visit(engine, pem, 'shop.localhost')).toMatchObject({ trusted: true })
  expect(await engine.call('ca.seal', { sealed: true })).toMatchObject({ keyStorage: 'keychain', keyProblem: null })
  await engine.stop({ drainMs: 0 })
  return { dataDir, vault, pem }
}

async function running(dataDir: string, vault: MemoryVault | null): Promise<Engine> {
  const engine = await startEngine(dataDir, vault)
  onTestFinished(() => engine.stop({ drainMs: 0 }))
  return engine
}

test('the key goes into the vault and comes back while the gateway serves, and new hosts have certificates all along', async () => {
  const dataDir = await temporaryDirectory('vault')
  const engine = await running(dataDir, new MemoryVault())
  const { pem, ...plain } = await engine.call('ca.info', {})
  expect(plain).toMatchObject({
    keyStorage: 'file',
    vault: { name: 'the vault of the test', available: true, reason: null },
  })
  expect(plain.keyOpenedBy).toContain(path.join(dataDir, 'ca', 'ca.key'))
  const sealed = await engine.call('ca.seal', { sealed: true })
  expect(sealed).toMatchObject({
    pem,
    keyStorage: 'keychain',
    keyOpenedBy: expect.stringContaining('desktop app'),
  })
  expect((await readdir(path.join(dataDir, 'ca'))).sort()).toEqual(['ca.pem', 'key.sealed'])
  await engine.call('app.add', { app: SHOP })
  expect(await visit(engine, pem, 'shop.localhost')).toEqual({ trusted: true, names: 'DNS:shop.localhost' })

  const rotated = await engine.call('ca.rotate', {})
  expect(rotated.keyStorage).toBe('keychain')
  expect(await readdir(path.join(dataDir, 'ca'))).not.toContain('ca.key')
  expect(await visit(engine, rotated.pem, 'shop.localhost')).toMatchObject({ trusted: true })

  expect(await engine.call('ca.seal', { sealed: false })).toMatchObject({ keyStorage: 'file', pem: rotated.pem })
  expect((await readdir(path.join(dataDir, 'ca'))).sort()).toEqual(['ca.key', 'ca.pem', 'previous'])
  await engine.call('app.add', { app: { name: 'docs', port: 1 } })
  expect(await visit(engine, rotated.pem, 'docs.localhost')).toMatchObject({ trusted: true })
})

test('without a vault nothing is sealed, and what would have to be done is told', async () => {
  const engine = await running(await temporaryDirectory('none'), null)
  expect(await engine.call('ca.info', {})).toMatchObject({ keyStorage: 'file', vault: null })
  await expect(engine.call('ca.seal', { sealed: true })).rejects.toMatchObject({
    code: 'not-supported',
    message: expect.stringContaining('desktop app'),
  })
})

test('a vault that cannot be used is told with its reason, and leaves the key where it is', async () => {
  const dataDir = await temporaryDirectory('unusable')
  const vault = new MemoryVault()
  vault.unavailable = 'this desktop has no keyring'
  const engine = await running(dataDir, vault)
  expect((await engine.call('ca.info', {})).vault).toMatchObject({ available: false, reason: vault.unavailable })
  await expect(engine.call('ca.seal', { sealed: true })).rejects.toMatchObject({
    message: expect.stringContaining('this desktop has no keyring'),
  })
  expect((await readdir(path.join(dataDir, 'ca'))).sort()).toEqual(['ca.key', 'ca.pem'])
})

test('without the vault a sealed CA serves what it has signed, says what it cannot, and stays as it is', async () => {
  const { dataDir, pem } = await sealedData()
  const before = await filesIn(dataDir)
  const engine = await running(dataDir, null)
  expect(engine.status().warnings.map(({ message }) => message)).toEqual([
    expect.stringMatching(/only the desktop app can open.*portico ca unseal/),
  ])
  expect(await visit(engine, pem, 'shop.localhost')).toEqual({ trusted: true, names: 'DNS:shop.localhost' })
  expect(await visit(engine, pem)).toMatchObject({ names: expect.stringContaining('DNS:localhost') })

  await engine.call('app.add', { app: { name: 'docs', port: 1 } })
  await engine.call('app.add', { app: { name: 'address', port: 1, hosts: ['192.168.7.7'] } })
  // The certificate for clients that name no host: a browser warns, and whoever goes on is served.
  expect(await visit(engine, pem, 'docs.localhost')).toEqual({
    trusted: false,
    names: expect.stringMatching(/^DNS:localhost, (?!.*192\.168)/),
  })
  await until(() => engine.status().warnings.some(({ message }) => message.startsWith('docs.localhost: ')), 'a warning')
  const listed = (await engine.call('certificates.list', {})).find(({ name }) => name === 'docs.localhost')
  expect(listed).toMatchObject({
    state: 'missing',
    lastError: expect.stringContaining('only the desktop app can open'),
  })
  await expect(engine.call('certificates.renew', { name: 'shop.localhost' })).rejects.toMatchObject({
    code: 'conflict',
  })
  await expect(engine.call('ca.rotate', {})).rejects.toMatchObject({
    code: 'conflict',
    hint: expect.stringContaining('Start the desktop app'),
  })
  expect(await engine.call('ca.info', {})).toMatchObject({ keyStorage: 'keychain', pem })
  expect(await filesIn(dataDir)).toEqual(before)
})

test('a sealed CA starts without its vault also where there is no certificate for clients that name no host', async () => {
  const { dataDir, pem } = await sealedData()
  await rm(path.join(dataDir, 'certs', '+default'), { recursive: true })
  const engine = await running(dataDir, null)
  expect(await visit(engine, pem, 'shop.localhost')).toMatchObject({ trusted: true })
  expect(await visit(engine, pem)).toBeNull()
})

test('a start does not wait for a person to unlock the vault, and what waited is served then', async () => {
  const { dataDir, vault, pem } = await sealedData()
  await rm(path.join(dataDir, 'certs', '+default'), { recursive: true })
  const unlocked = Promise.withResolvers<void>()
  vault.gate = unlocked.promise
  const engine = await within(running(dataDir, vault), 'the start', START_MS)
  expect(await visit(engine, pem)).toBeNull()
  await engine.call('app.add', { app: { name: 'docs', port: 1 } })
  const waiting = visit(engine, pem, 'docs.localhost')
  unlocked.resolve()
  expect(await waiting).toMatchObject({ trusted: true })
  await until(async () => (await visit(engine, pem)) !== null, 'the certificate for clients that name no host')
})

test('a vault that refuses once and opens later heals by itself, and the status follows', async () => {
  const { dataDir, vault, pem } = await sealedData()
  vault.refusal = 'it is locked'
  const engine = await running(dataDir, vault)
  await engine.call('app.add', { app: { name: 'docs', port: 1 } })
  expect(await visit(engine, pem, 'docs.localhost')).toMatchObject({ trusted: false })
  const told = () => engine.status().warnings.filter(({ message }) => message.includes('it is locked')).length
  await until(() => told() === 2, 'the warnings')
  vault.refusal = null
  await engine.call('ca.seal', { sealed: false })
  expect(await visit(engine, pem, 'docs.localhost')).toMatchObject({ trusted: true })
  expect(told()).toBe(0)
})

test('no command, event, page of the panel or line of the log has the key in it', { timeout: 60_000 }, async () => {
  const lines: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
  const { doctor: _doctor, trustStores: _stores, ...facts } = hostFacts(currentPlatform())
  const { gateway, get, login, own } = await startPanel(
    { apps: [SHOP] },
    { log, host: { ...facts, keyVault: new MemoryVault() } },
  )
  const { engine, dataDir } = gateway
  const keyFile = path.join(dataDir, 'ca', 'ca.key')
  const traces = tracesOf(await readFile(keyFile, 'utf8'))
  const seen: string[] = []
  for (const name of Object.keys(EVENTS) as EventName[])
    engine.on(name, (payload) => void seen.push(JSON.stringify(payload)))

  const cookie = await login()
  for (const at of PATHS) {
    const answer = await get({ path: at, headers: Object.entries(own(cookie)) })
    seen.push(answer.body.toString('latin1'), JSON.stringify(answer.values('location')))
  }
  const names = (Object.keys(COMMANDS) as CommandName[]).filter((name) => name !== 'stop' && name !== 'ca.rotate')
  for (const name of names) {
    const outcome = await engine.call(name, (PARAMS[name] ?? {}) as never).catch((fault: unknown) => fault)
    seen.push(JSON.stringify(outcome))
  }
  // The same key again, so that faults of moving it are among what was seen.
  for (const sealed of [true, false]) seen.push(JSON.stringify(await engine.call('ca.seal', { sealed })))
  for (const name of await readdir(dataDir, { recursive: true, withFileTypes: true }))
    if (name.isFile() && path.join(name.parentPath, name.name) !== keyFile)
      seen.push(await readFile(path.join(name.parentPath, name.name), 'latin1'))

  const everything = [...seen, ...lines].join('\n')
  expect(everything).toContain('BEGIN CERTIFICATE')
  expect(traces.filter((trace) => everything.includes(trace))).toEqual([])
})

/** What leaves no doubt that a text has a private key in it: pieces of its PEM, its scalar in hex and base64. */
function tracesOf(pem: string): string[] {
  const [, first = '', second = ''] = pem.split('\n')
  const scalar = Buffer.from(createPrivateKey(pem).export({ format: 'jwk' }).d ?? '', 'base64url')
  // PKCS #8 of a P-256 key has 36 bytes before the scalar.
  const pieces = [first.slice(48), second.slice(0, 24)]
  expect(scalar.toString('base64').startsWith(first.slice(48))).toBe(true)
  return [...pieces, scalar.toString('hex'), scalar.toString('base64'), scalar.toString('base64url')]
}

const PARAMS: Partial<Record<CommandName, unknown>> = {
  'app.add': { app: { name: 'added', port: 9 } },
  'app.update': { name: 'added', app: { name: 'added', port: 10 } },
  'app.setEnabled': { name: 'shop', enabled: true },
  'app.remove': { name: 'added' },
  'output.list': { app: 'shop' },
  'exchange.get': { id: 'none' },
  'panel.revoke': { id: 'none' },
  'certificates.renew': { name: 'shop.localhost' },
  'ca.seal': { sealed: true },
}

const PATHS = [
  '/',
  '/assets/app.js',
  '/ca.pem',
  '/ca/ca.key',
  '/ca.key',
  '/key.sealed',
  '/../ca/ca.key',
  '/..%2fca%2fca.key',
  '/%2e%2e/%2e%2e/ca/ca.key',
  '/assets/..%5c..%5cca%5cca.key',
  '/api',
  '/phones',
]

/** Every file of the CA and of the certificates, by its content. */
async function filesIn(dataDir: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const folder of ['ca', 'certs']) {
    const entries = await readdir(path.join(dataDir, folder), { recursive: true, withFileTypes: true })
    for (const entry of entries.filter((one) => one.isFile())) {
      const file = path.join(entry.parentPath, entry.name)
      found[path.relative(dataDir, file)] = await readFile(file, 'utf8')
    }
  }
  return found
}
