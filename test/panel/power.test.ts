import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { launchTrusting, missingBrowser } from '../support/chromium.js'
import { HTTP2 } from '../support/client.js'
import { startGateway } from '../support/gateway.js'
import { until } from '../support/wait.js'
import { missingChromium, openWindowPage } from '../support/window-page.js'

const MISSING = missingChromium() ?? missingBrowser()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the window cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the switch of the window in Chromium: ${MISSING}`)
const inChromium = test.skipIf(MISSING !== null)

inChromium('the desktop window turns the gateway off and on, and shows it', { timeout: 60_000 }, async () => {
  const gateway = await startGateway({})
  onTestFinished(() => gateway.stop())
  const { page, complaints } = await openWindowPage(gateway.engine)
  const power = page.getByRole('switch', { name: 'Portico' })
  await power.and(page.locator('[aria-checked=true]')).click()
  await page.getByText('The gateway is off.').waitFor()
  await page.getByRole('heading', { name: 'The gateway is off' }).waitFor()
  expect(gateway.engine.status()).toMatchObject({ state: 'paused', listeners: [] })
  await power.and(page.locator('[aria-checked=false]')).click()
  await page.getByText('Serving on').waitFor()
  expect(gateway.engine.status().state).toBe('running')
  expect(complaints).toEqual([])
})

inChromium(
  'a window in a browser asks before it locks itself out, and says the way back',
  { timeout: 90_000 },
  async () => {
    const gateway = await startGateway({}, { rendererDir: path.resolve('out/renderer') })
    onTestFinished(() => gateway.stop())
    const browser = await launchTrusting(gateway.caFile)
    const page = await browser.newPage()
    await page.goto((await gateway.engine.call('panel.open', {})).url)
    const power = page.getByRole('switch', { name: 'Portico' })
    await power.click()
    await page.getByRole('dialog').getByText('portico resume').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    expect(gateway.engine.status().state).toBe('running')
    await power.click()
    await page.getByRole('button', { name: 'Turn Portico off' }).click()
    await page.getByText('Portico is off. Turn it on with: portico resume').waitFor()
    await until(() => gateway.engine.status().state === 'paused', 'the gateway to be off')
    await browser.close()
  },
)

inChromium('the demo is added and opened by one click of the first screen', { timeout: 60_000 }, async () => {
  const gateway = await startGateway({})
  onTestFinished(() => gateway.stop())
  const { page } = await openWindowPage(gateway.engine)
  const opened = page.waitForEvent('popup')
  await page.getByRole('button', { name: 'Try the demo' }).click()
  await page.getByText('demo was added.').waitFor()
  await until(
    async () => (await HTTP2.request(gateway, { host: 'demo.localhost' })).text.includes('It works.'),
    'the demo to be served',
  )
  expect(gateway.engine.status().apps.map(({ app }) => app)).toEqual([{ name: 'demo', demo: true }])
  await (await opened).close()
})
