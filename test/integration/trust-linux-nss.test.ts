import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { runProgram } from '../../src/main/platform/plan/run-program.js'
import { TrustKeeper } from '../../src/main/platform/trust-store/trust-keeper.js'
import { missingBrowser, temporaryDirectory } from '../support/chromium.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { HOST, UNTOLD } from '../support/trust-clients.js'

const MISSING = missingBrowser()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`browsers' stores cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED browsers' trust stores: ${MISSING}`)

async function begin() {
  const home = await temporaryDirectory('home')
  const site = path.join(home, 'site')
  await mkdir(site)
  await writeFile(path.join(site, 'index.html'), '<!doctype html><title>shop</title>')
  const gateway = await startGateway({ apps: [{ name: 'shop', static: { dir: site } }] })
  onTestFinished(() => gateway.stop())
  const { pem, file: certFile } = await gateway.engine.call('ca.info', {})
  const keeper = new TrustKeeper({ platform: 'linux', env: { PATH: UNTOLD.PATH }, home, root: '', run: runProgram })
  return { home, gateway, keeper, ca: { pem, certFile } }
}

async function change(keeper: TrustKeeper, action: 'install' | 'uninstall', ca: { pem: string; certFile: string }) {
  const { id } = await keeper.plan(action, ca, ['nss'])
  return keeper.apply(action, ca, id, ['nss'])
}

test.skipIf(MISSING !== null)(
  'Chromium loads a page after install without any override, and refuses it after uninstall',
  { timeout: 120_000 },
  async () => {
    const { home, gateway, keeper, ca } = await begin()
    expect(await visit(home, gateway)).toContain('ERR_CERT_AUTHORITY_INVALID')
    const outcome = await change(keeper, 'install', ca)
    expect(outcome).toMatchObject({ ok: true, stores: [{ id: 'nss:chromium', status: { state: 'trusted' } }] })
    expect(await visit(home, gateway)).toBe('shop')
    expect(await change(keeper, 'uninstall', ca)).toMatchObject({ ok: true })
    expect(await visit(home, gateway)).toContain('ERR_CERT_AUTHORITY_INVALID')
  },
)

test.skipIf(MISSING !== null)('profiles of Firefox keep what they had before, install to uninstall', async () => {
  const { home, keeper, ca, gateway } = await begin()
  const firefox = path.join(home, '.mozilla/firefox')
  const profile = path.join(firefox, 'abc.default')
  await makeDatabase(profile, '--empty-password')
  await writeFile(path.join(firefox, 'profiles.ini'), '[Profile0]\nName=default\nIsRelative=1\nPath=abc.default\n')
  const other = path.join(home, 'other.pem')
  const own = await startGateway({})
  onTestFinished(() => own.stop())
  await writeFile(other, own.ca)
  certutil(profile, '-A', '-n', "Ann's own, CA", '-t', 'CT,C,C', '-i', other)
  const before = certutil(profile, '-L')
  const selection = ['nss:firefox']
  const install = await keeper.plan('install', ca, selection)
  expect(await keeper.apply('install', ca, install.id, selection)).toMatchObject({ ok: true })
  expect(certutil(profile, '-L')).not.toBe(before)
  const removal = await keeper.plan('uninstall', ca, selection)
  expect(await keeper.apply('uninstall', ca, removal.id, selection)).toMatchObject({ ok: true })
  expect(certutil(profile, '-L')).toBe(before)
  expect(gateway.caFile).toBe(ca.certFile)
})

test.skipIf(MISSING !== null)('a database with a password of its own refuses, and is left as it was', async () => {
  const { home, keeper, ca } = await begin()
  const firefox = path.join(home, '.mozilla/firefox')
  const profile = path.join(firefox, 'locked')
  await writeFile(path.join(home, 'password'), 'secret word\n')
  await makeDatabase(profile, '-f', path.join(home, 'password'))
  await writeFile(path.join(firefox, 'profiles.ini'), '[Profile0]\nName=locked\nPath=locked\n')
  const before = certutil(profile, '-L')
  const { id } = await keeper.plan('install', ca, ['nss:firefox'])
  expect(await keeper.apply('install', ca, id, ['nss:firefox'])).toMatchObject({
    ok: false,
    stores: [{ outcome: { state: 'failed', message: expect.stringContaining('BAD_PASSWORD') } }],
  })
  expect(certutil(profile, '-L')).toBe(before)
})

async function makeDatabase(folder: string, ...password: string[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  certutil(folder, '-N', ...password)
}

function certutil(folder: string, ...words: string[]): string {
  return execFileSync('certutil', [...words, '-d', `sql:${folder}`], { encoding: 'utf8', timeout: 20_000 })
}

/** The title of the page, or why it is not shown. */
async function visit(home: string, gateway: TestGateway): Promise<string> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    env: { ...UNTOLD, HOME: home, XDG_CONFIG_HOME: path.join(home, '.config') } as Record<string, string>,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    timeout: 60_000,
  })
  try {
    const page = await browser.newPage()
    await page.goto(`https://${HOST}:${gateway.httpsPort}/`)
    return await page.title()
  } catch (error) {
    return String(error)
  } finally {
    await browser.close()
  }
}
