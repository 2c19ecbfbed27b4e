import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runProgram } from '../../src/main/platform/plan/run-program.js'
import { certificatesIn, shortFingerprint } from '../../src/main/platform/trust-store/pem.js'
import { TrustKeeper } from '../../src/main/platform/trust-store/trust-keeper.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { contentOf, curlTrusts, HOST, opensslTrusts, pythonTrusts, UNTOLD } from '../support/trust-clients.js'

/** The system's own store, changed for real and put back: for root on Debian, where it was allowed. */

const ALLOWED = process.env.CI === 'true' || process.env.PORTICO_SYSTEM_TESTS === '1'
const UPDATE = '/usr/sbin/update-ca-certificates'
const CERTS = '/etc/ssl/certs'
const ANCHORS = '/usr/local/share/ca-certificates'
const KEYSTORE = '/etc/ssl/certs/java/cacerts'
const JAVA = existsSync(KEYSTORE) && existsSync('/usr/bin/keytool')
const missing = !ALLOWED
  ? 'it changes this system; PORTICO_SYSTEM_TESTS=1 allows it'
  : process.getuid?.() !== 0
    ? 'only root may change it'
    : existsSync(UPDATE)
      ? null
      : 'this is no Debian'
if (missing !== null) console.warn(`SKIPPED the system's trust store: ${missing}`)

let gateway: TestGateway
let home: string
let before: Awaited<ReturnType<typeof snapshot>> | undefined

beforeAll(async () => {
  if (missing !== null) return
  home = await mkdtemp(path.join(os.tmpdir(), 'portico-home-'))
  await writeFile(path.join(home, 'index.html'), 'hello')
  if (JAVA) await copyFile(KEYSTORE, path.join(home, 'cacerts'))
  before = await snapshot()
  gateway = await startGateway({ apps: [{ name: 'shop', static: { dir: home } }] })
})

afterAll(async () => {
  if (missing !== null) return
  await putBack()
  await gateway?.stop()
  await rm(home, { recursive: true, force: true })
})

test.skipIf(missing !== null)(
  'curl, Python, OpenSSL and Java accept a leaf without flags after install; uninstall leaves every byte as it was',
  { timeout: 180_000 },
  async () => {
    const keeper = new TrustKeeper({ platform: 'linux', env: UNTOLD, home, root: '', run: runProgram })
    const { pem, file: certFile } = await gateway.engine.call('ca.info', {})
    const ca = { pem, certFile }
    expect(await verdicts()).toEqual([false, false, false])

    const install = await keeper.plan('install', ca, ['debian'])
    expect(await snapshot(), 'a plan alone changes nothing').toEqual(before)
    const installed = await keeper.apply('install', ca, install.id, ['debian'])
    expect(installed).toMatchObject({ ok: true, stores: [{ status: { state: 'trusted' } }] })
    expect(await verdicts()).toEqual([true, true, true])
    expect((await opensslTrusts(gateway)).said).toContain('Verify return code: 0 (ok)')
    if (JAVA) expect(javaList()).toContain(shortFingerprint(certificatesIn(pem)[0]!.fingerprint))
    expect((await keeper.plan('install', ca, ['debian'])).stores, 'nothing is left to do').toEqual([])

    const removal = await keeper.plan('uninstall', ca, ['debian'])
    expect(await keeper.apply('uninstall', ca, removal.id, ['debian'])).toMatchObject({ ok: true })
    expect(await verdicts()).toEqual([false, false, false])
    expect(await snapshot()).toEqual(before)
  },
)

async function verdicts(): Promise<boolean[]> {
  const all = await Promise.all([curlTrusts(gateway), pythonTrusts(gateway), opensslTrusts(gateway)])
  for (const { accepted, said } of all) if (!accepted) expect(said).toMatch(/certificate|verify/i)
  return all.map(({ accepted }) => accepted)
}

async function snapshot() {
  return { certs: await contentOf(CERTS), anchors: await contentOf(ANCHORS), java: JAVA ? javaList() : '' }
}

function javaList(): string {
  const words = ['-list', '-keystore', KEYSTORE, '-storepass', 'changeit']
  return execFileSync('/usr/bin/keytool', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

/** Whatever came of the test, by Debian's own means. */
async function putBack(): Promise<void> {
  if (before === undefined || isDeepStrictEqual(await snapshot(), before)) return
  const name = `portico-${shortFingerprint(certificatesIn(gateway.ca)[0]!.fingerprint)}`
  console.warn(`putting ${HOST}'s CA out of the system store`)
  await rm(`${ANCHORS}/${name}.crt`, { force: true })
  await rm(`${CERTS}/${name}.pem`, { force: true })
  execFileSync('openssl', ['rehash', CERTS], { stdio: 'ignore' })
  execFileSync(UPDATE, { stdio: 'ignore' })
  if (JAVA) await copyFile(path.join(home, 'cacerts'), KEYSTORE)
}
