import { expect, onTestFinished, test } from 'vitest'
import { launchTrusting, missingBrowser } from '../support/chromium.js'
import { startGateway } from '../support/gateway.js'
import { until } from '../support/wait.js'

const MISSING = missingBrowser()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the demo cannot be tested in a browser: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the demo in Chromium: ${MISSING}`)

test.skipIf(MISSING !== null)(
  'whatever a person does in the demo is traffic of the gateway, and the page shows it',
  { timeout: 90_000 },
  async () => {
    const gateway = await startGateway({ apps: [{ name: 'demo', demo: true }] })
    onTestFinished(() => gateway.stop())
    const browser = await launchTrusting(gateway.caFile)
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('console', (message) => {
      // Answers of 404 and 500 are asked for below.
      if (message.type() === 'error' && !/status of (404|500)/.test(message.text())) complaints.push(message.text())
    })
    await page.goto(`https://demo.localhost:${gateway.httpsPort}/`)
    await page.getByText('HTTP/2', { exact: true }).waitFor()
    expect(await page.getByText('TLSv1.3').count()).toBe(1)
    expect(await page.getByText('X-Forwarded-Proto').count()).toBe(1)

    for (const name of ['GET', 'POST that is echoed', '404', '500'])
      await page.getByRole('button', { name, exact: true }).click()
    const rows = page.locator('#log tr')
    await until(async () => (await rows.count()) === 4, 'a row for each request')
    await until(async () => !(await rows.allTextContents()).join().includes('under way'), 'every answer')
    expect((await rows.allTextContents()).join(' ')).toMatch(/▲ 500.*▲ 404.*✓ 200.*✓ 200/s)

    await page.getByRole('button', { name: 'Start' }).click()
    await page.getByText(/^Event 2 at /).waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()

    await page.getByLabel('Message').fill('over and back')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText(/^over and back \(back after [\d.]+ ms\)$/).waitFor()
    expect(complaints).toEqual([])
    await page.screenshot(process.env.SHOT === undefined ? {} : { path: process.env.SHOT, fullPage: true })
    await browser.close()
    const seen = () => gateway.entries().map(({ method, path, status }) => `${method} ${path} ${status}`)
    await until(() => seen().some((line) => line.includes('/api/socket')), 'the entry of the WebSocket')
    expect(seen()).toEqual(expect.arrayContaining(['POST /api/echo 200', 'GET /api/missing 404', 'GET /api/ticks 200']))
  },
)
