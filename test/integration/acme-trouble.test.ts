import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import acme from 'acme-client'
import { expect, test } from 'vitest'
import { acmeBench, ISSUING_MS, issued, seenBy } from '../support/acme.js'
import { startFront } from '../support/acme-front.js'
import { pebbleMissing } from '../support/pebble.js'
import { until } from '../support/wait.js'

const MISSING = pebbleMissing('trouble with ACME')
const HOST = 'shop.gw.test'
const LONG = { timeout: 90_000 }

test.skipIf(MISSING !== null)(
  'half of all nonces are refused, and the certificate comes all the same',
  LONG,
  async () => {
    const bench = await acmeBench({ badNonces: 50 })
    await bench.want([HOST])
    expect((await issued(bench, HOST)).source).toBe('acme')
    expect(bench.pebble.log()).toContain('reject 50%')
  },
)

test.skipIf(MISSING !== null)(
  'while the directory is down the local CA serves and the status says why; when it is back, so is the certificate',
  LONG,
  async () => {
    const bench = await acmeBench()
    await bench.pebble.stop()
    await bench.want([HOST])
    await until(() => bench.warning(HOST)?.includes('cannot be reached'), 'the status names the failure', ISSUING_MS)
    expect(bench.warning(HOST)).toMatch(/ECONNREFUSED.*Check the network.*the local CA serves this host instead$/)
    expect(await bench.status(HOST)).toMatchObject({ source: 'acme', state: 'missing' })
    expect(await seenBy(bench.gateway, HOST, bench.gateway.ca)).toMatchObject({ authorized: true })
    await bench.pebble.start()
    const renewed = await bench.gateway.engine.call('certificates.renew', { name: HOST })
    expect(renewed).toMatchObject({ source: 'acme', state: 'valid', lastError: null })
    expect(bench.warning(HOST)).toBeNull()
  },
)

test.skipIf(MISSING !== null)(
  'a renewal gives new handshakes the new certificate; one that fails leaves the old one serving',
  LONG,
  async () => {
    const bench = await acmeBench()
    const { engine } = bench.gateway
    await bench.want([HOST])
    const first = await issued(bench, HOST)
    const second = await engine.call('certificates.renew', { name: HOST })
    expect(second.fingerprint).not.toBe(first.fingerprint)
    const root = await bench.pebble.root()
    expect((await seenBy(bench.gateway, HOST, root)).fingerprint).toBe(second.fingerprint)
    await bench.pebble.stop()
    await expect(engine.call('certificates.renew', { name: HOST })).rejects.toMatchObject({
      code: 'certificate-invalid',
      message: expect.stringContaining('cannot be reached'),
    })
    expect(await seenBy(bench.gateway, HOST, root)).toMatchObject({ fingerprint: second.fingerprint, authorized: true })
    expect(bench.warning(HOST)).toContain('the former certificate is still served')
  },
)

test.skipIf(MISSING !== null)(
  'a directory that has forgotten the account gets it anew, with the same key',
  LONG,
  async () => {
    const bench = await acmeBench()
    await bench.want([HOST])
    await issued(bench, HOST)
    await bench.pebble.stop()
    await bench.pebble.start()
    const renewed = await bench.gateway.engine.call('certificates.renew', { name: HOST })
    expect(renewed).toMatchObject({ source: 'acme', state: 'valid', lastError: null })
    const accounts = path.join(bench.gateway.dataDir, 'acme')
    expect(await readdir(path.join(accounts, (await readdir(accounts))[0] ?? ''))).toEqual(['account.key'])
  },
)

test.skipIf(MISSING !== null)('an account that was deactivated is replaced by a new one', LONG, async () => {
  const bench = await acmeBench()
  await bench.want([HOST])
  await issued(bench, HOST)
  const accounts = path.join(bench.gateway.dataDir, 'acme')
  const directory = path.join(accounts, (await readdir(accounts))[0] ?? '')
  const accountKey = await readFile(path.join(directory, 'account.key'))
  acme.axios.defaults.httpsAgent = new (await import('node:https')).Agent({ ca: bench.pebble.ca })
  const client = new acme.Client({ directoryUrl: bench.pebble.directory, accountKey })
  await client.createAccount({ termsOfServiceAgreed: true, contact: ['mailto:a@b.cd'] })
  await client.updateAccount({ status: 'deactivated' })
  const renewed = await bench.gateway.engine.call('certificates.renew', { name: HOST })
  expect(renewed).toMatchObject({ source: 'acme', state: 'valid', lastError: null })
  expect((await readFile(path.join(directory, 'account.key'))).equals(accountKey)).toBe(false)
  expect((await readdir(directory)).some((name) => name.startsWith('account.key.deactivated-'))).toBe(true)
})

test.skipIf(MISSING !== null)(
  'a directory that asks for a pause gets it, from people too, and the status says so',
  LONG,
  async () => {
    const bench = await acmeBench()
    const front = await startFront(bench.pebble)
    const problem = { type: 'urn:ietf:params:acme:error:rateLimited', detail: 'too many orders' }
    front.answer = (at) =>
      at.includes('order-plz') ? { status: 429, headers: { 'Retry-After': '7200' }, body: problem } : null
    await bench.want([HOST], { directory: front.directory, caFile: front.caFile })
    await until(() => bench.warning(HOST)?.includes('too many orders'), 'the status names the limit', ISSUING_MS)
    const before = front.requests.length
    await expect(bench.gateway.engine.call('certificates.renew', { name: HOST })).rejects.toMatchObject({
      code: 'overloaded',
      hint: expect.stringMatching(/^Ask again in (119|120) min/),
    })
    expect(front.requests).toHaveLength(before)
    expect(front.requests.filter((line) => line.includes('order-plz'))).toHaveLength(1)
    expect(await seenBy(bench.gateway, HOST, bench.gateway.ca)).toMatchObject({ authorized: true })
  },
)

test.skipIf(MISSING !== null)('a host that the authority cannot reach says what must be put right', LONG, async () => {
  const bench = await acmeBench({ httpPort: 1 })
  await bench.want([HOST])
  await until(() => bench.warning(HOST)?.includes('could not check'), 'the status names the failure', ISSUING_MS)
  expect(bench.warning(HOST)).toMatch(/its port 80 \(listen\.http\) to Portico; the local CA serves this host instead$/)
})
