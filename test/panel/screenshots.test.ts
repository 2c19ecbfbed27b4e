import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import type { TestGateway } from '../support/gateway.js'
import { missingChromium, openWindowPage } from '../support/window-page.js'
import { playShares } from './played-shares.js'
import { buy, fillProcesses, fillScene, startScene, visit } from './scene.js'

const MISSING = missingChromium()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the window cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the window's screens in Chromium: ${MISSING}`)

/** `PORTICO_SCREENSHOTS=docs/screenshots` renews the pictures of the documentation; otherwise they are thrown away. */
const KEPT_IN = process.env.PORTICO_SCREENSHOTS
const THEMES = KEPT_IN === undefined ? (['light'] as const) : (['light', 'dark'] as const)

test.skipIf(MISSING !== null).each(THEMES)(
  'every screen draws without a complaint, %s',
  { timeout: 120_000 },
  async (colorScheme) => {
    const { gateway, page, complaints, shoot, share } = await openStudio(colorScheme)
    await page.getByText('Give your local apps a real https address').waitFor()
    await page
      .getByRole('button', { name: /^Add port/ })
      .first()
      .waitFor()
    await shoot('welcome')
    await fillScene(gateway)
    if (KEPT_IN !== undefined) await liven(gateway)
    await page.getByRole('row', { name: 'api' }).getByText('Unhealthy').waitFor()
    await page.getByRole('button', { name: 'Details of shop' }).click()
    await page.getByText('POST /cart').first().waitFor()
    await page.locator('canvas').nth(1).waitFor()
    await shoot('apps')
    await page.getByRole('button', { name: 'Slow network' }).click()
    await page.getByRole('button', { name: 'Faults on: shop' }).waitFor()
    await page.getByRole('region', { name: 'Faults' }).scrollIntoViewIfNeeded()
    await shoot('faults')
    await page.getByRole('button', { name: 'Slow network' }).click()
    await page.getByRole('tab', { name: 'Policies' }).click()
    await page.getByRole('button', { name: 'Rate limit' }).waitFor()
    await shoot('policies')
    await page.getByRole('button', { name: 'Rate limit' }).click()
    await page.getByRole('dialog').getByLabel('Requests', { exact: true }).waitFor()
    await shoot('policy-form')
    await page.keyboard.press('Escape')
    await page.getByRole('tab', { name: 'Overview' }).click()
    await page.getByRole('button', { name: 'Details of api' }).click()
    await page.getByRole('button', { name: 'Change port' }).waitFor()
    await page.locator('canvas').nth(1).waitFor()
    await shoot('app-problem')
    await page.getByRole('button', { name: 'Details of shop' }).click()
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    await page.getByRole('dialog').getByLabel('Port', { exact: true }).fill('70000')
    await shoot('app-form')
    await page.keyboard.press('Escape')
    await page.keyboard.press('2')
    await page.getByRole('button', { name: 'POST shop.localhost/cart,' }).click()
    await page.getByText('TLSv1.3').waitFor()
    await shoot('requests')
    await page.keyboard.press('3')
    await page.getByText('Unhealthy').first().waitFor()
    await shoot('backends')
    await page.keyboard.press('4')
    await page.getByText('Busiest apps').waitFor()
    await shoot('metrics')
    await page.keyboard.press('6')
    await page.getByText('Certificates of your hosts').waitFor()
    await shoot('certificates')
    await page.keyboard.press('8')
    await page.getByText('Configuration file').waitFor()
    await shoot('settings')
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog', { name: 'Command palette' }).waitFor()
    await page.keyboard.type('shop')
    await shoot('palette')
    await page.keyboard.press('Escape')
    share()
    await page.keyboard.press('5')
    await page.getByRole('button', { name: 'Forget relay.example.com' }).waitFor()
    await shoot('share')
    await page.getByText('2 targets were not reached').click()
    await page.getByRole('heading', { name: 'Services' }).evaluate((heading) => heading.scrollIntoView())
    await shoot('services')
    await page.getByRole('button', { name: 'Set a password…' }).first().click()
    await page.getByRole('dialog').getByLabel('Password', { exact: true }).waitFor()
    await shoot('share-dialog')
    expect(complaints).toEqual([])
    await narrow(page)
  },
)

test.skipIf(MISSING !== null).each(THEMES)(
  'processes, their output and breakers draw without a complaint, %s',
  { timeout: 120_000 },
  async (colorScheme) => {
    const { page, complaints, gateway, shoot } = await openStudio(colorScheme)
    await fillProcesses(gateway)
    await page.getByRole('row', { name: 'web' }).getByText('Running').waitFor()
    await page
      .getByRole('row', { name: 'worker' })
      .getByText(/^Restarting in/)
      .waitFor()
    await page.getByRole('row', { name: 'broken' }).getByText('Failed').waitFor()
    await page.getByRole('button', { name: 'Details of web' }).click()
    await page.getByText('CPU').waitFor()
    await shoot('processes')
    await page.getByRole('tab', { name: 'Output' }).click()
    await page.getByText('Unknown word').waitFor()
    await page.getByRole('textbox', { name: 'Search the output' }).fill('vite')
    await shoot('output')
    await page.getByRole('button', { name: 'Details of worker' }).click()
    await page.getByRole('tab', { name: 'Overview' }).click()
    await page.getByRole('region', { name: 'Its last lines' }).waitFor()
    await shoot('process-problem')
    await page.getByRole('button', { name: 'Change process' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Add variable' }).click()
    await shoot('process-form')
    await page.keyboard.press('Escape')
    await page.keyboard.press('3')
    await page.getByText('Drained').waitFor()
    await page.getByText(/^tries again in/).waitFor()
    await shoot('breakers')
    await page.keyboard.press('2')
    const retried = gateway.entries().findIndex(({ attempts }) => attempts > 1)
    await page
      .getByRole('button', { name: /shop\.localhost\/balanced/ })
      .nth(retried)
      .click()
    await page.getByRole('list', { name: 'Attempts' }).waitFor()
    await shoot('attempts')
    expect(complaints).toEqual([])
  },
)

/** A window on an empty scene, and what takes pictures of it. */
async function openStudio(colorScheme: 'light' | 'dark') {
  const folder = KEPT_IN ?? (await mkdtemp(path.join(os.tmpdir(), 'portico-screens-')))
  if (KEPT_IN === undefined) onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await mkdir(folder, { recursive: true })
  const gateway = await startScene()
  const played = playShares(gateway.engine)
  const { page, complaints } = await openWindowPage(played.engine, { colorScheme })
  const shoot = async (name: string) => {
    await page.mouse.move(1_000, 790)
    await page.screenshot({ path: path.join(folder, `${name}-${colorScheme}.png`), animations: 'disabled' })
  }
  return { gateway, page, complaints, shoot, share: played.begin }
}

/** At 720 pixels, and at 200 % zoom of it, nothing makes the page itself scroll. */
async function narrow(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await page.setViewportSize({ width: 720, height: 500 })
  for (const key of ['1', '2', '3', '4', '5', '6', '7', '8']) {
    await page.keyboard.press(key)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(720)
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(500)
  }
}

/** Some seconds of traffic, so that the charts of the pictures have something to show. */
async function liven(gateway: TestGateway): Promise<void> {
  for (const visits of [1, 2, 4, 3, 5, 2, 1, 3, 6, 4, 2, 3]) {
    for (let number = 0; number < visits; number++) await visit(gateway)
    await delay(1_000)
  }
  await buy(gateway)
}
