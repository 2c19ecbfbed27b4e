import path from 'node:path'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../support/gateway.js'
import { HOSTS, sandboxMachine } from '../support/sandbox-machine.js'
import { missingChromium, openWindowPage } from '../support/window-page.js'

const MISSING = missingChromium()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the window cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the settings of the machine in the window: ${MISSING}`)

const TITLE = 'Have this machine find your hosts'

test.skipIf(MISSING !== null).each(['light', 'dark'] as const)(
  'a setting of the machine is made by the plan that was shown, and taken back, %s',
  { timeout: 90_000 },
  async (colorScheme) => {
    const { page, complaints, hosts, engine } = await openSettings(colorScheme)
    await row(page).getByText('Off', { exact: true }).waitFor()
    await page.getByRole('listitem').filter({ hasText: 'systemd-resolved' }).getByText('Does not fit').waitFor()
    await checked(page, `settings-${colorScheme}`)
    await page.getByRole('button', { name: 'Install… Hosts file' }).click()
    const dialog = page.getByRole('dialog', { name: TITLE })
    await dialog.getByText(/\/etc\/hosts$/).waitFor()
    await dialog.getByText('shop.test').waitFor()
    await checked(page, `settings-plan-${colorScheme}`)
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    expect(await hosts()).toBe(HOSTS)

    await page.getByRole('button', { name: 'Install… Hosts file' }).click()
    await dialog.getByRole('button', { name: 'Install', exact: true }).click()
    await dialog.getByText('Done').waitFor()
    await checked(page, `settings-outcome-${colorScheme}`)
    expect(await hosts()).toContain('127.0.0.1\tshop.test\n')
    await dialog.getByRole('button', { name: 'Close' }).click()
    await row(page).getByText('On', { exact: true }).waitFor()

    // Another app makes what was set one for what is wanted no more, and the list says so by itself.
    await engine.call('app.add', { app: { name: 'blog', port: 3001, hosts: ['blog.test'] } })
    await row(page).getByText('Outdated').waitFor()
    await page.getByRole('button', { name: 'Renew… Hosts file' }).waitFor()
    await checked(page, `settings-outdated-${colorScheme}`)

    await page.getByRole('button', { name: 'Remove… Hosts file' }).click()
    const removal = page.getByRole('dialog', { name: 'Take back how hosts are found' })
    await removal.getByRole('button', { name: 'Remove', exact: true }).click()
    await removal.getByText('Done').waitFor()
    await removal.getByRole('button', { name: 'Close' }).click()
    await row(page).getByText('Off', { exact: true }).waitFor()
    expect(await hosts()).toBe(HOSTS)
    expect(complaints).toEqual([])
  },
)

test.skipIf(MISSING !== null)(
  'a plan that is not the present one any more is refused, and the new one shown',
  { timeout: 90_000 },
  async () => {
    const { page, hosts, engine } = await openSettings('light')
    await page.getByRole('button', { name: 'Install… Hosts file' }).click()
    const dialog = page.getByRole('dialog', { name: TITLE })
    await dialog.getByText('shop.test').waitFor()
    await engine.call('app.add', { app: { name: 'blog', port: 3001, hosts: ['blog.test'] } })
    await dialog.getByRole('button', { name: 'Install', exact: true }).click()
    await dialog.getByRole('alert').getByText('This machine has changed since the plan was made.').waitFor()
    expect(await hosts()).toBe(HOSTS)
    await dialog.getByRole('button', { name: 'Try again' }).click()
    await dialog.getByText('blog.test').waitFor()
    await dialog.getByRole('button', { name: 'Install', exact: true }).click()
    await dialog.getByText('Done').waitFor()
    expect(await hosts()).toContain('127.0.0.1\tblog.test\n')
  },
)

test.skipIf(MISSING !== null)(
  'a process that failed is a problem that leads to the apps',
  { timeout: 60_000 },
  async () => {
    const gateway = await startGateway({
      apps: [{ name: 'broken', process: { command: 'no-such-program', cwd: '/nowhere' } }],
    })
    onTestFinished(() => gateway.stop())
    const { page } = await openWindowPage(gateway.engine)
    const bar = page.getByRole('contentinfo')
    await page.getByRole('heading', { name: 'Apps', level: 1 }).waitFor()
    await page.keyboard.press('2')
    await gateway.engine.call('app.start', { name: 'broken' }).catch(() => {})
    await page.getByRole('navigation').getByTitle('1 failed').waitFor()
    await bar.getByRole('button', { name: /1 app.*1 failed/ }).waitFor()
    await bar.getByRole('button', { name: '1 problem' }).click()
    await page.getByRole('row', { name: 'broken' }).getByText('Failed').waitFor()
  },
)

/** The settings over an engine whose machine is a folder. */
async function openSettings(colorScheme: 'light' | 'dark') {
  const { host, hosts } = await sandboxMachine()
  const gateway = await startGateway({ apps: [{ name: 'shop', port: 3000, hosts: ['shop.test'] }] }, { host })
  onTestFinished(() => gateway.stop())
  const { page, complaints } = await openWindowPage(gateway.engine, { colorScheme, reducedMotion: 'reduce' })
  await page.getByRole('heading', { name: 'Apps', level: 1 }).waitFor()
  await page.keyboard.press('8')
  await row(page).waitFor()
  await page.getByRole('region', { name: 'Names and ports on this machine' }).scrollIntoViewIfNeeded()
  return { page, complaints, hosts, engine: gateway.engine }
}

function row(page: Page) {
  return page.getByRole('list', { name: 'Names' }).getByRole('listitem').filter({ hasText: 'Hosts file' })
}

/** Nothing for axe to complain of. `SHOT` names a folder for pictures. */
async function checked(page: Page, name: string): Promise<void> {
  if (process.env.SHOT !== undefined) await page.screenshot({ path: path.join(process.env.SHOT, `${name}.png`) })
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run(document))
  expect(violations.map(({ id, nodes }) => `${name}: ${id} ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
}
