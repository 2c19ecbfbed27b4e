import type { Locator, Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { HTTP1, HTTP2 } from '../support/client.js'
import { startGateway } from '../support/gateway.js'
import { startUpstream } from '../support/upstream.js'
import { missingChromium, openWindowPage } from '../support/window-page.js'

const MISSING = missingChromium()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the window cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the window's requests in Chromium: ${MISSING}`)
const inChromium = test.skipIf(MISSING !== null)

inChromium(
  'the details of an exchange: both header sets, backend, TLS, and a curl command',
  { timeout: 60_000 },
  async () => {
    const { page, gateway } = await open()
    await HTTP2.request(gateway, { host: 'shop.localhost', path: "/it's", headers: [['x-mark', 'a b']] })
    await row(page, "GET shop.localhost/it's").click()
    const details = page.getByRole('complementary', { name: "GET /it's" })
    await details.getByText('TLSv1.3').waitFor()
    await details.getByRole('list', { name: 'Attempts' }).getByText('200', { exact: true }).waitFor()
    await details.getByRole('button', { name: 'Copy as curl' }).click()
    await details.getByRole('button', { name: 'Copied' }).waitFor()
    const command = await page.evaluate(() => navigator.clipboard.readText())
    expect(command).toContain("--header 'x-mark: a b'")
    expect(command).toContain(`'https://shop.localhost:${gateway.httpsPort}/it'\\''s'`)
    await details.getByRole('tab', { name: 'Request' }).click()
    await details.getByText('x-mark').waitFor()
    await details.getByRole('tab', { name: 'Response' }).click()
    await details.getByText('x-answer').waitFor()
  },
)

inChromium('filters narrow the log, and clearing empties it here and in the engine', { timeout: 60_000 }, async () => {
  const { page, gateway } = await open()
  for (const path of ['/a', '/b', '/missing']) await HTTP1.request(gateway, { host: 'shop.localhost', path })
  await row(page, 'GET shop.localhost/missing').waitFor()
  await page.getByLabel('All statuses').selectOption('4')
  await row(page, 'GET shop.localhost/a').waitFor({ state: 'detached' })
  expect(await rows(page).count()).toBe(1)
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await page.keyboard.press('/')
  await page.keyboard.type('nothing like it')
  await page.getByText('No request matches these filters').waitFor()
  await page.getByRole('button', { name: 'Clear filters' }).first().click()
  await page.getByRole('button', { name: 'Clear', exact: true }).click()
  await page.getByText('No requests yet').waitFor()
  expect(await gateway.engine.call('exchanges.list', {})).toEqual([])
})

inChromium('a paused log stands still and counts what came', { timeout: 60_000 }, async () => {
  const { page, gateway } = await open()
  await HTTP1.request(gateway, { host: 'shop.localhost', path: '/before' })
  await row(page, 'GET shop.localhost/before').waitFor()
  await page.getByRole('button', { name: 'Pause' }).click()
  await HTTP1.request(gateway, { host: 'shop.localhost', path: '/after' })
  await page.getByText('Paused. 1 new').waitFor()
  expect(await row(page, 'GET shop.localhost/after').count()).toBe(0)
  await page.getByRole('button', { name: 'Resume' }).click()
  await row(page, 'GET shop.localhost/after').waitFor()
})

inChromium(
  'the log is sorted by its headers: by time it is live, by others it stands still',
  { timeout: 60_000 },
  async () => {
    const { page, gateway } = await open()
    const paths = ['/b', '/c', '/a']
    for (const path of paths) await HTTP1.request(gateway, { host: 'shop.localhost', path })
    await row(page, 'GET shop.localhost/a').waitFor()
    const header = (name: string) => page.getByRole('columnheader', { name })
    const order = async () => (await page.locator('.log-row').allInnerTexts()).map((text) => /\/[a-z]/.exec(text)?.[0])
    await header('Host and path').getByRole('button').click()
    await page.getByRole('table', { name: 'Requests, sorted' }).waitFor()
    expect(await order()).toEqual(['/a', '/b', '/c'])
    expect(await header('Host and path').getAttribute('aria-sort')).toBe('ascending')
    await HTTP1.request(gateway, { host: 'shop.localhost', path: '/aa' })
    await page.getByRole('button', { name: '1 new' }).click()
    await row(page, 'GET shop.localhost/aa').waitFor()
    expect(await order()).toEqual(['/a', '/a', '/b', '/c'])
    await header('Time').getByRole('button').click()
    await header('Time').getByRole('button').click()
    await page.getByRole('table', { name: 'Requests, newest first' }).waitFor()
    await HTTP1.request(gateway, { host: 'shop.localhost', path: '/z' })
    await row(page, 'GET shop.localhost/z').waitFor()
    expect((await order())[0]).toBe('/z')
  },
)

async function open() {
  const upstream = await startUpstream((request, response) => {
    response.writeHead(request.url === '/missing' ? 404 : 200, { 'x-answer': 'yes' }).end('ok')
  })
  onTestFinished(() => upstream.close())
  const gateway = await startGateway({ apps: [{ name: 'shop', port: upstream.port }] })
  onTestFinished(() => gateway.stop())
  const { page } = await openWindowPage(gateway.engine)
  await page.getByRole('button', { name: 'Requests' }).click()
  return { page, gateway }
}

function rows(page: Page): Locator {
  return page.getByRole('table', { name: 'Requests, newest last' }).locator('.log-row')
}

function row(page: Page, name: string): Locator {
  return page.getByRole('button', { name: `${name},` })
}
