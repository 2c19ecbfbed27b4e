import type { Locator, Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { HTTP2 } from '../support/client.js'
import { startGateway } from '../support/gateway.js'
import { missingChromium, openWindowPage } from '../support/window-page.js'
import { LongTasks, longTaskText } from './flood.js'

const MISSING = missingChromium()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the window cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the window's tables in Chromium: ${MISSING}`)
const inChromium = test.skipIf(MISSING !== null)

const MANY = 500

inChromium('sort, filter, columns and widths outlive a reload, on every screen', { timeout: 60_000 }, async () => {
  const { page, complaints } = await open(['shop', 'api', 'docs'])
  await header(page, 'App').click()
  expect(await names(page)).toEqual(['api', 'docs', 'shop'])
  await header(page, 'App').click()
  expect(await names(page)).toEqual(['shop', 'docs', 'api'])
  await hide(page, 'Leads to')
  await page.getByRole('button', { name: 'Details of docs' }).click()
  await page.getByRole('button', { name: 'Resize details' }).focus()
  for (let press = 0; press < 3; press++) await page.keyboard.press('ArrowLeft')
  const width = (await details(page).boundingBox())?.width

  await page.reload()
  await page.getByRole('button', { name: 'Details of docs' }).click()
  expect(await names(page)).toEqual(['shop', 'docs', 'api'])
  expect(await page.getByRole('columnheader', { name: 'App' }).getAttribute('aria-sort')).toBe('descending')
  expect(await header(page, 'Leads to').count()).toBe(0)
  expect((await details(page).boundingBox())?.width).toBe(width)

  await page.keyboard.press('2')
  await page.getByLabel('All statuses').selectOption('5')
  await page.getByLabel('Filter by text').fill('cart')
  await page.keyboard.press('Escape')
  await page.keyboard.press('3')
  await page.getByLabel('Filter backends').fill('docs')
  await page.keyboard.press('Escape')
  await header(page, 'Health').click()
  await page.reload()
  await page.getByLabel('Filter backends').waitFor()
  expect(await page.getByLabel('Filter backends').inputValue()).toBe('docs')
  expect(await page.getByRole('columnheader', { name: 'Health' }).getAttribute('aria-sort')).toBe('ascending')
  await page.keyboard.press('2')
  expect(await page.getByLabel('All statuses').inputValue()).toBe('5')
  expect(await page.getByLabel('Filter by text').inputValue()).toBe('cart')
  expect(complaints).toEqual([])
})

inChromium('a memory full of garbage opens the window as new', { timeout: 60_000 }, async () => {
  const { page, complaints } = await open(['shop'])
  await page.evaluate(() => {
    for (const key of ['screen', 'theme', 'details-width', 'table.apps', 'table.requests', 'requests.filter'])
      localStorage.setItem(
        `portico.${key}`,
        key.length % 2 === 0 ? '{"sort": 7, "filter": [], "hidden": null' : '{"sort": 7}',
      )
  })
  await page.reload()
  await page.getByRole('button', { name: 'Details of shop' }).waitFor()
  await page.keyboard.press('2')
  await page.getByText('No requests yet').waitFor()
  expect(complaints).toEqual([])
})

inChromium('the certificates are filtered and sorted', { timeout: 60_000 }, async () => {
  const { page, gateway } = await open(['shop', 'api'])
  for (const app of ['shop', 'api']) await HTTP2.request(gateway, { host: `${app}.localhost` })
  await page.keyboard.press('6')
  const cells = () => page.locator('tbody tr td:first-child').allInnerTexts()
  await page.getByRole('cell', { name: 'api.localhost', exact: true }).waitFor()
  await header(page, 'Host').click()
  await header(page, 'Host').click()
  expect((await cells()).filter((name) => /^(shop|api)\./.test(name))).toEqual(['shop.localhost', 'api.localhost'])
  await page.getByLabel('Filter certificates').fill('api.')
  expect(await cells()).toEqual(['api.localhost'])
  await page.getByLabel('Filter certificates').fill('nothing')
  await page.getByText('No certificate matches this filter.').waitFor()
  await page.getByRole('button', { name: 'Clear filters' }).click()
  expect((await cells()).length).toBeGreaterThan(1)
})

inChromium(`${MANY} apps: only those in sight are drawn, and keys reach the others`, { timeout: 120_000 }, async () => {
  const apps = Array.from({ length: MANY }, (_, at) => `app-${String(at).padStart(3, '0')}`)
  const { page, complaints } = await open(apps)
  await page.getByRole('button', { name: 'Details of app-000' }).waitFor()
  expect(await page.locator('.table tbody tr').count()).toBeLessThan(80)
  const tasks = await LongTasks.watch(page)
  await page.locator('.scroll').evaluate(async (element) => {
    for (let jumps = 0; jumps < 60; jumps++) {
      element.scrollTop += 300
      await new Promise((resolve) => requestAnimationFrame(resolve))
    }
  })
  await page.getByRole('button', { name: 'Details of app-499' }).waitFor()
  console.log(`${MANY} apps: scrolling ${longTaskText(await tasks.take())}`)
  await page.keyboard.press('ArrowUp')
  await page.getByRole('complementary', { name: 'Details of app-499' }).waitFor()
  await page.keyboard.press('k')
  await page.getByRole('complementary', { name: 'Details of app-498' }).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('app-25')
  await page.getByRole('button', { name: 'Details of app-250' }).waitFor()
  expect(await page.locator('.table tbody tr').count()).toBe(10)
  console.log(`${MANY} apps: filtering ${longTaskText(await tasks.take())}`)
  expect(complaints).toEqual([])
})

async function open(apps: string[]) {
  const gateway = await startGateway({ apps: apps.map((name, at) => ({ name, port: 3000 + at })) })
  onTestFinished(() => gateway.stop())
  const opened = await openWindowPage(gateway.engine)
  await opened.page.getByRole('button', { name: `Details of ${apps[0]}` }).waitFor()
  return { ...opened, gateway }
}

function header(page: Page, name: string): Locator {
  return page.getByRole('columnheader', { name, exact: true }).getByRole('button')
}

async function names(page: Page): Promise<string[]> {
  return page.locator('.table .row-button').allInnerTexts()
}

async function hide(page: Page, column: string): Promise<void> {
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('checkbox', { name: column }).click()
  await page.keyboard.press('Escape')
  await header(page, column).waitFor({ state: 'detached' })
}

function details(page: Page): Locator {
  return page.getByRole('complementary')
}
