import { readFile, writeFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import type { App } from '../../src/shared/config.js'
import { HTTP2 } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { startUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'
import { missingChromium, openWindowPage } from '../support/window-page.js'

const MISSING = missingChromium()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the window cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the window's policies in Chromium: ${MISSING}`)
const inChromium = test.skipIf(MISSING !== null)
const PASSWORD = 'correct horse'

/** One window for all of it: each step goes on where the one before has ended. */
inChromium('policies are set, changed and taken back in the window', { timeout: 120_000 }, async () => {
  const upstream = await startUpstream()
  onTestFinished(() => upstream.close())
  const gateway = await startGateway({ apps: [{ name: 'shop', port: upstream.port }] })
  onTestFinished(() => gateway.stop())
  const { page, complaints } = await openWindowPage(gateway.engine)
  await page.getByRole('button', { name: 'Details of shop' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('policies shop')
  await page.keyboard.press('Enter')

  await limitPath(page, gateway)
  await correctByJson(page, gateway)
  await undo(page, gateway, upstream.port)
  await askForPassword(page, gateway)
  await keepSecrets(page, gateway)
  await tellRefusal(page, gateway)
  await overrideOnRoute(page, gateway)
  expect(complaints).toEqual([])
})

/** A limit for /api by the form: the requests beyond it get 429, those to other paths do not. */
async function limitPath(page: Page, gateway: TestGateway): Promise<void> {
  await page.getByLabel('Applies to').selectOption({ label: 'Another path…' })
  await page.getByLabel('Path').fill('api')
  await page.keyboard.press('Enter')
  await page.getByText('Begin it with "/".').waitFor()
  await page.getByLabel('Path').fill('/api')
  await page.keyboard.press('Enter')
  await page.getByText('The route /api/* is made when you turn something on here.').waitFor()
  expect(await page.getByLabel('Applies to').evaluate((select) => select === document.activeElement)).toBe(true)
  const dialog = await open(page, 'Rate limit')
  await dialog.getByLabel('Requests', { exact: true }).fill('many')
  await page.keyboard.press('Enter')
  const field = dialog.getByLabel('Requests', { exact: true })
  expect(await describedBy(page, field)).toBe('must be a rate such as "100/m"')
  expect(await field.getAttribute('aria-invalid')).toBe('true')
  expect(gateway.engine.status().apps[0]?.app.routes).toBeUndefined()
  await field.fill('2')
  await dialog.getByRole('button', { name: 'Turn on' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Rate limit 2 requests per minute per client' }).waitFor()
  expect(await statuses(gateway, '/api/x', 3)).toEqual([200, 200, 429])
  expect(await statuses(gateway, '/other', 1)).toEqual([200])
}

/** The JSON of the same policy: a wrong value is told by its place, there and at its field. */
async function correctByJson(page: Page, gateway: TestGateway): Promise<void> {
  const dialog = await open(page, 'Rate limit')
  await dialog.getByRole('button', { name: 'JSON' }).click()
  const json = dialog.getByLabel('The policy as it stands in the config file')
  expect(JSON.parse(await json.inputValue())).toEqual({ rate: '2/m' })
  await json.fill('{"rate": "3/m", "burst": -1, "by": {"header": "X-Api-Key"}}')
  await dialog.getByRole('listitem').getByText('burst').waitFor()
  await dialog.getByRole('button', { name: 'Form' }).click()
  expect(await dialog.getByLabel('Requests', { exact: true }).inputValue()).toBe('3')
  expect(await dialog.getByLabel('Request header').inputValue()).toBe('X-Api-Key')
  await dialog.getByRole('button', { name: 'Save' }).click()
  const burst = dialog.getByLabel('Burst')
  await until(async () => (await describedBy(page, burst)) === 'must be at least 0', 'the problem at its field')
  await burst.fill('4')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(appOf(gateway).routes?.[0]?.policies?.rateLimit).toEqual({
    rate: '3/m',
    burst: 4,
    by: { header: 'X-Api-Key' },
  })
}

/** The toast takes back the one change that it tells of. */
async function undo(page: Page, gateway: TestGateway, port: number): Promise<void> {
  await page.getByRole('button', { name: 'Undo' }).last().click()
  const limit = () => appOf(gateway).routes?.[0]?.policies?.rateLimit
  await until(() => JSON.stringify(limit()) === '{"rate":"2/m"}', 'the limit of before')
  await page.getByRole('button', { name: 'Rate limit 2 requests per minute per client' }).waitFor()
  await gateway.engine.call('app.update', { name: 'shop', app: { name: 'shop', port } })
}

/** A user name and a password for the whole app; nothing but the hash is written. */
async function askForPassword(page: Page, gateway: TestGateway): Promise<void> {
  await page.getByLabel('Applies to').selectOption({ label: 'Whole app' })
  const dialog = await open(page, 'Password (basic auth)')
  await page.keyboard.type('ann')
  await page.keyboard.press('Enter')
  await dialog.getByText('Type a password for ann.').waitFor()
  await dialog.getByLabel('Password 1').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  expect(await readFile(gateway.configFile, 'utf8')).not.toContain(PASSWORD)
  expect(await statuses(gateway, '/', 1)).toEqual([401])
  const authorization = `Basic ${Buffer.from(`ann:${PASSWORD}`).toString('base64')}`
  expect(await statuses(gateway, '/', 1, [['authorization', authorization]])).toEqual([200])
}

/** What is secret is shown nowhere, and stays what it was when something else is changed. */
async function keepSecrets(page: Page, gateway: TestGateway): Promise<void> {
  const before = users(gateway).ann
  const dialog = await open(page, 'Password (basic auth)')
  await dialog.getByText('More settings').click()
  await dialog.getByLabel('Header with the user name').fill('X-Remote-User')
  await dialog.getByRole('button', { name: 'JSON' }).click()
  expect(await dialog.getByRole('textbox').inputValue()).not.toContain('scrypt')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(appOf(gateway).policies?.basicAuth).toEqual({ users: { ann: before }, userHeader: 'X-Remote-User' })
  await page.getByRole('tab', { name: 'Overview' }).click()
  expect(await page.locator('.command code').innerText()).not.toContain('scrypt')
  await page.getByRole('tab', { name: 'Policies' }).click()
}

/** What only the engine can know is told in the dialog, which stays as it is. */
async function tellRefusal(page: Page, gateway: TestGateway): Promise<void> {
  const file = await readFile(gateway.configFile, 'utf8')
  await writeFile(gateway.configFile, '{')
  await until(() => gateway.engine.status().configError !== null, 'the broken file is seen')
  const dialog = await open(page, 'Compression')
  await dialog.getByRole('button', { name: 'Turn on' }).click()
  await dialog.getByText('Finish or undo the edit of that file').waitFor()
  await writeFile(gateway.configFile, file)
  await until(() => gateway.engine.status().configError === null, 'the mended file is seen')
  await dialog.getByRole('button', { name: 'Turn on' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(appOf(gateway).policies?.compression).toEqual({})
}

/** A route shows what it has from the app, turns it off for itself, and goes back to it. */
async function overrideOnRoute(page: Page, gateway: TestGateway): Promise<void> {
  const app = appOf(gateway)
  const upstream = { backends: [{ url: `http://localhost:${app.port}` }] }
  const { port: _, ...rest } = app
  const routes = ['/open/*', '/'].map((path) => ({ path, upstream }))
  await gateway.engine.call('app.update', { name: 'shop', app: { ...rest, routes } })
  await page.getByLabel('Applies to').selectOption({ label: '/open/*' })
  const row = page.getByRole('listitem').filter({ hasText: 'Password (basic auth)' })
  await row.getByText('From the app').waitFor()
  await row.getByRole('button', { name: 'Turn off Password (basic auth)' }).click()
  await row.getByText('Off here').waitFor()
  expect(appOf(gateway).routes?.[0]?.policies).toEqual({ basicAuth: false })
  expect([await statuses(gateway, '/open/x', 1), await statuses(gateway, '/', 1)]).toEqual([[200], [401]])
  const dialog = await open(page, 'Password (basic auth)')
  await dialog.getByRole('button', { name: 'Use the app’s' }).click()
  await row.getByText('From the app').waitFor()
  expect(appOf(gateway).routes?.[0]?.policies).toBeUndefined()
}

async function open(page: Page, policy: string) {
  await page.getByRole('listitem').filter({ hasText: policy }).getByRole('button').first().click()
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  return dialog
}

function appOf(gateway: TestGateway): App {
  const [status] = gateway.engine.status().apps
  if (status === undefined) throw new Error('the app is gone')
  return status.app
}

function users(gateway: TestGateway): Record<string, string> {
  const settings = appOf(gateway).policies?.basicAuth
  return settings === undefined || settings === false ? {} : settings.users
}

async function statuses(gateway: TestGateway, path: string, count: number, headers: [string, string][] = []) {
  const seen: number[] = []
  for (let number = 0; number < count; number++) {
    seen.push((await HTTP2.request(gateway, { host: 'shop.localhost', path, headers })).status)
  }
  return seen
}

/** What a screen reader says beside a field. */
async function describedBy(page: Page, field: ReturnType<Page['getByLabel']>): Promise<string | null> {
  const id = await field.getAttribute('aria-describedby')
  return page.locator(`[id="${id}"]`).textContent()
}
