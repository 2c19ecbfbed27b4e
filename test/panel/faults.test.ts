import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { HTTP1, HTTP2 } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { startUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'
import { missingChromium, openWindowPage } from '../support/window-page.js'

const MISSING = missingChromium()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the window cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED faults and caches in the window in Chromium: ${MISSING}`)
const inChromium = test.skipIf(MISSING !== null)

const BY_HAND = { delay: { time: '1ms', share: 0.3 }, abort: { share: 0 } }

inChromium(
  'faults are one click on and one click off, caches are looked into and purged, and each request tells of both',
  { timeout: 90_000 },
  async () => {
    const { page, gateway, complaints } = await open()
    await page.getByRole('button', { name: 'Details of shop' }).click()
    await errorsOnAndOff(page, gateway)
    await severalAtOnce(page, gateway)
    await endedFromThePalette(page, gateway)
    await purged(page, gateway)
    await told(page)
    expect(complaints).toEqual([])
  },
)

async function errorsOnAndOff(page: Page, gateway: TestGateway): Promise<void> {
  const faults = page.getByRole('region', { name: 'Faults' })
  const errors = faults.getByRole('button', { name: 'Errors' })
  await faults.getByLabel('Errors: share of the requests').selectOption('1')
  await errors.click()
  const segment = page.getByRole('contentinfo').getByRole('button', { name: 'Faults on: shop' })
  await segment.waitFor()
  await page.getByRole('row', { name: 'shop' }).getByTitle('503', { exact: true }).waitFor()
  expect((await HTTP2.request(gateway, { host: 'shop.localhost', path: '/sick' })).status).toBe(503)
  await page.keyboard.press('2')
  await page.getByRole('button', { name: 'GET shop.localhost/sick, 503, fault: error,' }).waitFor()
  await segment.click()
  expect(await errors.getAttribute('aria-pressed')).toBe('true')
  await errors.click()
  await segment.waitFor({ state: 'detached' })
  expect((await HTTP2.request(gateway, { host: 'shop.localhost', path: '/well' })).status).toBe(200)
  expect(policiesOf(gateway, 'shop')).toEqual({ cache: {} })
}

/** Clicks come faster than the config is written. */
async function severalAtOnce(page: Page, gateway: TestGateway): Promise<void> {
  const faults = page.getByRole('region', { name: 'Faults' })
  await page.evaluate(() => {
    for (const button of document.querySelectorAll<HTMLElement>('.faults li > button')) button.click()
  })
  await until(() => Object.keys(policiesOf(gateway, 'shop')?.faults || {}).length === 4, 'all faults')
  expect(policiesOf(gateway, 'shop')).toEqual({
    cache: {},
    faults: {
      delay: { time: '2s', jitter: '1s' },
      abort: { share: 0.2 },
      error: { status: 503 },
      bandwidth: 50_000,
    },
  })
  await faults.getByLabel('Slow: delay').selectOption('300ms')
  await until(() => JSON.stringify(policiesOf(gateway, 'shop')).includes('"300ms"'), 'another delay')
}

async function endedFromThePalette(page: Page, gateway: TestGateway): Promise<void> {
  await gateway.engine.call('app.update', {
    name: 'api',
    app: { ...appOf(gateway, 'api'), policies: { faults: BY_HAND } },
  })
  await page.getByRole('button', { name: 'Faults on: shop, api' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor()
  await page.keyboard.type('all faults')
  await page.keyboard.press('Enter')
  await page.getByText('Faults are off: shop, api.').waitFor()
  await page.getByRole('button', { name: /^Faults on/ }).waitFor({ state: 'detached' })
  expect(policiesOf(gateway, 'api')?.faults).toEqual({ ...BY_HAND, enabled: false })
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Faults on: shop, api' }).waitFor()
  expect(policiesOf(gateway, 'api')?.faults).toEqual(BY_HAND)
  await page.getByRole('button', { name: 'Turn off all faults' }).click()
  await page.getByRole('button', { name: /^Faults on/ }).waitFor({ state: 'detached' })
  // What was written by hand comes back as it was, by one click of its own as well.
  await page.getByRole('button', { name: 'Details of api' }).click()
  const faults = page.getByRole('region', { name: 'Faults' })
  await faults.getByText('Off, and kept for later: wait 1 ms (30 % of requests), dropped (0 % of requests).').waitFor()
  await faults.getByRole('button', { name: 'Slow', exact: true }).click()
  await until(
    () => policiesOf(gateway, 'api')?.faults !== undefined && !('abort' in (policiesOf(gateway, 'api')?.faults || {})),
    'the delay alone',
  )
  await faults.getByRole('button', { name: 'Drops connections' }).click()
  await until(() => 'abort' in (policiesOf(gateway, 'api')?.faults || {}), 'both')
  expect(policiesOf(gateway, 'api')?.faults).toEqual(BY_HAND)
}

async function purged(page: Page, gateway: TestGateway): Promise<void> {
  await page.getByRole('button', { name: 'Details of shop' }).click()
  const cache = page.getByRole('region', { name: 'Cache' })
  await cache.getByText('1 answer').waitFor()
  const outcome = async (path: string) =>
    (await HTTP1.request(gateway, { host: 'shop.localhost', path })).values('cache-status').join()
  for (const path of ['/a', '/a?x=1', '/img/1', '/img/2']) await outcome(path)
  expect(await outcome('/a')).toContain('hit')
  await cache.getByText('5 answers').waitFor()
  await cache.getByText('17 % (1 of 6)').waitFor()
  await cache.getByRole('button', { name: 'Purge /a', exact: true }).click()
  await page.getByText('One answer was purged.').waitFor()
  await cache.getByText('4 answers').waitFor()
  expect(await outcome('/a?x=1')).toContain('hit')
  expect(await outcome('/a')).toContain('uri-miss')
  await cache.getByLabel('Path, or /img/* for all below').fill('/img/*')
  await page.keyboard.press('Enter')
  await page.getByText('2 answers were purged.').waitFor()
  await cache.getByRole('button', { name: 'Purge all' }).click()
  await cache.getByText('Nothing is kept yet.').waitFor()
  expect(await outcome('/a')).toContain('uri-miss')
  expect(await outcome('/last')).toContain('uri-miss')
  expect(await outcome('/last')).toContain('hit')
}

async function told(page: Page): Promise<void> {
  await page.keyboard.press('2')
  await page.getByRole('button', { name: 'GET shop.localhost/sick,' }).click()
  let details = page.getByRole('complementary', { name: 'GET /sick' })
  await details.getByRole('region', { name: 'Policies' }).getByText('Answered with an error, on purpose.').waitFor()
  await details.getByRole('button', { name: 'Copy Request id' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^[0-9a-f]{8}-\w+$/)
  await page.getByRole('button', { name: 'GET shop.localhost/last, 200, cached,' }).click()
  details = page.getByRole('complementary', { name: 'GET /last' })
  const policies = details.getByRole('region', { name: 'Policies' })
  await policies.getByText('Answered from the cache.').waitFor()
  await policies.getByText(/^Portico; hit; ttl=\d+$/).waitFor()
  await page.getByRole('button', { name: 'GET shop.localhost/last, 200,' }).first().click()
  await policies.getByText('Had no answer that fits.').waitFor()
  await details.getByRole('tab', { name: 'Response' }).click()
  await details.getByRole('region', { name: 'Trailers' }).getByText('abc').waitFor()
}

async function open() {
  const upstream = await startUpstream((request, response) => {
    response.writeHead(200, { 'Cache-Control': 'max-age=600', Trailer: 'X-Sum' })
    response.write(`${request.url}`)
    response.addTrailers({ 'X-Sum': 'abc' })
    response.end()
  })
  onTestFinished(() => upstream.close())
  const gateway = await startGateway({
    apps: [
      { name: 'shop', port: upstream.port, policies: { cache: {} } },
      { name: 'api', port: upstream.port },
    ],
  })
  onTestFinished(() => gateway.stop())
  return { gateway, ...(await openWindowPage(gateway.engine)) }
}

function appOf({ engine }: TestGateway, name: string) {
  const found = engine.status().apps.find((app) => app.name === name)
  if (found === undefined) throw new Error(`no app ${name}`)
  return found.app
}

function policiesOf(gateway: TestGateway, name: string) {
  return appOf(gateway, name).policies
}
