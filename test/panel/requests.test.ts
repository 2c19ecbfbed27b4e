import type { Locator, Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import type { EventName, EventPayload, ExchangeEntry, Portal } from '../../src/shared/contract.js'
import { HTTP1, HTTP2 } from '../support/client.js'
import { startGateway } from '../support/gateway.js'
import { startUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'
import { missingChromium, openWindowPage } from '../support/window-page.js'

const MISSING = missingChromium()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the window cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the window's requests in Chromium: ${MISSING}`)
const inChromium = test.skipIf(MISSING !== null)

const RATE = 2_000
const SECONDS = 5
const TICK_MS = 20

inChromium(
  'the details of an exchange: both header sets, backend, TLS, and a curl command',
  { timeout: 60_000 },
  async () => {
    const { page, gateway } = await open()
    await HTTP2.request(gateway, { host: 'shop.localhost', path: "/it's", headers: [['x-mark', 'a b']] })
    await row(page, "GET shop.localhost/it's").click()
    const details = page.getByRole('complementary', { name: "GET /it's" })
    await details.getByText('TLSv1.3').waitFor()
    await details.getByText('answered').waitFor()
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
  `all rows arrive at ${RATE} entries a second, and the place that is looked at stays`,
  { timeout: 120_000 },
  async () => {
    const gateway = await startGateway({ apps: [{ name: 'shop', port: 3000 }] })
    onTestFinished(() => gateway.stop())
    const flood = new Flood(gateway.engine)
    const { page, complaints } = await openWindowPage(flood)
    await page.getByRole('button', { name: 'Requests' }).click()
    await until(() => flood.followed, 'the subscription')
    await page.evaluate(() => {
      const tasks: number[] = []
      Object.assign(window, { tasks })
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
        entryTypes: ['longtask'],
      })
    })
    await flood.run(RATE * SECONDS)
    const total = RATE * SECONDS
    let shown = ''
    const allShown = async () => {
      shown = await page.locator('.screen > header > span').innerText()
      return shown === total.toLocaleString('en')
    }
    await until(allShown, () => `${total} rows; there were ${shown}, complaints: ${complaints.join('; ')}`, 30_000)
    await row(page, `GET shop.localhost/item/${total - 1}`).waitFor()
    const tasks = await page.evaluate(() => (window as unknown as { tasks: number[] }).tasks)
    console.log(
      `${total} rows at ${RATE}/s: ${tasks.length} tasks over 50 ms, ${tasks.filter((ms) => ms > 100).length} over 100 ms, longest ${Math.round(Math.max(0, ...tasks))} ms`,
    )

    await page.locator('.log-scroll').evaluate((element) => element.scrollTo({ top: 28_000 }))
    await row(page, 'GET shop.localhost/item/1005').waitFor()
    const place = await row(page, 'GET shop.localhost/item/1005').boundingBox()
    await flood.run(42)
    await page.getByRole('button', { name: '42 new' }).waitFor()
    expect(await row(page, 'GET shop.localhost/item/1005').boundingBox()).toEqual(place)
    await page.getByRole('button', { name: '42 new' }).click()
    await row(page, `GET shop.localhost/item/${total + 41}`).waitFor()
    expect(complaints).toEqual([])
  },
)

/** A real engine whose exchanges are joined by made ones: more a second than two cores carry requests beside a browser. */
class Flood implements Portal {
  readonly #engine: Portal
  #listeners = new Set<(entry: ExchangeEntry) => void>()
  #sent = 0

  constructor(engine: Portal) {
    this.#engine = engine
  }

  get followed(): boolean {
    return this.#listeners.size > 0
  }

  call: Portal['call'] = (name, params) => this.#engine.call(name, params)

  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void {
    if (name !== 'exchange') return this.#engine.on(name, listener)
    const take = listener as (entry: ExchangeEntry) => void
    this.#listeners.add(take)
    return () => void this.#listeners.delete(take)
  }

  /** Sends `count` entries at the rate of the test. */
  async run(count: number): Promise<void> {
    const begun = performance.now()
    const first = this.#sent
    const timer = setInterval(() => {
      const due = Math.min(count, Math.floor(((performance.now() - begun) / 1_000) * RATE))
      while (this.#sent - first < due) this.#send(this.#sent++)
    }, TICK_MS)
    await until(() => this.#sent - first === count, 'the last entry', 60_000)
    clearInterval(timer)
  }

  #send(at: number): void {
    const entry: ExchangeEntry = {
      time: new Date().toISOString(),
      id: `made-${at}`,
      app: 'shop',
      host: 'shop.localhost',
      method: 'GET',
      path: `/item/${at}`,
      status: at % 50 === 0 ? 502 : 200,
      bytesIn: 0,
      bytesOut: 1_024,
      connectMs: 0.2,
      firstByteMs: 1.5,
      totalMs: 2 + (at % 7),
      client: '127.0.0.1',
      protocol: 'h2',
      backend: 'http://127.0.0.1:3000',
      error: null,
    }
    for (const listener of this.#listeners) listener(entry)
  }
}

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
  return page.getByRole('list', { name: 'Requests, newest last' }).getByRole('button')
}

function row(page: Page, name: string): Locator {
  return page.getByRole('button', { name: `${name},` })
}
