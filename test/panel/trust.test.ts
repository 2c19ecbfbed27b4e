import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { type RunProgram, runProgram } from '../../src/main/platform/plan/run-program.js'
import { TrustKeeper } from '../../src/main/platform/trust-store/trust-keeper.js'
import { missingBrowser, temporaryDirectory } from '../support/chromium.js'
import { startGateway } from '../support/gateway.js'
import { missingChromium, openWindowPage } from '../support/window-page.js'

const MISSING = missingChromium() ?? missingBrowser()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the window cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED trusting the CA in the window: ${MISSING}`)
const inChromium = test.skipIf(MISSING !== null)
const STORE = 'Chrome and Chromium'

inChromium(
  'the CA is installed in a store by the plan that was shown, and removed again',
  { timeout: 90_000 },
  async () => {
    const { page, gateway, database, complaints } = await openTrust()
    await page.keyboard.press('6')
    await row(page).getByText('Not trusted').waitFor()
    await page.getByRole('button', { name: `Install in ${STORE}…` }).click()
    const dialog = page.getByRole('dialog', { name: 'Trust the local CA' })
    await dialog.getByText('Trusts it for web sites.').waitFor()
    await dialog.getByText(`-d sql:${database} -n 'Portico`).first().waitFor()
    expect(existsSync(database)).toBe(false)
    await checked(page, 'plan')

    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(existsSync(database)).toBe(false)

    await page.getByRole('button', { name: `Install in ${STORE}…` }).click()
    await dialog.getByRole('button', { name: 'Install', exact: true }).click()
    await dialog.getByText('Done').waitFor()
    await dialog.getByText('Restart browsers').waitFor()
    await checked(page, 'outcome')
    expect(await entries(database)).toContain('C,,')
    await dialog.getByRole('button', { name: 'Close' }).click()
    await row(page).getByText('Trusted', { exact: true }).waitFor()
    await page.getByRole('contentinfo').getByText('CA trusted in 1 of').waitFor()
    await checked(page, 'screen')

    await page.getByRole('button', { name: `Remove from ${STORE}…` }).click()
    const removal = page.getByRole('dialog', { name: 'Remove the local CA' })
    await removal.getByText('Takes the CA out of the database.').waitFor()
    await removal.getByRole('button', { name: 'Remove', exact: true }).click()
    await removal.getByText('Done').waitFor()
    await removal.getByRole('button', { name: 'Close' }).click()
    await row(page).getByText('Not trusted').waitFor()
    expect(await entries(database)).not.toContain('C,,')
    expect((await gateway.engine.call('trust.status', {})).stores.some(({ state }) => state === 'trusted')).toBe(false)
    expect(complaints).toEqual([])
  },
)

inChromium(
  'a plan that is not the present one any more is refused, and the new one shown',
  { timeout: 90_000 },
  async () => {
    const { page, gateway, database } = await openTrust()
    await page.keyboard.press('6')
    await page.getByRole('button', { name: `Install in ${STORE}…` }).click()
    const dialog = page.getByRole('dialog', { name: 'Trust the local CA' })
    await dialog.getByText('Makes the database').waitFor()
    await gateway.engine.call('ca.rotate', {})
    await dialog.getByRole('button', { name: 'Install', exact: true }).click()
    await dialog.getByRole('alert').getByText('The trust stores have changed since the plan was made.').waitFor()
    expect(existsSync(database)).toBe(false)
    await dialog.getByRole('button', { name: 'Try again' }).click()
    await dialog.getByText('Makes the database').waitFor()
    await dialog.getByRole('button', { name: 'Install', exact: true }).click()
    await dialog.getByText('Done').waitFor()
  },
)

inChromium('a new CA takes the place of the old one in the store that trusts it', { timeout: 90_000 }, async () => {
  const { page, gateway, database } = await openTrust()
  const chosen = { action: 'install', stores: ['nss:chromium'] } as const
  const { id } = await gateway.engine.call('trust.plan', { ...chosen, stores: [...chosen.stores] })
  await gateway.engine.call('trust.apply', { ...chosen, stores: [...chosen.stores], id })
  const before = (await gateway.engine.call('ca.info', {})).fingerprint
  await page.keyboard.press('6')
  await page.getByRole('button', { name: 'New CA…' }).click()
  const rotation = page.getByRole('dialog', { name: 'Make a new local CA' })
  await rotation.getByText(STORE).waitFor()
  await checked(page, 'rotation')
  await rotation.getByRole('button', { name: 'Make the new CA' }).click()
  const dialog = page.getByRole('dialog', { name: 'Trust the new CA' })
  await dialog.getByText('Takes the CA out of the database.').waitFor()
  expect((await gateway.engine.call('ca.info', {})).fingerprint).not.toBe(before)
  await dialog.getByRole('button', { name: 'Replace' }).click()
  await dialog.getByText('Done').waitFor()
  await dialog.getByRole('button', { name: 'Close' }).click()
  await row(page).getByText('Trusted', { exact: true }).waitFor()
  expect((await entries(database)).match(/C,,/g)).toHaveLength(1)
})

inChromium(
  'a replacement that was cancelled is offered again, and done from another window',
  { timeout: 90_000 },
  async () => {
    const { page, gateway, database } = await openTrust()
    const { engine } = gateway
    const change = async (action: 'install' | 'replace') => {
      const { id } = await engine.call('trust.plan', { action, stores: ['nss:chromium'] })
      await engine.call('trust.apply', { action, stores: ['nss:chromium'], id })
    }
    await page.keyboard.press('6')
    await row(page).getByText('Not trusted').waitFor()
    await change('install')
    await row(page).getByText('Trusted', { exact: true }).waitFor()
    const fingerprint = page.locator('.fingerprint')
    const before = await fingerprint.textContent()
    await page.getByRole('button', { name: 'New CA…' }).click()
    await page.getByRole('button', { name: 'Make the new CA' }).click()
    const dialog = page.getByRole('dialog', { name: 'Trust the new CA' })
    await dialog.getByText('Takes the CA out of the database.').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await row(page).getByText('Old CA').waitFor()
    expect(await fingerprint.textContent()).not.toBe(before)
    await checked(page, 'replace offered')
    await row(page)
      .getByRole('button', { name: `Replace the old CA in ${STORE}…` })
      .click()
    await dialog.getByText('Takes the CA out of the database.').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Replace…', exact: true }).click()
    await dialog.getByText('Takes the CA out of the database.').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await change('replace')
    await row(page).getByText('Trusted', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Replace…', exact: true }).waitFor({ state: 'detached' })
    expect((await entries(database)).match(/C,,/g)).toHaveLength(1)
  },
)

inChromium('approval that is refused changes nothing, and the window says so', { timeout: 90_000 }, async () => {
  const { page, database } = await openTrust()
  await page.getByText('CA trusted in 0 of').first().waitFor()
  await page.getByRole('button', { name: 'Trust Portico’s certificates…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Trust the local CA' })
  await dialog.getByText('you are asked for a password').waitFor()
  await dialog.getByText('with approval').first().waitFor()
  await checked(page, 'plan of all stores')
  const own = dialog.getByRole('checkbox', { name: STORE })
  await own.uncheck()
  await dialog.getByText('Makes the database').waitFor({ state: 'detached' })
  await dialog.getByRole('button', { name: 'Install', exact: true }).click()
  await dialog.getByText('Nothing was changed.').or(dialog.getByText('Failed')).first().waitFor()
  await checked(page, 'refusal')
  expect(existsSync(database)).toBe(false)
  await dialog.getByRole('button', { name: 'Close' }).click()
  await page.getByText('CA trusted in 0 of').first().waitFor()
})

/** A window over an engine whose person has a home of its own; what would need an administrator is refused. */
async function openTrust() {
  const home = await temporaryDirectory('home')
  const env = { PATH: process.env.PATH }
  const machine = { platform: 'linux', env, home, root: '', run: onlyIn(home) } as const
  const trustStores = new TrustKeeper(machine, async () => null)
  const gateway = await startGateway({}, { host: { ...hostFacts('linux'), trustStores } })
  onTestFinished(() => gateway.stop())
  const colorScheme = process.env.SHOT_DARK === undefined ? 'light' : 'dark'
  const opened = await openWindowPage(gateway.engine, { colorScheme, reducedMotion: 'reduce' })
  await opened.page.getByRole('contentinfo').getByText('CA trusted in 0 of').waitFor()
  return { ...opened, gateway, database: path.join(home, '.pki/nssdb') }
}

/** Programs run on what is in the home alone; Java, whose keystores are the machine's, is not asked at all. */
function onlyIn(home: string): RunProgram {
  return async (program, args, options) => {
    if (args.some((arg) => arg.includes(home))) return runProgram(program, args, options)
    return { exitCode: 1, stdout: '', stderr: 'not in this test' }
  }
}

function row(page: Page) {
  return page.getByRole('list', { name: 'Who trusts it' }).getByRole('listitem').filter({ hasText: STORE })
}

async function entries(database: string): Promise<string> {
  return (await promisify(execFile)('certutil', ['-L', '-d', `sql:${database}`])).stdout
}

/** Nothing for axe to complain of. */
async function checked(page: Page, name: string): Promise<void> {
  if (process.env.SHOT !== undefined) await page.screenshot({ path: path.join(process.env.SHOT, `${name}.png`) })
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run(document))
  expect(violations.map(({ id, nodes }) => `${name}: ${id} ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
}
