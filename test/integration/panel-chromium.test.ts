import { existsSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { launchTrusting, missingBrowser } from '../support/chromium.js'
import { startGateway } from '../support/gateway.js'
import { startPanel } from '../support/panel.js'
import { until } from '../support/wait.js'

const RENDERER = path.resolve('out/renderer')
const MISSING = missingBrowser()
if (MISSING !== null && process.env.CI === 'true')
  throw new Error(`the panel cannot be tested in a browser: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the panel in Chromium: ${MISSING}`)

test.skipIf(MISSING !== null)(
  'Chromium logs in by the link and sees the built window',
  { timeout: 90_000 },
  async () => {
    expect(existsSync(path.join(RENDERER, 'index.html')), 'the window is built').toBe(true)
    const gateway = await startGateway({}, { rendererDir: RENDERER })
    onTestFinished(() => gateway.stop())
    const browser = await launchTrusting(gateway.caFile)
    const page = await browser.newPage()
    const violations: string[] = []
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) violations.push(message.text())
    })
    const received: string[] = []
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => received.push(String(payload))))
    const { url } = await gateway.engine.call('panel.open', {})
    await page.goto(url)
    await page.waitForFunction("document.querySelector('#root')?.childElementCount > 0", null, { timeout: 30_000 })
    expect(page.url()).toBe(`https://portico.localhost:${gateway.httpsPort}/`)
    expect(await page.title()).toContain('Portico')
    await until(() => received.some((text) => text.includes('"state":"running"')), 'the status over the WebSocket')
    expect(await page.evaluate('document.cookie')).toBe('')
    expect(violations).toEqual([])
    await page.reload()
    await page.waitForFunction("document.querySelector('#root')?.childElementCount > 0", null, { timeout: 30_000 })
    await browser.close()
  },
)

test.skipIf(MISSING !== null)(
  'a link on another site’s page logs Chromium in too, and that site can do nothing with it',
  { timeout: 90_000 },
  async () => {
    const panel = await startPanel()
    const { url } = await panel.gateway.engine.call('panel.open', {})
    const elsewhere = http.createServer((_request, response) => {
      response.setHeader('content-type', 'text/html')
      response.end(`<!doctype html><title>elsewhere</title><a href="${url.replaceAll('&', '&amp;')}">Portico</a>`)
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void elsewhere.close().closeAllConnections())
    const home = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`
    const browser = await launchTrusting(panel.gateway.caFile)
    const context = await browser.newContext()
    const page = await context.newPage()

    await page.goto(home)
    await page.click('a')
    // Asked anew each time: on the way there are pages that go on by themselves, and a question may be lost with one.
    const title = () => page.title().catch(() => 'on the way')
    await until(async () => (await title()) === 'Portico is here', 'the window', 30_000)
    expect(page.url()).toBe(`${panel.origin}/`)

    const attacker = await context.newPage()
    await attacker.goto(home)
    const outcome = await attacker.evaluate(`new Promise((resolve) => {
      const socket = new WebSocket(${JSON.stringify(`${panel.origin.replace('https', 'wss')}/api`)})
      socket.onopen = () => resolve('open')
      socket.onerror = () => resolve('refused')
    })`)
    expect(outcome).toBe('refused')
    const read = `fetch(${JSON.stringify(`${panel.origin}/`)}, { credentials: 'include' }).then(() => 'read', () => 'refused')`
    expect(await attacker.evaluate(read)).toBe('refused')
    await browser.close()
  },
)
