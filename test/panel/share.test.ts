import type { Locator, Page } from 'playwright-core'
import { encode } from 'uqr'
import { expect, onTestFinished, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { type PublishingRelay, startPublishingRelay } from '../support/publishing-relay.js'
import { startUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'
import { missingChromium, openWindowPage } from '../support/window-page.js'

const MISSING = missingChromium()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the window cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED sharing in the window in Chromium: ${MISSING}`)
const inChromium = test.skipIf(MISSING !== null)

interface Scene {
  page: Page
  gateway: TestGateway
  relay: PublishingRelay
}

inChromium(
  'an app is shared by one click, seen outside, closed with a password, ended and shared again',
  { timeout: 90_000 },
  async () => {
    const { complaints, ...scene } = await open()
    await addsTheRelay(scene)
    await sharesByOneClick(scene)
    await isNotOverlooked(scene)
    await asksForAPassword(scene)
    await endsAndComesBack(scene)
    await tellsThatItsTimeIsOver(scene)
    await forgetsTheRelay(scene)
    expect(complaints).toEqual([])
  },
)

async function addsTheRelay({ page, relay }: Scene): Promise<void> {
  await page.getByRole('contentinfo').getByText('1 app').waitFor()
  await page.keyboard.press('5')
  await page.getByRole('heading', { name: 'Show an app to somebody' }).waitFor()
  await page.getByRole('button', { name: 'Share an app…' }).click()
  const share = page.getByRole('dialog', { name: 'Share an app' })
  await share.getByText('Nothing on this machine can share an app yet.').waitFor()
  await share.getByRole('button', { name: 'Add relay…' }).click()
  const form = page.getByRole('dialog', { name: 'Add a relay' })
  const { token } = await relay.token()
  const save = async (url: string, secret: string) => {
    await form.getByLabel('Address').fill(url)
    await form.getByLabel('Token').fill(secret)
    await page.keyboard.press('Enter')
  }
  await save('relay.localhost', token)
  await problem(form, 'Address', '"relay.localhost" is not the address of a relay.')
  await save(relay.url, token)
  await problem(form, 'Certificate of its authority', 'The relay is not trusted:')
  await form.getByLabel('Certificate of its authority').fill(relay.ca)
  await save(relay.url, 'ptk_wrong')
  await problem(form, 'Token', 'The relay does not accept the token')
  await save(relay.url, token)
  await form.waitFor({ state: 'detached' })
  expect(await share.getByRole('radio', { name: hostOf(relay) }).isChecked()).toBe(true)
  await page.keyboard.press('Escape')
  await page.getByRole('list', { name: 'Ways to share' }).getByText(hostOf(relay)).waitFor()
}

async function problem(form: Locator, field: string, message: string): Promise<void> {
  const input = form.getByLabel(field)
  await until(async () => (await input.getAttribute('aria-invalid')) === 'true', `${field} is wrong`)
  const note = form.page().locator(`[id="${await input.getAttribute('aria-describedby')}"]`)
  expect(await note.textContent()).toContain(message)
}

async function sharesByOneClick({ page, relay }: Scene): Promise<void> {
  await page.keyboard.press('1')
  await page.getByRole('button', { name: 'Share shop' }).click()
  const card = page.getByRole('listitem', { name: 'shop' })
  const url = `https://shop.${hostOf(relay)}`
  await card.getByRole('link', { name: url, exact: true }).waitFor()
  expect(await card.evaluate((element) => element === document.activeElement)).toBe(true)
  await card.getByText('Everybody who has the link can see it.').waitFor()
  await card.getByText(/^ends in (8 h|7 h 59 min)$/).waitFor()
  expect(await darkModules(card)).toEqual(modulesOf(url))
  await card.getByRole('button', { name: 'Copy the address of shop' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(url)
  expect(await relay.visit('shop', '/hello')).toMatchObject({ status: 200, text: 'shop says /hello' })
  await figure(card, 'Requests').getByText('1', { exact: true }).waitFor()
  await figure(card, 'Sent')
    .getByText(/^[1-9][\d.]* k?B$/)
    .waitFor()
  await figure(card, 'To the relay').getByText(/ ms$/).waitFor()
  await card.getByRole('button', { name: 'Show its requests' }).click()
  await page.getByRole('button', { name: /^GET shop\.localhost\/hello, 200/ }).waitFor()
  expect(await page.getByLabel('All apps').inputValue()).toBe('shop')
}

/** Whichever screen is open; and its own name leads there. */
async function isNotOverlooked({ page }: Scene): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name: 'Share 1' }).waitFor()
  await page.keyboard.press('1')
  await page.getByRole('row', { name: 'shop' }).getByRole('button', { name: 'Shared: shop' }).click()
  await page.getByRole('heading', { name: 'Share', exact: true }).waitFor()
  await page.keyboard.press('3')
  await page.getByRole('contentinfo').getByRole('button', { name: 'Shared: shop' }).click()
  await page.getByRole('heading', { name: 'Share', exact: true }).waitFor()
}

async function asksForAPassword({ page, relay }: Scene): Promise<void> {
  const card = page.getByRole('listitem', { name: 'shop' })
  await card.getByRole('button', { name: 'Set a password…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Change how shop is shared' })
  const password = await dialog.getByLabel('Password', { exact: true }).inputValue()
  expect(password).toMatch(/^\w{4}-\w{4}-\w{4}$/)
  await dialog.getByRole('button', { name: 'in 1 h' }).click()
  await dialog.getByRole('button', { name: 'Share like this' }).click()
  await card.getByText('Visitors are asked for the user name guest and the password.').waitFor()
  await card.getByText(/^ends in (60|59) min$/).waitFor()
  await card.getByRole('link', { name: `https://shop.${hostOf(relay)}`, exact: true }).waitFor()
  expect((await relay.visit('shop')).status).toBe(401)
  expect((await relay.visit('shop', '/', basic(password))).status).toBe(200)
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain(password)
}

async function endsAndComesBack({ page, relay, gateway }: Scene): Promise<void> {
  const ended = page.getByRole('list', { name: 'Ended' })
  await page.getByRole('listitem', { name: 'shop' }).getByRole('button', { name: 'Stop' }).click()
  await ended.getByText('It was stopped.').waitFor()
  await page.getByRole('button', { name: /^Shared: / }).waitFor({ state: 'detached' })
  await until(async () => (await relay.visit('shop').catch(() => null))?.status !== 401, 'the name is gone')
  await ended.getByRole('button', { name: 'Share again' }).click()
  await page.getByRole('list', { name: 'Shared now' }).getByText('Visitors are asked for').waitFor()
  await ended.waitFor({ state: 'detached' })
  // A link that had a password is not opened to everybody by one click.
  await page.keyboard.press('Control+k')
  await page.keyboard.type('stop sharing shop')
  await page.keyboard.press('Enter')
  await ended.waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('share shop')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Share shop' })
  expect(await dialog.getByRole('checkbox', { name: 'Ask visitors for a password' }).isChecked()).toBe(true)
  await dialog.getByLabel('Name').fill('No_Name')
  await dialog.getByText('must be a-z, 0-9').waitFor()
  await page.keyboard.press('Escape')
  expect((await gateway.engine.call('share.list', {})).map(({ state }) => state)).toEqual(['ended'])
  await ended.getByRole('button', { name: 'Dismiss shop' }).click()
  await page.getByRole('heading', { name: 'Show an app to somebody' }).waitFor()
}

async function tellsThatItsTimeIsOver({ page, gateway, relay }: Scene): Promise<void> {
  const via = { kind: 'relay' as const, url: relay.url }
  await gateway.engine.call('share.start', { app: 'shop', via, lifetimeMs: 1_200 })
  await page
    .getByRole('listitem', { name: 'shop' })
    .getByText(/^ends in [012] s$/)
    .waitFor()
  await page
    .getByRole('list', { name: 'Ended' })
    .getByText(/time is over/i)
    .waitFor()
}

async function forgetsTheRelay({ page, relay, gateway }: Scene): Promise<void> {
  await page.getByRole('button', { name: `Forget ${hostOf(relay)}` }).click()
  await page.getByRole('button', { name: 'Forget', exact: true }).click()
  const ways = page.getByRole('list', { name: 'Ways to share' })
  await ways.getByText(hostOf(relay), { exact: true }).waitFor({ state: 'detached' })
  expect((await gateway.engine.call('share.ways', {})).filter(({ kind }) => kind === 'relay')).toEqual([])
}

async function open() {
  const relay = await startPublishingRelay()
  const upstream = await startUpstream((request, response) => response.end(`shop says ${request.url}`))
  onTestFinished(() => upstream.close())
  const gateway = await startGateway({ apps: [{ name: 'shop', port: upstream.port }] })
  onTestFinished(() => gateway.stop())
  return { gateway, relay, ...(await openWindowPage(gateway.engine)) }
}

function hostOf({ port }: PublishingRelay): string {
  return `relay.localhost:${port}`
}

function basic(password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`guest:${password}`).toString('base64')}` }
}

function figure(card: Locator, name: string): Locator {
  return card.locator('dl > div', { hasText: name }).locator('dd')
}

/** Where the drawn code is dark, as `x,y`. */
async function darkModules(card: Locator): Promise<string[]> {
  const path = await card.getByRole('img', { name: 'QR code' }).locator('path').getAttribute('d')
  return [...(path ?? '').matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)].flatMap(([, x, y, width]) =>
    Array.from({ length: Number(width) }, (_, at) => `${Number(x) + at},${y}`),
  )
}

function modulesOf(text: string): string[] {
  return encode(text, { ecc: 'M', border: 4 }).data.flatMap((row, y) =>
    row.flatMap((dark, x) => (dark ? [`${x},${y}`] : [])),
  )
}
