import { once } from 'node:events'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../support/gateway.js'
import { ask, connectUser, readAll, startEcho, startRelay } from '../support/relay.js'
import { within } from '../support/wait.js'
import { missingChromium, openWindowPage } from '../support/window-page.js'

const MISSING = missingChromium()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the window cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED services in the window in Chromium: ${MISSING}`)

test.skipIf(MISSING !== null)(
  'users of a relay are let to services, see what is refused allowed by a click, and are cut off again',
  { timeout: 60_000 },
  async () => {
    const { page, relay, host, ports, complaints } = await open()
    await page.getByRole('contentinfo').getByText('1 app').waitFor()
    await page.keyboard.press('5')
    const section = page.getByRole('region', { name: 'Services', exact: true })
    await section.getByText('Its users reach no services here.').waitFor()
    await connects(page, host, ports.app)
    const card = section.getByRole('listitem', { name: host })
    await card.getByText('Connected', { exact: true }).waitFor()
    expect(await card.evaluate((element) => element === document.activeElement)).toBe(true)
    await card.getByText('as laptop').waitFor()
    await card.getByText('No port of the relay leads here yet.').waitFor()
    const [own, other] = [await relay.proxy(ports.app), await relay.proxy(ports.service)]
    const row = (address: number) => card.getByRole('row', { name: `127.0.0.1:${address} ` })
    await row(own.local_port).getByText('Allowed').waitFor()
    expect(await ask(other.local_port, 'hello')).toBe('[ECONNRESET]')
    await card.getByText('1 target was not reached').click()
    await card.getByText('it is no app of this machine, and not allowed', { exact: true }).waitFor()
    await row(other.local_port).getByText('1 failed').waitFor()
    await card.getByRole('button', { name: `Allow it: 127.0.0.1:${ports.service}` }).click()
    await row(other.local_port).getByText('Allowed').waitFor()
    const user = await connectUser(other.local_port)
    user.write('hello')
    await within(once(user, 'data'), 'the echo')
    await row(other.local_port).getByText('1 open, 1 in all').waitFor()
    await row(other.local_port).getByText('5 B').first().waitFor()
    await isNotOverlooked(page, host)
    await card.getByRole('button', { name: 'Disconnect' }).click()
    expect(await within(readAll(user), 'its end')).toBe('[ECONNRESET]')
    await section.getByText('Its users reach no services here.').waitFor()
    await page.getByRole('button', { name: 'Services: ' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Connect again' }).click()
    await row(other.local_port).getByText('Allowed').waitFor()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('disconnect')
    await page.keyboard.press('Enter')
    await section.getByText('Its users reach no services here.').waitFor()
    expect(complaints).toEqual([])
  },
)

/** By the keyboard; a mistake is told at the field. */
async function connects(page: Page, host: string, appPort: number): Promise<void> {
  await page.getByRole('listitem', { name: host }).getByRole('button', { name: 'Connect…' }).press('Enter')
  const dialog = page.getByRole('dialog', { name: `Connect services to ${host}` })
  await dialog.getByText(String(appPort)).waitFor()
  const allow = dialog.getByLabel('Also allowed')
  expect(await allow.evaluate((element) => element === document.activeElement)).toBe(true)
  await page.keyboard.type('10.0.0.0/8\n\ndb.lan')
  await dialog.getByRole('button', { name: 'Connect', exact: true }).press('Enter')
  await dialog.getByText('Line 3: "db.lan" cannot be allowed: the port is missing.').waitFor()
  expect(await allow.getAttribute('aria-invalid')).toBe('true')
  await allow.fill('10.0.0.0/8')
  await dialog.getByRole('button', { name: 'Connect', exact: true }).press('Enter')
  await dialog.waitFor({ state: 'detached' })
}

/** Whichever screen is open. */
async function isNotOverlooked(page: Page, host: string): Promise<void> {
  await page.keyboard.press('1')
  await page.getByRole('navigation').getByRole('button', { name: 'Share 1' }).waitFor()
  await page
    .getByRole('contentinfo')
    .getByRole('button', { name: `Services: ${host}` })
    .click()
  await page.getByRole('heading', { name: 'Share', exact: true }).waitFor()
}

async function open() {
  const relay = await startRelay()
  const [app, service] = [await startEcho(), await startEcho()]
  const gateway = await startGateway({ apps: [{ name: 'shop', port: app.port }] })
  onTestFinished(() => gateway.stop())
  const url = relay.url.replace(/\/agent$/, '')
  await gateway.engine.call('share.relay.save', { url, token: (await relay.token()).token })
  const ports = { app: app.port, service: service.port }
  return { relay, host: new URL(url).host, ports, ...(await openWindowPage(gateway.engine)) }
}
