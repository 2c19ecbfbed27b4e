import type { Locator, Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { formatBytes } from '../../src/renderer/format.js'
import type { ExchangeEntry, Portal } from '../../src/shared/contract.js'
import { HTTP1, HTTP2 } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { startUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'
import { missingChromium, openWindowPage } from '../support/window-page.js'

const MISSING = missingChromium()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the window cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the last hour in Chromium: ${MISSING}`)

/** A step of the hour, and the moment that the window gives the engine to end it. */
const STEP_MS = 10_000
const NEXT_STEP_MS = STEP_MS + 400

test.skipIf(MISSING !== null)(
  'the last hour shows what was sent, in charts, figures and words',
  {
    timeout: 60_000,
  },
  async () => {
    const gateway = await startTraffic()
    const asked: string[] = []
    const { page, complaints } = await openWindowPage(listening(gateway.engine, asked))
    await page.clock.install()
    await page.getByRole('button', { name: 'Details of shop' }).click()
    expect(asked).not.toContain('history')
    await appsHour(page, gateway)
    await wholeHour(page)
    await anInstant(page, gateway)
    await askedOnlyWhileSeen(page, gateway, asked)
    expect(complaints).toEqual([])
  },
)

/** An app's hour beside its live charts. */
async function appsHour(page: Page, gateway: TestGateway): Promise<void> {
  const details = page.getByRole('complementary', { name: 'Details of shop' })
  await details.getByRole('button', { name: 'Last hour' }).click()
  const requests = details.getByRole('figure', { name: 'Requests' })
  await requests.locator('canvas').waitFor()
  const entries = gateway.entries().filter(({ app }) => app === 'shop')
  const sum = (of: (entry: ExchangeEntry) => number) => entries.reduce((all, entry) => all + of(entry), 0)
  const [out, into] = [formatBytes(sum(({ bytesOut }) => bytesOut)), formatBytes(sum(({ bytesIn }) => bytesIn))]
  expect(into).toBe('300 B')
  expect(await linesOf(requests)).toEqual(['All 25', '4xx 5', '5xx 3', 'Client gone 1'])
  expect(await linesOf(details.getByRole('figure', { name: 'Bodies' }))).toEqual([`Out ${out}`, `In ${into}`])
  expect(await details.getByRole('figure', { name: 'Policies and retries' }).innerText()).toContain('2')
  await details.getByText('25 requests in the last hour').waitFor()

  await details.getByRole('button', { name: 'Show figures' }).click()
  const figures = details.getByRole('table', { name: 'Last hour in figures' })
  const totals = figures.getByRole('row', { name: 'Last hour' }).getByRole('cell')
  expect(await totals.allInnerTexts()).toEqual(['25', '5', '3', '1', '', '', '', '', out, into, '2'])
  const counts = await figures.locator('tbody tr:not(.totals) td:first-of-type').allInnerTexts()
  expect(counts.reduce((all, count) => all + Number(count), 0)).toBe(25)
  await details.getByRole('button', { name: 'Show figures' }).click()

  await requests.locator('.u-over').hover()
  await details.getByText('click to see these requests').waitFor()
  expect(await requests.innerText()).toContain('Portico did not run')
  await requests.locator('.u-over').click()
  await page.getByText('those of that time may have left it').waitFor()
  expect(await page.getByLabel('All apps').inputValue()).toBe('shop')
  await page.getByRole('button', { name: 'Clear filters' }).first().click()
  await page.keyboard.press('1')
  await details.getByRole('button', { name: 'Live' }).click()
  await details
    .getByRole('figure', { name: /In the last minute/ })
    .first()
    .waitFor()
}

/** All apps together, and the busiest of them. */
async function wholeHour(page: Page): Promise<void> {
  await page.keyboard.press('4')
  const screen = page.getByRole('main')
  await screen.getByText('29 requests in the last hour').waitFor()
  const rows = screen.getByRole('table', { name: 'Busiest apps' }).locator('tbody tr')
  const cells = await rows.evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)))
  expect(cells.map((row) => row.slice(0, 4))).toEqual([
    ['shop', '25', '5', '3'],
    ['api', '4', '0', '0'],
  ])
  expect(cells.every((row) => /^[\d.]+ ms$/.test(row[4] ?? ''))).toBe(true)
  await screen.getByRole('figure', { name: /^Memory of Portico [\d.]+ MB/ }).waitFor()
  await screen.getByRole('button', { name: 'api', exact: true }).click()
  await screen.getByText('4 requests in the last hour', { exact: true }).waitFor()
  expect(await screen.getByRole('figure', { name: 'Memory' }).count()).toBe(0)
  await screen.getByLabel('App', { exact: true }).selectOption('All apps')
  await screen.getByText('29 requests in the last hour').waitFor()
}

/** What keys point at is read out, and leads to its requests. */
async function anInstant(page: Page, gateway: TestGateway): Promise<void> {
  const slider = page.getByRole('slider')
  await slider.focus()
  const said = async () => (await slider.getAttribute('aria-valuetext')) ?? ''
  for (let press = 0; press < 6 && /p95 –/.test(await said()); press++) await page.keyboard.press('ArrowLeft')
  expect(await said()).toMatch(/Requests All (–|[\d.]+\/s), .*Duration p95 [\d.]+ ms, .*In flight [1-9]/)
  const [, from = '', to = ''] = /^(\S+) – (\S+):/.exec(await said()) ?? []
  await page.keyboard.press('Enter')
  const span = page.getByRole('button', { name: `${from} – ${to}` })
  await span.waitFor()
  await page.getByRole('heading', { name: 'Requests' }).waitFor()
  const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' })
  const ended = ({ time, totalMs }: ExchangeEntry) => Math.floor((Date.parse(time) + totalMs) / STEP_MS) * STEP_MS
  const within = gateway.entries().filter((entry) => clock.format(ended(entry)) === from).length
  await page.getByText(within === 29 ? /^29$/ : `${within} of 29`).waitFor()
  await span.click()
  await page.getByText(/^29$/).waitFor()
}

async function askedOnlyWhileSeen(page: Page, gateway: TestGateway, asked: string[]): Promise<void> {
  const histories = () => asked.filter((name) => name.startsWith('history')).sort()
  await page.keyboard.press('4')
  await page.getByText('29 requests in the last hour').waitFor()
  await HTTP2.request(gateway, { host: 'api.localhost' })
  await until(() => gateway.entries().length === 30, 'the entry')
  await page.clock.runFor(NEXT_STEP_MS)
  await page.getByText('30 requests in the last hour').waitFor()

  await setSeen(page, false)
  asked.length = 0
  await page.clock.runFor(6 * STEP_MS)
  expect(histories()).toEqual([])
  await setSeen(page, true)
  await until(() => histories().length === 2, 'the hour is asked for')
  expect(histories()).toEqual(['history', 'history.apps'])

  await page.keyboard.press('1')
  await page.getByRole('button', { name: 'Add app' }).waitFor()
  asked.length = 0
  await page.clock.runFor(6 * STEP_MS)
  expect(histories()).toEqual([])
}

function setSeen(page: Page, seen: boolean): Promise<void> {
  return page.evaluate((visible) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: visible ? 'visible' : 'hidden' })
    document.dispatchEvent(new Event('visibilitychange'))
  }, seen)
}

/** The names and values of a chart's lines. */
async function linesOf(chart: Locator): Promise<string[]> {
  const lines = await chart.getByRole('listitem').allInnerTexts()
  return lines.map((line) => line.replace(/\s+/g, ' ').trim())
}

/** Two apps that have had 29 requests: 25 of the shop, of which 5 were refused, 3 failed, and one was given up. */
async function startTraffic(): Promise<TestGateway> {
  const upstream = await startUpstream((request, response) => {
    const status = { '/404': 404, '/500': 500 }[request.url ?? ''] ?? 200
    if (request.url !== '/hang') response.writeHead(status).end('x'.repeat(1_000))
  })
  onTestFinished(() => upstream.close())
  const target = { upstream: { backends: [{ url: upstream.url }] } }
  const limited = { path: '/limited', ...target, policies: { rateLimit: { rate: '1/h' } } }
  const gateway = await startGateway({
    apps: [
      { name: 'shop', routes: [limited, { path: '/', ...target }] },
      { name: 'api', port: upstream.port },
    ],
  })
  onTestFinished(() => gateway.stop())
  const shop = { host: 'shop.localhost' }
  const paths = ['/404', '/500', '/limited', '/', '/', '/', '/']
  for (const path of paths) for (let i = 0; i < 3; i++) await HTTP2.request(gateway, { ...shop, path })
  for (let i = 0; i < 3; i++) await HTTP1.request(gateway, { ...shop, method: 'POST', body: 'y'.repeat(100) })
  for (let i = 0; i < 4; i++) await HTTP1.request(gateway, { host: 'api.localhost' })
  const leaving = new AbortController()
  const left = HTTP1.request(gateway, { ...shop, path: '/hang', signal: leaving.signal }).catch(() => {})
  await until(() => upstream.requests.some((request) => request.target === '/hang'), 'the request that is given up')
  leaving.abort()
  await left
  await until(() => gateway.entries().length === 29, 'the entries')
  return gateway
}

/** An engine that notes the commands it is asked. */
function listening(engine: Portal, asked: string[]): Portal {
  return {
    on: (name, listener) => engine.on(name, listener),
    call: (name, params) => {
      asked.push(name)
      return engine.call(name, params)
    },
  }
}
