import axe from 'axe-core'
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import type { NetworkAddress } from '../../src/main/engine/network-addresses.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { until } from '../support/wait.js'
import { missingChromium, openWindowPage } from '../support/window-page.js'

const MISSING = missingChromium()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the phones' page cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the phones' page in Chromium: ${MISSING}`)
const inChromium = test.skipIf(MISSING !== null)
const NETWORK: NetworkAddress[] = [{ interface: 'lo', address: '127.0.0.1', family: 4, cidr: '127.0.0.1/8', scope: 0 }]
const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X)',
}
/** Where pictures go that somebody wants to look at. */
const PICTURES = process.env.SHOT

async function start(): Promise<TestGateway> {
  const apps = ['shop', 'admin-of-the-warehouse'].map((name) => ({ name, demo: true as const }))
  const gateway = await startGateway({ apps, lan: { mdns: false } }, { networkAddresses: () => NETWORK })
  onTestFinished(() => gateway.stop())
  return gateway
}

async function checked(page: Page, name: string): Promise<void> {
  if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true })
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run())
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)).toEqual([])
}

inChromium('the window opens the page, counts down, turns LAN mode on, and stops', { timeout: 90_000 }, async () => {
  const gateway = await start()
  const { page, complaints } = await openWindowPage(gateway.engine)
  await page.getByRole('contentinfo').getByText('2 apps').waitFor()
  await page.keyboard.press('6')
  await page.getByRole('button', { name: 'Phones…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Have a phone trust Portico' })
  await dialog.getByRole('img', { name: 'QR code' }).waitFor()
  await dialog.getByText(/closes by itself in (10:00|9:5\d)/).waitFor()
  const { urls } = await gateway.engine.call('phones.status', {})
  await dialog.getByText(urls[0] as string).waitFor()
  await checked(page, 'dialog')
  await dialog.getByText('Everybody in this network can then use all your apps').waitFor()
  await dialog.getByRole('checkbox', { name: 'LAN mode' }).click()
  await dialog.getByText('until you turn this off').waitFor()
  expect((await gateway.engine.call('phones.status', {})).lan.enabled).toBe(true)
  expect(gateway.engine.status().listeners[0]?.address).toBe('0.0.0.0')
  expect((await fetch(urls[0] as string)).status).toBe(200)

  await gateway.engine.call('phones.close', {})
  await dialog.getByRole('button', { name: 'Stop' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Phones…' }).click()
  await dialog.getByRole('button', { name: 'Stop' }).click()
  await until(async () => !(await gateway.engine.call('phones.status', {})).open, 'the page is closed')
  expect(complaints).toEqual([])
})

inChromium.each(['light', 'dark'] as const)(
  'the page fits a phone, with nothing from elsewhere (%s)',
  { timeout: 90_000 },
  async (colorScheme) => {
    const gateway = await start()
    await gateway.engine.call('lan.set', { enabled: true })
    const { urls } = await gateway.engine.call('phones.open', {})
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
      timeout: 60_000,
    })
    onTestFinished(() => browser.close())
    const page = await (await browser.newContext({ ...PHONE, colorScheme, bypassCSP: false })).newPage()
    const [asked, complaints]: [string[], string[]] = [[], []]
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    await page.goto(urls[0] as string)
    await page.getByRole('heading', { name: 'Have this phone trust Portico' }).waitFor()
    const button = page.getByRole('link', { name: 'Get the profile' })
    expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44)
    expect(await button.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe(
      colorScheme === 'light' ? 'rgb(11, 92, 173)' : 'rgb(108, 176, 255)',
    )
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    await page.getByText('Android').click()
    await page.getByRole('link', { name: 'Download the certificate' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    expect(await page.getByRole('link', { name: 'Open shop' }).getAttribute('href')).toContain('https://shop.local')
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/phone-${colorScheme}.png`, fullPage: true })
    expect(asked.filter((path) => path !== '/favicon.ico')).toEqual([new URL(urls[0] as string).pathname])
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([])
  },
)
