import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { HTTP1, HTTP2 } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { Listeners } from '../support/listener.js'
import { startUpstream } from '../support/upstream.js'
import { missingChromium, openWindowPage } from '../support/window-page.js'

const MISSING = missingChromium()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the window cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the window's screens in Chromium: ${MISSING}`)

/** `PORTICO_SCREENSHOTS=docs/screenshots` renews the pictures of the documentation; otherwise they are thrown away. */
const KEPT_IN = process.env.PORTICO_SCREENSHOTS

test.skipIf(MISSING !== null).each(['light', 'dark'] as const)(
  'every screen draws without a complaint, %s',
  { timeout: 120_000 },
  async (colorScheme) => {
    const folder = KEPT_IN ?? (await mkdtemp(path.join(os.tmpdir(), 'portico-screens-')))
    if (KEPT_IN === undefined) onTestFinished(() => rm(folder, { recursive: true, force: true }))
    await mkdir(folder, { recursive: true })
    const gateway = await startScene()
    const { page, complaints } = await openWindowPage(gateway.engine, { colorScheme })
    const shoot = async (name: string) => {
      await page.mouse.move(640, 790)
      await page.screenshot({ path: path.join(folder, `${name}-${colorScheme}.png`), animations: 'disabled' })
    }
    await page.getByText('Give your local apps a real https address').waitFor()
    await page
      .getByRole('button', { name: /^Add port/ })
      .first()
      .waitFor()
    await shoot('welcome')
    await fill(gateway)
    await page.getByRole('row', { name: 'api' }).getByText('Unhealthy').waitFor()
    await page.getByRole('button', { name: 'Details of shop' }).click()
    await page.getByText('POST /cart').first().waitFor()
    await page.getByRole('complementary').getByText('p95').waitFor()
    await shoot('apps')
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
    await page.getByText('Certificates of your hosts').waitFor()
    await shoot('certificates')
    await page.keyboard.press('5')
    await page.getByText('Configuration file').waitFor()
    await shoot('settings')
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog', { name: 'Command palette' }).waitFor()
    await page.keyboard.type('shop')
    await shoot('palette')
    expect(complaints).toEqual([])
    await narrow(page)
  },
)

/** At 720 pixels, and at 200 % zoom of it, nothing makes the page itself scroll sideways. */
async function narrow(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await page.setViewportSize({ width: 720, height: 500 })
  for (const key of ['1', '2', '3', '4', '5']) {
    await page.keyboard.press(key)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(720)
  }
}

/** A gateway without apps on a machine where two projects listen, and nothing else that it sees. */
async function startScene(): Promise<TestGateway> {
  const listeners = await Listeners.make()
  onTestFinished(() => listeners.close())
  const packageJson = (name: string, framework: string) =>
    JSON.stringify({ name, dependencies: { [framework]: '1.0.0' } })
  const own = [
    await listeners.node(
      await listeners.project('blog', { 'package.json': packageJson('blog', 'astro') }),
      '127.0.0.1',
    ),
    await listeners.node(
      await listeners.project('admin', { 'package.json': packageJson('admin', 'vite') }),
      '127.0.0.1',
    ),
  ].map(({ port }) => port)
  const host = hostFacts('linux')
  const portScanner = {
    scan: async () => (await host.portScanner.scan()).filter(({ port }) => own.includes(port)),
  }
  const gateway = await startGateway({}, { host: { ...host, portScanner }, version: '0.1.0' })
  onTestFinished(() => gateway.stop())
  return gateway
}

/** Apps and a little traffic of every kind. */
async function fill(gateway: TestGateway): Promise<void> {
  const shop = await startUpstream((request, response) => {
    const status = { '/missing.css': 404, '/old': 301 }[request.url ?? ''] ?? 200
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', vary: 'accept' }
    response.writeHead(status, headers).end('{"items":[]}'.repeat(40))
  })
  const gone = await startUpstream()
  await gone.close()
  onTestFinished(() => shop.close())
  await gateway.configure({
    apps: [
      { name: 'shop', port: shop.port },
      { name: 'api', hosts: ['api.localhost', '*.api.localhost'], port: gone.port },
      { name: 'docs', static: { dir: './site', spa: true } },
      { name: 'legacy', enabled: false, port: 8080 },
    ],
  })
  const paths = ['/', '/assets/app-4f1c2a.js', '/assets/main.css', '/missing.css', '/old', '/products?page=2']
  for (let round = 0; round < 4; round++) {
    for (const one of paths) await HTTP2.request(gateway, { host: 'shop.localhost', path: one })
    await HTTP1.request(gateway, { host: 'api.localhost', path: '/v1/orders/7' })
  }
  const headers: [string, string][] = [
    ['content-type', 'application/json'],
    ['accept', 'application/json'],
  ]
  await HTTP2.request(gateway, { host: 'shop.localhost', method: 'POST', path: '/cart', headers, body: '{"id":7}' })
}
