import path from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import type { ProcessStatus } from '../../src/shared/window-schemas.js'
import { startGateway, type TestConfig, type TestGateway } from '../support/gateway.js'
import { missingChromium, openWindowPage, type WindowPage } from '../support/window-page.js'

const MISSING = missingChromium()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the window cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the window's processes in Chromium: ${MISSING}`)
const inChromium = test.skipIf(MISSING !== null)

/** Apps of the tests, see there for their arguments. */
const SERVER = path.resolve(import.meta.dirname, '../support/processes/server.mjs')
const RED = '\u001b[31mred alert\u001b[0m'

inChromium(
  'an app added with a command runs, prints in colour, crashes, comes back, is stopped and started',
  { timeout: 90_000 },
  async () => {
    const { page, gateway, complaints } = await open()
    await page.getByRole('button', { name: 'Add it by hand' }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel('Name').fill('shop')
    await form.getByRole('button', { name: 'Command', exact: true }).click()
    await form.getByLabel('Command', { exact: true }).fill(JSON.stringify([process.execPath, SERVER, `--print=${RED}`]))
    await form.getByRole('button', { name: 'Add variable' }).click()
    await form.getByLabel('Name of variable 1').fill('SHOP_MODE')
    await form.getByLabel('Value of variable 1').fill('test')
    await form.getByRole('button', { name: 'Add app' }).click()
    await stateOf(page, 'shop').getByText('Running').waitFor()
    expect(gateway.engine.status().apps[0]?.app.process?.env).toEqual({ SHOP_MODE: 'test' })

    const details = page.getByRole('complementary', { name: 'Details of shop' })
    const { pid, port } = await processOf(gateway, 'shop')
    await details.getByText(String(pid), { exact: true }).waitFor()
    await details.getByText(String(port), { exact: true }).waitFor()
    await details.getByRole('tab', { name: 'Output' }).click()
    const red = details.getByText('red alert', { exact: true })
    const listening = details.getByText(`listening on ${port}`)
    await listening.waitFor()
    expect(await colorOf(red)).not.toBe(await colorOf(listening))

    process.kill(pid ?? 0, 'SIGKILL')
    await stateOf(page, 'shop')
      .getByText(/^Restarting/)
      .waitFor()
    await details.getByRole('tab', { name: 'Overview' }).click()
    await details.getByText('It was ended by SIGKILL.').waitFor()
    await stateOf(page, 'shop').getByText('Running').waitFor()
    expect(await factOf(details, 'Restarts')).toBe('1')

    await details.getByRole('button', { name: 'Stop', exact: true }).click()
    await details.getByText('It was stopped by hand.').waitFor()
    await stateOf(page, 'shop').getByText('Stopped').waitFor()
    await details.getByRole('button', { name: 'Start it' }).click()
    await stateOf(page, 'shop').getByText('Running').waitFor()
    expect((await processOf(gateway, 'shop')).pid).not.toBe(pid)
    expect(complaints).toEqual([])
  },
)

interface Opened extends WindowPage {
  gateway: TestGateway
}

async function open(config: TestConfig = {}): Promise<Opened> {
  const host = hostFacts('linux')
  const gateway = await startGateway(config, { host: { ...host, portScanner: { scan: async () => [] } } })
  onTestFinished(() => gateway.stop())
  return { ...(await openWindowPage(gateway.engine)), gateway }
}

/** The cell of the list that tells the state of an app. */
function stateOf(page: Page, name: string): Locator {
  return page.getByRole('row', { name }).getByRole('cell').nth(1)
}

async function processOf({ engine }: TestGateway, app: string): Promise<ProcessStatus> {
  const found = (await engine.call('processes.list', {})).find((one) => one.app === app)
  if (found === undefined) throw new Error(`${app} has no process`)
  return found
}

function colorOf(element: Locator): Promise<string> {
  return element.evaluate((one) => getComputedStyle(one).color)
}

/** What stands beside a name in a list of facts. */
function factOf(details: Locator, name: string): Promise<string> {
  return details.locator(`dt:text-is("${name}") + dd`).innerText()
}
