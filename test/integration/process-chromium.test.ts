import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { currentPlatform } from '../../src/main/platform/platform.js'
import { launchTrusting, missingBrowser } from '../support/chromium.js'
import { startGateway } from '../support/gateway.js'

const MISSING = missingBrowser()
if (MISSING !== null && process.env.CI === 'true')
  throw new Error(`the starting page cannot be tested in a browser: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the starting page in Chromium: ${MISSING}`)

const SERVER = path.join(import.meta.dirname, '../support/processes/server.mjs')
/** where the page is pictured, for people to look at; unset: nowhere */
const PICTURES = process.env.PORTICO_PICTURES

test.skipIf(MISSING !== null)(
  'Chromium shows that an app is starting, and goes on to it by itself',
  { timeout: 90_000 },
  async () => {
    const command = [process.execPath, SERVER, '--after=5000']
    const gateway = await startGateway(
      { apps: [{ name: 'shop', process: { command, start: 'request' } }] },
      { host: hostFacts(currentPlatform()) },
    )
    onTestFinished(() => gateway.stop())
    const browser = await launchTrusting(gateway.caFile)
    const page = await browser.newPage()
    const violations: string[] = []
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) violations.push(message.text())
    })
    await page.goto(`https://shop.localhost:${gateway.httpsPort}/cart`)
    expect(await page.title()).toBe('shop is starting · Portico')
    expect(await page.locator('h1').innerText()).toContain('shop is starting')
    expect(await page.evaluate('getComputedStyle(document.querySelector(".hint")).borderRadius')).toBe('6px')
    if (PICTURES !== undefined) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await page.screenshot({ path: path.join(PICTURES, `starting-${colorScheme}.png`) })
      }
    }
    await page.getByText('"url":"/cart"').waitFor({ timeout: 30_000 })
    expect(violations).toEqual([])
  },
)
