import path from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import type { ProcessStatus } from '../../src/shared/window-schemas.js'
import { HTTP2 } from '../support/client.js'
import { startGateway, type TestConfig, type TestGateway } from '../support/gateway.js'
import { startUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'
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

inChromium(
  'a command that fails is shown failed, with its last lines and what to do',
  { timeout: 60_000 },
  async () => {
    const script = 'console.error("cannot find the database"); process.exit(3)'
    const { page } = await open({ apps: [{ name: 'broken', process: { command: [process.execPath, '-e', script] } }] })
    await stateOf(page, 'broken')
      .getByText(/^Restarting in/)
      .waitFor()
    await page.getByRole('button', { name: 'Details of broken' }).click()
    const details = page.getByRole('complementary', { name: 'Details of broken' })
    await details.getByText('broken has crashed.').waitFor()
    await details.getByText(/It exited with code 3/).waitFor()
    await details.getByRole('region', { name: 'Its last lines' }).getByText('cannot find the database').waitFor()
    await details.getByRole('button', { name: 'Show output' }).click()
    await details.getByRole('cell', { name: 'Standard error: cannot find the database' }).first().waitFor()
    await details.getByRole('tab', { name: 'Overview' }).click()
    await details.getByRole('button', { name: 'Change process' }).click()
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).labels?.[0]?.textContent)).toBe(
      'Command',
    )
  },
)

inChromium('a port that is taken is told with who has it, and leads to the field', { timeout: 60_000 }, async () => {
  const upstream = await startUpstream()
  onTestFinished(() => upstream.close())
  const command = [process.execPath, SERVER]
  const { page } = await open({ apps: [{ name: 'shop', process: { command, port: upstream.port } }] })
  await stateOf(page, 'shop').getByText('Failed').waitFor()
  await page.getByRole('button', { name: 'Details of shop' }).click()
  const alert = page.getByRole('complementary').getByRole('alert')
  await alert.getByText('shop has failed.').waitFor()
  await alert.getByText(`${upstream.port}`).waitFor()
  await alert.getByRole('button', { name: 'Change port' }).click()
  const field = page.getByRole('dialog').getByLabel('Port (optional)')
  expect(await field.evaluate((one) => one === document.activeElement)).toBe(true)
  await field.fill('99999')
  await page.getByRole('dialog').getByText('must be a port from 1 to 65535').waitFor()
  await field.fill('')
  await page.getByRole('button', { name: 'Save' }).click()
  await stateOf(page, 'shop').getByText('Running').waitFor()
})

inChromium('the output is searched, filtered by stream and copied', { timeout: 60_000 }, async () => {
  const script = `
    for (let number = 1; number <= 300; number++) console.log('request ' + number + (number % 100 === 0 ? ' Slow' : ''))
    console.error('a warning')
    require('http').createServer().listen(process.env.PORT, '127.0.0.1')`
  const { page, complaints } = await open({
    apps: [{ name: 'shop', process: { command: [process.execPath, '-e', script] } }],
  })
  await page.getByRole('button', { name: 'Details of shop' }).click()
  const details = page.getByRole('complementary', { name: 'Details of shop' })
  await details.getByRole('tab', { name: 'Output' }).click()
  const search = details.getByRole('textbox', { name: 'Search the output' })
  await details.getByText('request 300 Slow').waitFor()
  await search.fill('slow')
  await details.getByText('3 of 3').waitFor()
  await search.press('Enter')
  await details.getByText('1 of 3').waitFor()
  await details.getByText('request 100 ').waitFor()
  await details.getByRole('button', { name: 'Next match' }).click()
  await details.getByText('2 of 3').waitFor()
  await details.getByText('request 200 ').waitFor()
  await search.press('Shift+Enter')
  await details.getByText('1 of 3').waitFor()
  expect(await details.locator('[data-selected=true] mark').innerText()).toBe('Slow')
  await search.fill('nowhere')
  await details.getByText('No match').waitFor()
  await search.press('Escape')
  await details.getByRole('button', { name: 'stderr', exact: true }).click()
  await details.getByText('a warning').waitFor()
  expect(await details.locator('.output-line').count()).toBe(1)
  await details.getByRole('button', { name: 'Copy the lines shown' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('a warning')
  expect(complaints).toEqual([])
})

inChromium(
  '10,000 lines a second leave the window at work; it follows only while the person is at the end',
  { timeout: 90_000 },
  async () => {
    const script = `
      let number = 0
      setInterval(() => { for (let at = 0; at < 100; at++) console.log('\\x1b[32mline\\x1b[0m ' + ++number) }, 10)
      require('http').createServer().listen(process.env.PORT, '127.0.0.1')`
    const { page, gateway, complaints } = await open({
      apps: [{ name: 'noisy', process: { command: [process.execPath, '-e', script] } }],
    })
    await page.getByRole('button', { name: 'Details of noisy' }).click()
    const details = page.getByRole('complementary', { name: 'Details of noisy' })
    await details.getByRole('tab', { name: 'Output' }).click()
    const last = async () => {
      const lines = await details.locator('.output-line.stdout').allInnerTexts()
      return Math.max(0, ...lines.map((text) => Number(/line (\d+)/.exec(text)?.[1] ?? 0)))
    }
    await until(async () => (await last()) > 8_000, 'the flood in the window', 30_000)
    // It scrolls up while lines come by the thousand: what is looked at stays, what is new is counted.
    await details.locator('.log-scroll').hover()
    await page.mouse.wheel(0, -2_000)
    await details.getByRole('button', { name: / new$/ }).waitFor()
    await details.getByRole('button', { name: / new$/ }).click()
    const seen = await last()
    await until(async () => (await last()) > seen, 'newer lines at the end')
    await details.getByRole('tab', { name: 'Overview' }).click()
    await details.getByRole('button', { name: 'Stop', exact: true }).click()
    await stateOf(page, 'noisy').getByText('Stopped').waitFor()
    expect((await processOf(gateway, 'noisy')).state).toBe('stopped')
    expect(complaints).toEqual([])
  },
)

inChromium(
  'the palette stops, starts and restarts a process, and leads to its output',
  { timeout: 60_000 },
  async () => {
    const { page, gateway } = await open({ apps: [{ name: 'shop', process: { command: [process.execPath, SERVER] } }] })
    await stateOf(page, 'shop').getByText('Running').waitFor()
    await choose(page, 'stop shop')
    await stateOf(page, 'shop').getByText('Stopped').waitFor()
    await choose(page, 'start shop')
    await stateOf(page, 'shop').getByText('Running').waitFor()
    const { pid } = await processOf(gateway, 'shop')
    await choose(page, 'restart shop')
    await until(async () => {
      const now = await processOf(gateway, 'shop')
      return now.state === 'running' && now.pid !== pid
    }, 'another process')
    await page.keyboard.press('2')
    await choose(page, 'output of shop')
    await page.getByRole('region', { name: 'Output of shop' }).getByText('listening on').last().waitFor()
  },
)

inChromium(
  'a backend whose breaker is open says when it is tried again; one that is drained gets no requests',
  { timeout: 60_000 },
  async () => {
    const good = await startUpstream()
    const gone = await startUpstream()
    await gone.close()
    onTestFinished(() => good.close())
    const urls = [good, gone].map(({ port }) => `http://127.0.0.1:${port}`)
    const upstream = { backends: urls.map((url) => ({ url })), breaker: { failures: 1, cooldown: '30s' } }
    const { page, gateway } = await open({ apps: [{ name: 'shop', routes: [{ path: '/', upstream }] }] })
    for (const path of ['/a', '/b', '/c', '/d']) await HTTP2.request(gateway, { host: 'shop.localhost', path })
    await page.keyboard.press('3')
    const [goodRow, goneRow] = urls.map((url) => page.getByRole('row', { name: url })) as [Locator, Locator]
    await goneRow.getByText(/^tries again in \d+ s$/).waitFor()
    await goodRow.getByRole('button', { name: `Drain ${urls[0]}` }).click()
    await goodRow.getByText('Drained').waitFor()
    const statuses = (await gateway.engine.call('backends.list', {})).map(({ draining }) => draining)
    expect(statuses).toEqual([true, false])
    await goodRow.getByRole('button', { name: `Resume ${urls[0]}` }).click()
    await goodRow.getByText('Drained').waitFor({ state: 'detached' })

    const retried = gateway.entries().find(({ attempts }) => attempts > 1)
    expect(retried).toBeDefined()
    await page.keyboard.press('2')
    await page.getByRole('button', { name: `GET shop.localhost${retried?.path},` }).click()
    const attempts = page.getByRole('list', { name: 'Attempts' }).getByRole('listitem')
    await attempts.nth(1).waitFor()
    expect(await attempts.first().innerText()).toMatch(/no answer[\s\S]*took [\d.]+ ms/)
    expect(await attempts.nth(1).innerText()).toMatch(/200[\s\S]*took [\d.]+ ms/)
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

/** Runs a command of the palette. */
async function choose(page: Page, typed: string): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor()
  await page.keyboard.type(typed)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor({ state: 'detached' })
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
