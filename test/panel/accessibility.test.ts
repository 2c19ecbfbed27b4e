import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { missingChromium, openWindowPage } from '../support/window-page.js'
import { playShares } from './played-shares.js'
import { fillProcesses, fillScene, startScene } from './scene.js'

const MISSING = missingChromium()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the window cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the window's accessibility in Chromium: ${MISSING}`)
const inChromium = test.skipIf(MISSING !== null)

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const COLOUR_RULES = ['color-contrast', 'link-in-text-block']

inChromium.each(['light', 'dark'] as const)(
  'axe finds nothing on any screen, %s',
  { timeout: 120_000 },
  async (colorScheme) => {
    const gateway = await startScene()
    const played = playShares(gateway.engine)
    const { page } = await openWindowPage(played.engine, { colorScheme, reducedMotion: 'reduce' })
    const found: string[] = []
    const check = async (screen: string) => found.push(...(await violations(page, screen, colorScheme)))
    await page.getByText('Give your local apps a real https address').waitFor()
    await page
      .getByRole('button', { name: /^Add port/ })
      .first()
      .waitFor()
    await check('first run')
    await page.keyboard.press('2')
    await page.getByText('No requests yet').waitFor()
    await check('no requests')
    await page.keyboard.press('1')
    await fillScene(gateway)
    await page.getByRole('row', { name: 'api' }).getByText('Unhealthy').waitFor()
    await check('apps')
    await page.getByRole('button', { name: 'Columns' }).click()
    await check('choice of columns')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Details of shop' }).click()
    await page.locator('canvas').first().waitFor()
    await check('details of an app')
    await page.getByRole('button', { name: 'Errors', exact: true }).click()
    await page.getByRole('button', { name: 'Faults on: shop' }).waitFor()
    await check('faults')
    await page.getByRole('button', { name: 'Turn off', exact: true }).click()
    await page.getByRole('button', { name: 'Turn on again' }).waitFor()
    await page.getByRole('button', { name: 'Details of api' }).click()
    await page.getByRole('button', { name: 'Change port' }).waitFor()
    await check('details of an app that does not answer')
    await page.getByRole('tab', { name: 'Policies' }).click()
    await check('policies')
    await page.getByRole('button', { name: 'Rewrite' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Add to Paths' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Turn on' }).click()
    await page.getByRole('dialog').getByText('must have at least 1 characters').waitFor()
    await check('a policy with a problem')
    await page.keyboard.press('Escape')
    await page.getByRole('tab', { name: 'Overview' }).click()
    await page.getByLabel('Filter apps').fill('nothing like it')
    await page.getByText('No app matches this filter.').waitFor()
    await check('filtered to nothing')
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page.getByRole('button', { name: 'Add app' }).click()
    await page.getByRole('dialog').getByLabel('Port', { exact: true }).fill('70000')
    await check('form')
    await page.getByRole('dialog').getByRole('button', { name: 'JSON' }).click()
    await check('raw JSON')
    await page.keyboard.press('Escape')
    await page.keyboard.press('2')
    await page.getByRole('button', { name: 'POST shop.localhost/cart,' }).click()
    await page.getByText('TLSv1.3').waitFor()
    await check('requests')
    await page.getByRole('tab', { name: 'Response' }).click()
    await page.getByText('cache-control').waitFor()
    await check('headers')
    await page.keyboard.press('3')
    await page.getByText('Unhealthy').first().waitFor()
    await check('backends')
    await page.keyboard.press('4')
    await page.locator('canvas').nth(5).waitFor()
    await check('metrics')
    await page.getByRole('button', { name: 'Show figures' }).click()
    await page.getByRole('table', { name: 'Last hour in figures' }).waitFor()
    await check('figures of the hour')
    await page.keyboard.press('5')
    await page.getByText('ngrok.com/download').waitFor()
    await check('nothing shared')
    played.begin()
    await page.getByRole('listitem', { name: 'shop' }).first().waitFor()
    await page.getByRole('button', { name: 'Look again' }).click()
    await page.getByRole('button', { name: 'Forget relay.example.com' }).waitFor()
    await check('shares')
    const services = page.getByRole('region', { name: 'Services', exact: true })
    await services.getByText('2 targets were not reached').click()
    await services.getByRole('button', { name: 'Change…' }).click()
    await page.getByRole('dialog').getByLabel('Also allowed').waitFor()
    await check('what users of a relay may reach')
    await page.keyboard.press('Escape')
    await services.getByRole('table').scrollIntoViewIfNeeded()
    await check('services')
    await page.getByRole('button', { name: 'Set a password…' }).first().click()
    await page.getByRole('dialog').getByLabel('Password', { exact: true }).waitFor()
    await check('how an app is shared')
    await page.keyboard.press('Escape')
    await page.keyboard.press('1')
    await page.getByRole('row', { name: 'shop' }).getByRole('button', { name: 'Shared: shop' }).waitFor()
    await check('apps that are shared')
    await page.keyboard.press('6')
    await page.getByRole('cell', { name: 'shop.localhost', exact: true }).waitFor()
    await check('certificates')
    await page.keyboard.press('8')
    await page.getByText('Configuration file').waitFor()
    await check('settings')
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog', { name: 'Command palette' }).waitFor()
    await check('palette')
    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await check('shortcuts')
    expect(found).toEqual([])
  },
)

inChromium.each(['light', 'dark'] as const)(
  'axe finds nothing where processes are shown, %s',
  { timeout: 120_000 },
  async (colorScheme) => {
    const gateway = await startScene()
    const { page } = await openWindowPage(gateway.engine, { colorScheme, reducedMotion: 'reduce' })
    const found: string[] = []
    const check = async (screen: string) => found.push(...(await violations(page, screen, colorScheme)))
    await fillProcesses(gateway)
    await page.getByRole('row', { name: 'web' }).getByText('Running').waitFor()
    await page.getByRole('row', { name: 'broken' }).getByText('Failed').waitFor()
    await page.getByRole('button', { name: 'Details of web' }).click()
    await page.getByText('CPU').waitFor()
    await check('details of an app with a process')
    await page.getByRole('tab', { name: 'Output' }).click()
    await page.getByText('Unknown word').waitFor()
    await page.getByRole('textbox', { name: 'Search the output' }).fill('vite')
    await check('output')
    await page.getByRole('button', { name: 'Details of worker' }).click()
    await page.getByRole('tab', { name: 'Overview' }).click()
    await page.getByRole('region', { name: 'Its last lines' }).waitFor()
    await check('a process that crashed')
    await page.getByRole('button', { name: 'Change process' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Add variable' }).click()
    await page.getByRole('dialog').getByText('More', { exact: true }).click()
    await check('form of a process')
    await page.keyboard.press('Escape')
    await page.keyboard.press('3')
    await page.getByText('Drained').waitFor()
    await check('breakers')
    expect(found).toEqual([])
  },
)

inChromium('Tab goes through a screen in the order in which it is read', { timeout: 60_000 }, async () => {
  const gateway = await startScene()
  await fillScene(gateway)
  const { page } = await openWindowPage(gateway.engine)
  await page.getByRole('button', { name: 'Details of shop' }).waitFor()
  const stops = await tabStops(page, 21)
  const order = [
    'Apps',
    'Requests',
    'Backends',
    'Metrics',
    'Share',
    'Certificates',
    'Doctor',
    'Settings',
    'Commands',
    'Shortcuts',
    'Filter apps',
  ]
  const expected = [...order, 'Columns', 'Add app', 'App', 'State', 'Address', 'Leads to', 'Last minute', 'p95']
  expect(stops.slice(0, expected.length)).toEqual(expected)
  expect(stops.slice(expected.length, expected.length + 2)).toEqual([
    'Details of shop',
    expect.stringMatching(/^shop\./),
  ])
  await page.keyboard.press('2')
  await page.locator('.log-row').first().waitFor()
  await page.getByRole('columnheader', { name: 'Size' }).getByRole('button').focus()
  const [row, ...rest] = await tabStops(page, 2)
  expect(row).toMatch(/shop\.localhost/)
  expect(rest.join()).not.toMatch(/\.localhost/)
})

inChromium('a dialog keeps the focus, and gives it back when Escape closes it', { timeout: 60_000 }, async () => {
  const gateway = await startScene()
  await fillScene(gateway)
  const { page } = await openWindowPage(gateway.engine)
  const add = page.getByRole('button', { name: 'Add app' })
  await add.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  expect(await focused(page)).toBe('Name')
  for (let press = 0; press < 15; press++) {
    await page.keyboard.press('Tab')
    // Between the last and the first of a dialog the browser's own controls have the focus: then it is the page's body.
    expect(await page.evaluate(() => document.activeElement?.closest('dialog, body')?.tagName)).toMatch(/DIALOG|BODY/)
    expect(await focused(page)).not.toBe('Apps')
  }
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await focused(page)).toBe('Add app')
  await page.getByRole('button', { name: 'Columns' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('checkbox', { name: 'State' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('checkbox', { name: 'State' }).waitFor({ state: 'hidden' })
  expect(await focused(page)).toBe('Columns')
})

/** What axe complains of, in lines. Its script comes over the debugger, where the page's policy does not apply. */
/** The themes differ in their colours alone: the dark one is looked at for those. */
async function violations(page: Page, screen: string, theme: 'light' | 'dark'): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const results = await page.evaluate(
    (runOnly) => (window as unknown as { axe: typeof axe }).axe.run(document, { runOnly }),
    theme === 'light' ? { type: 'tag' as const, values: TAGS } : { type: 'rule' as const, values: COLOUR_RULES },
  )
  return results.violations.flatMap((violation) => linesOf(screen, violation))
}

function linesOf(screen: string, { id, nodes }: AxeResults['violations'][number]): string[] {
  return nodes.map(({ target, failureSummary }) => `${screen}: ${id} ${target.join(' ')} ${failureSummary ?? ''}`)
}

/** The names of what has the focus after each of so many presses of Tab. */
async function tabStops(page: Page, count: number): Promise<string[]> {
  const stops: string[] = []
  for (let press = 0; press < count; press++) {
    await page.keyboard.press('Tab')
    stops.push(await focused(page))
  }
  return stops
}

/** The name of what has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLInputElement
    const label = element.labels?.[0]
    const text = element.getAttribute('aria-label') ?? label?.querySelector('span')?.textContent ?? label?.textContent
    return (text ?? element.querySelector('span')?.textContent ?? element.innerText).trim()
  })
}
