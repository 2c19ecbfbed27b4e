import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { doctorProbes } from '../../src/main/platform/doctor/doctor-probes.js'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { runProgram } from '../../src/main/platform/plan/run-program.js'
import { TrustKeeper } from '../../src/main/platform/trust-store/trust-keeper.js'
import { missingBrowser, temporaryDirectory } from '../support/chromium.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { HOSTS, sandboxMachine } from '../support/sandbox-machine.js'
import { UNTOLD } from '../support/trust-clients.js'
import { openWindowPage } from '../support/window-page.js'

const MISSING = missingBrowser()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the doctor's screen cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the doctor's screen in Chromium: ${MISSING}`)

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** A gateway on a machine whose browsers and tools have a home of their own. */
async function begin() {
  const home = await temporaryDirectory('home')
  await mkdir(path.join(home, 'site'))
  await writeFile(path.join(home, 'site/index.html'), '<!doctype html><title>shop</title>')
  const machine = { platform: 'linux' as const, env: { ...UNTOLD, HOME: home }, home, root: '', run: runProgram }
  const host = { ...hostFacts('linux'), doctor: doctorProbes(machine), trustStores: new TrustKeeper(machine) }
  const gateway = await startGateway({ apps: [{ name: 'shop', static: { dir: path.join(home, 'site') } }] }, { host })
  onTestFinished(() => gateway.stop())
  return gateway
}

/** The doctor's screen when everything has been looked at. */
async function openDoctor(gateway: TestGateway) {
  const opened = await openWindowPage(gateway.engine, { reducedMotion: 'reduce' })
  await opened.page.getByRole('heading', { name: 'Apps', level: 1 }).waitFor()
  await opened.page.keyboard.press('7')
  await opened.page.getByRole('button', { name: 'Check again' }).waitFor({ timeout: 60_000 })
  return opened
}

function lineOf(page: Page, text: string | RegExp) {
  return page.getByRole('listitem').filter({ hasText: text })
}

test.skipIf(MISSING !== null).each(['light', 'dark'] as const)(
  'a client that does not trust the CA is told of, and its fix shows what it changes before it does that, %s',
  { timeout: 120_000 },
  async (colorScheme) => {
    const gateway = await begin()
    const { page, complaints } = await openWindowPage(gateway.engine, { colorScheme, reducedMotion: 'reduce' })
    await page.getByRole('button', { name: 'No problems' }).click()
    await page.getByRole('heading', { name: 'Doctor', level: 1 }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Check again' }).waitFor({ timeout: 60_000 })
    await lineOf(page, 'Chromium does not trust the local CA').getByText('Failed').waitFor()
    await lineOf(page, 'curl does not trust the local CA').getByText('Failed').waitFor()
    await page.getByText(/^Last checked/).waitFor()
    await page
      .getByRole('contentinfo')
      .getByRole('button', { name: /\d+ problems$/ })
      .waitFor()
    expect(await violations(page)).toEqual([])
    await shoot(page, `doctor-${colorScheme}`)

    const line = lineOf(page, 'Chromium does not trust the local CA')
    await line.getByRole('button', { name: 'Copy fix command' }).click()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('ca install --store nss:chromium')
    await line.getByRole('button', { name: 'Fix it…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Trust the local CA' })
    await dialog.getByText('certutil -A').waitFor()
    expect(await violations(page)).toEqual([])
    await shoot(page, `doctor-plan-${colorScheme}`)
    await dialog.getByRole('button', { name: 'Install', exact: true }).click()
    await dialog.getByText('Done').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await lineOf(page, 'Chromium trusts the certificate').getByText('In order').waitFor({ timeout: 60_000 })
    await lineOf(page, 'curl does not trust the local CA').getByText('Failed').waitFor({ timeout: 60_000 })
    expect(complaints).toEqual([])
  },
)

test.skipIf(MISSING !== null)(
  'a host that is not found is written into the hosts file by the fix that was shown, and looked at again',
  { timeout: 120_000 },
  async () => {
    const { host, hosts } = await sandboxMachine()
    const gateway = await startGateway({ apps: [{ name: 'shop', port: 3000, hosts: ['shop.test'] }] }, { host })
    onTestFinished(() => gateway.stop())
    const { page, complaints } = await openDoctor(gateway)
    const line = lineOf(page, 'shop.test does not resolve')
    await shoot(page, 'doctor-names-light')
    await line.getByRole('button', { name: 'Fix it…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Have this machine find your hosts' })
    await dialog.getByText(/\/etc\/hosts$/).waitFor()
    expect(await hosts()).toBe(HOSTS)
    const asked: unknown[] = []
    const call = gateway.engine.call.bind(gateway.engine)
    gateway.engine.call = (name, params) => {
      if (name === 'doctor.run') asked.push(params)
      return call(name, params)
    }
    await dialog.getByRole('button', { name: 'Install', exact: true }).click()
    await dialog.getByText('Done').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await lineOf(page, 'shop.test leads to 127.0.0.1 and ::1').getByText('In order').waitFor()
    await lineOf(page, 'The local CA is valid').getByText('In order').waitFor()
    expect(asked).toEqual([{ topics: ['name', 'hosts-file', 'search-domain'] }])
    expect(await hosts()).toContain('127.0.0.1\tshop.test\n')

    await gateway.engine.call('app.remove', { name: 'shop' })
    await page.getByRole('button', { name: 'Check again' }).click()
    const stale = lineOf(page, 'which no app has any more').first()
    await stale.getByRole('button', { name: 'Fix it…' }).click()
    await dialog.getByRole('button', { name: 'Install', exact: true }).click()
    await dialog.getByText('Done').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await lineOf(page, 'leads none of the names elsewhere').getByText('In order').waitFor()
    expect(await hosts()).not.toContain('shop.test')
    expect(complaints).toEqual([])
  },
)

test.skipIf(MISSING !== null)(
  'a host that the CA may not vouch for gets a new CA, in two steps that are both shown first',
  { timeout: 120_000 },
  async () => {
    const { host } = await sandboxMachine()
    const gateway = await startGateway({ apps: [{ name: 'shop', port: 3000, hosts: ['shop.example.org'] }] }, { host })
    onTestFinished(() => gateway.stop())
    const before = (await gateway.engine.call('ca.info', {})).fingerprint
    const { page } = await openDoctor(gateway)
    const line = lineOf(page, 'The local CA may not vouch for shop.example.org: clients')
    await line.getByRole('button', { name: 'Fix it…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Make a new local CA' })
    await dialog.getByText('It may vouch for shop.example.org too.').waitFor()
    expect(await violations(page)).toEqual([])
    await shoot(page, 'doctor-rotate-light')
    expect((await gateway.engine.call('ca.info', {})).fingerprint).toBe(before)
    await dialog.getByRole('button', { name: 'Make the new CA' }).click()
    const next = page.getByRole('dialog', { name: 'Trust the new CA' })
    await next.getByText('No store has the former CA.').waitFor()
    await next.getByRole('button', { name: 'Close' }).click()
    await line.waitFor({ state: 'detached' })
    const { fingerprint, constraints } = await gateway.engine.call('ca.info', {})
    expect(fingerprint).not.toBe(before)
    expect(constraints?.dns).toContain('shop.example.org')
  },
)

test.skipIf(MISSING !== null)(
  'the palette has the doctor look again, each finding says that it is being looked at, and a click takes a backend back',
  { timeout: 120_000 },
  async () => {
    const gateway = await begin()
    const backend = { app: 'api', url: 'http://127.0.0.1:9', route: '/' }
    const routes = [{ path: '/', upstream: { backends: [{ url: backend.url }] } }]
    await gateway.engine.call('app.add', { app: { name: 'api', routes } })
    await gateway.engine.call('backend.drain', { ...backend, draining: true })
    const { page } = await openWindowPage(gateway.engine)
    await page.getByRole('heading', { name: 'Apps' }).waitFor()
    await page.keyboard.press('7')
    await page.getByText('Checking…').first().waitFor()
    await page.getByRole('button', { name: 'Check again' }).waitFor({ timeout: 60_000 })
    await page.keyboard.press('1')
    await page.keyboard.press('Control+k')
    await page.keyboard.type('doctor check')
    await page.keyboard.press('Enter')
    await lineOf(page, 'Chromium does not trust the local CA').getByText('Checking…').waitFor()
    await lineOf(page, 'Chromium does not trust the local CA').getByText('Failed').waitFor({ timeout: 60_000 })

    await lineOf(page, 'of api gets no new requests').getByRole('button', { name: 'Resume' }).click()
    await lineOf(page, 'No process has failed').getByText('In order').waitFor({ timeout: 60_000 })
    expect(await gateway.engine.call('backends.list', {})).toMatchObject([{ ...backend, draining: false }])
  },
)

test.skipIf(MISSING !== null)(
  'an engine that sees no machine says what to do instead',
  { timeout: 60_000 },
  async () => {
    const gateway = await startGateway({})
    onTestFinished(() => gateway.stop())
    const { page } = await openWindowPage(gateway.engine)
    await page.getByRole('button', { name: 'Doctor' }).click()
    await page.getByRole('alert').getByText('Use: portico doctor').waitFor()
  },
)

async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const results = await page.evaluate(
    (tags) => (window as unknown as { axe: typeof axe }).axe.run(document, { runOnly: { type: 'tag', values: tags } }),
    TAGS,
  )
  return results.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} ${target.join(' ')}`))
}

/** `PORTICO_SCREENSHOTS=docs/screenshots` renews the pictures of the documentation. */
async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env.PORTICO_SCREENSHOTS
  if (folder === undefined) return
  await page.mouse.move(1_000, 790)
  await page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled' })
}
