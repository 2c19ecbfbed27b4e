import { readFile } from 'node:fs/promises'
import type { Locator, Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { HTTP2 } from '../support/client.js'
import { startGateway, type TestConfig, type TestGateway } from '../support/gateway.js'
import { Listeners } from '../support/listener.js'
import { startUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'
import { missingChromium, openWindowPage, type WindowPage } from '../support/window-page.js'

const MISSING = missingChromium()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the window cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the window's apps in Chromium: ${MISSING}`)
const inChromium = test.skipIf(MISSING !== null)

inChromium('an app added by the form answers, and its first request appears live', { timeout: 60_000 }, async () => {
  const upstream = await startUpstream()
  onTestFinished(() => upstream.close())
  const { page, gateway, complaints } = await open()
  await page.getByText('Give your local apps a real https address').waitFor()
  await page.getByRole('button', { name: 'Add it by hand' }).click()
  const form = page.getByRole('dialog')
  expect(await focused(page)).toBe('Name')
  await form.getByLabel('Name').fill('shop')
  await form.getByLabel('Port', { exact: true }).fill(String(upstream.port))
  await page.keyboard.press('Enter')
  await page.getByRole('cell', { name: 'Details of shop' }).waitFor()

  await page.keyboard.press('2')
  await page.getByText('No requests yet').waitFor()
  await HTTP2.request(gateway, { host: 'shop.localhost', path: '/first?x=1' })
  await page.getByRole('button', { name: 'shop.localhost/first?x=1' }).waitFor()
  expect(complaints).toEqual([])
})

inChromium('what begins to listen is offered by itself, and one click adds it', { timeout: 60_000 }, async () => {
  const listeners = await Listeners.make()
  onTestFinished(() => listeners.close())
  const { page, gateway } = await open({}, true)
  await page.getByText('Add your first app').waitFor()
  const project = await listeners.project('front', {
    'package.json': '{"name":"boutique","dependencies":{"vite":"8"}}',
  })
  const { port } = await listeners.node(project, '127.0.0.1')
  await page.getByRole('button', { name: `Add port ${port} as boutique` }).click()
  await page.getByText('boutique was added.').waitFor()
  expect(gateway.engine.status().apps.map(({ app }) => app)).toEqual([{ name: 'boutique', port }])
  await page.getByRole('button', { name: `Add port ${port}` }).waitFor({ state: 'detached' })
})

inChromium('mistakes are told as they are typed, in the words of the schema', { timeout: 60_000 }, async () => {
  const { page, gateway } = await open({ apps: [{ name: 'shop', port: 3000 }] })
  await page.getByRole('button', { name: 'Add app' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Port', { exact: true }).fill('70000')
  await form.getByText('must be a port from 1 to 65535').waitFor()
  await form.getByLabel('Hosts').fill('https://x.localhost')
  await form.getByText('without "https://"').waitFor()
  await form.getByRole('button', { name: 'JSON' }).click()
  const json = form.getByLabel('The app as it stands in the config file')
  await json.fill('{"name": "new", ')
  await form.getByText('This is not JSON').waitFor()
  await json.fill('{"name": "new", "port": 0, "colour": "red"}')
  await form.getByText('Unrecognized key: "colour"').waitFor()
  await form.getByText('must be a port from 1 to 65535').waitFor()
  await form.getByRole('button', { name: 'Add app' }).click()
  expect(gateway.engine.status().apps).toHaveLength(1)
  await json.fill('{"name": "shop", "port": 4000}')
  await form.getByRole('button', { name: 'Add app' }).click()
  await form.getByText('There is an app "shop" already.').waitFor()
  await json.fill('{"name": "new", "port": 4000}')
  await form.getByRole('button', { name: 'Add app' }).click()
  await until(() => gateway.engine.status().apps.length === 2, 'the new app')
})

inChromium('an edit keeps what the form does not show', { timeout: 60_000 }, async () => {
  const app = { name: 'shop', port: 3000, certificate: 'self-signed' as const }
  const { page, gateway } = await open({ apps: [app] })
  await row(page, 'shop').click()
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Name').fill('store')
  await form.getByLabel('Port', { exact: true }).fill('3001')
  await form.getByRole('button', { name: 'Save' }).click()
  await row(page, 'store').waitFor()
  expect(gateway.engine.status().apps[0]?.app).toEqual({ name: 'store', port: 3001, certificate: 'self-signed' })
})

inChromium('a deleted app comes back to its place; disabled ones say so', { timeout: 60_000 }, async () => {
  const names = ['one', 'two', 'three']
  const { page, gateway } = await open({ apps: names.map((name, at) => ({ name, port: 3000 + at })) })
  await row(page, 'two').click()
  await page.getByRole('button', { name: 'Disable' }).click()
  await page.getByRole('row', { name: 'two' }).getByText('Disabled').waitFor()
  await page.getByRole('button', { name: 'Delete' }).click()
  await row(page, 'two').waitFor({ state: 'detached' })
  expect(JSON.parse(await readFile(gateway.configFile, 'utf8')).apps).toHaveLength(2)
  await page.getByRole('button', { name: 'Undo' }).click()
  await row(page, 'two').waitFor()
  expect(gateway.engine.status().apps.map(({ name, enabled }) => [name, enabled])).toEqual([
    ['one', true],
    ['two', false],
    ['three', true],
  ])
})

inChromium('a backend that does not answer is shown unhealthy, with the reason', { timeout: 60_000 }, async () => {
  const upstream = await startUpstream()
  await upstream.close()
  const { page, gateway } = await open({ apps: [{ name: 'shop', port: upstream.port }] })
  await HTTP2.request(gateway, { host: 'shop.localhost' })
  await page.getByRole('row', { name: 'shop' }).getByText('Unhealthy').waitFor()
  await page.keyboard.press('3')
  const [backend] = await gateway.engine.call('backends.list', {})
  await page.getByText(String(backend?.reason).replace('shop is not answering. ', '')).waitFor()
})

inChromium(
  'an app that does not answer offers the port where it is, and the field to change it',
  { timeout: 60_000 },
  async () => {
    const listeners = await Listeners.make()
    onTestFinished(() => listeners.close())
    const { page, gateway } = await open({ apps: [{ name: 'boutique', port: 1 }] }, true)
    const project = await listeners.project('front', { 'package.json': '{"name":"boutique"}' })
    const { port } = await listeners.node(project, '127.0.0.1')
    await HTTP2.request(gateway, { host: 'boutique.localhost' })
    await row(page, 'boutique').click()
    const details = page.getByRole('complementary')
    await details.getByRole('button', { name: 'Change port' }).click()
    await page.getByRole('dialog').waitFor()
    expect(await focused(page)).toBe('Port')
    await page.keyboard.press('Escape')
    await details.getByRole('button', { name: `Use port ${port}` }).click()
    await page.getByText(`boutique now leads to port ${port}.`).waitFor()
    expect(gateway.engine.status().apps[0]?.app).toEqual({ name: 'boutique', port })
    await details.getByRole('button', { name: `Use port ${port}` }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo' }).click()
    await until(() => gateway.engine.status().apps[0]?.app.port === 1, 'the port of before')
  },
)

inChromium('the window is worked by keyboard alone', { timeout: 60_000 }, async () => {
  const { page } = await open({ apps: ['one', 'two'].map((name, at) => ({ name, port: 3000 + at })) })
  await row(page, 'one').waitFor()
  await page.keyboard.press('j')
  await page.getByRole('complementary', { name: 'Details of one' }).waitFor()
  await page.keyboard.press('j')
  await page.getByRole('complementary', { name: 'Details of two' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('complementary').waitFor({ state: 'detached' })
  await page.keyboard.press('/')
  await page.keyboard.type('tw')
  await row(page, 'one').waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor()
  await page.keyboard.type('edit tw')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Edit two' }).waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor()
  await page.keyboard.type('theme dark')
  await page.keyboard.press('Enter')
  await page.locator('html[data-theme=dark]').waitFor()
})

inChromium(
  'an engine that is gone is said to be, what was shown stays, and it is found again',
  { timeout: 60_000 },
  async () => {
    const { page, setReachable } = await open({ apps: [{ name: 'shop', port: 3000 }] })
    await row(page, 'shop').click()
    setReachable(false)
    await page.getByRole('alert').getByText('The engine has stopped.').waitFor()
    await row(page, 'shop').waitFor()
    setReachable(true)
    await page.getByText('The engine has stopped.').waitFor({ state: 'detached' })
  },
)

interface Opened extends WindowPage {
  gateway: TestGateway
}

/** @param discovering whether the gateway looks for what listens on this machine */
async function open(config: TestConfig = {}, discovering = false): Promise<Opened> {
  const gateway = await startGateway(config, discovering ? { host: hostFacts('linux') } : {})
  onTestFinished(() => gateway.stop())
  return { ...(await openWindowPage(gateway.engine)), gateway }
}

function row(page: Page, name: string): Locator {
  return page.getByRole('button', { name: `Details of ${name}` })
}

/** The label of the field that has the focus. */
function focused(page: Page): Promise<string | undefined> {
  return page.evaluate(() => (document.activeElement as HTMLInputElement).labels?.[0]?.textContent ?? undefined)
}
