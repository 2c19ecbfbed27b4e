import { type ChildProcess, spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { launchTrusting, missingBrowser, temporaryDirectory } from '../support/chromium.js'
import { startGateway } from '../support/gateway.js'
import { until } from '../support/wait.js'

const VITE = path.resolve('node_modules/vite/bin/vite.js')

const MISSING = missingBrowser()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the hot reload test cannot run: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED Vite's hot reload in Chromium: ${MISSING}`)

/** Chromium opens a WebSocket on the HTTP/2 connection that it has (RFC 8441), unless it has none. */
const WAYS = [
  { name: 'HTTP/2', protocol: 'h2-websocket', status: 200, args: [] },
  { name: 'HTTP/1.1', protocol: 'websocket', status: 101, args: ['--disable-http2'] },
]

test.skipIf(MISSING !== null).each(WAYS)(
  "Vite's hot update reaches a page in Chromium over wss, without a reload, over $name",
  { timeout: 120_000 },
  async ({ protocol, status, args }) => {
    const project = await makeProject()
    const vitePort = await startVite(project)
    const gateway = await startGateway({ apps: [{ name: 'shop', port: vitePort }] })
    onTestFinished(() => gateway.stop())
    const browser = await launchTrusting(gateway.caFile, args)
    const page = await browser.newPage()
    const sockets: string[] = []
    page.on('websocket', (socket) => sockets.push(socket.url()))

    await page.goto(`https://shop.localhost:${gateway.httpsPort}/`)
    await expectText(page, 'before the edit')
    await page.evaluate('window.survivor = "set before the edit"')
    await until(() => sockets.length > 0, 'the hot update WebSocket')
    await edit(project, 'before the edit', 'after the edit')
    await expectText(page, 'after the edit')

    expect(await page.evaluate('window.survivor')).toBe('set before the edit')
    expect(sockets[0]).toMatch(new RegExp(`^wss://shop\\.localhost:${gateway.httpsPort}/`))
    await page.close()
    await browser.close()
    await until(() => tunnels().length > 0, 'the log entry of the hot update WebSocket')
    expect(tunnels()[0]).toMatchObject({ app: 'shop', protocol, status })
    expect(tunnels()[0]?.bytesOut).toBeGreaterThan(0)

    function tunnels() {
      return gateway.entries().filter((entry) => entry.protocol.endsWith('websocket'))
    }
  },
)

/** A page whose text comes from a module that accepts its own hot updates. */
async function makeProject(): Promise<string> {
  const project = await temporaryDirectory('vite')
  await writeFile(path.join(project, 'package.json'), '{"type":"module","private":true}')
  await writeFile(path.join(project, 'vite.config.js'), 'export default { cacheDir: ".cache" }')
  await writeFile(
    path.join(project, 'index.html'),
    '<!doctype html><title>shop</title><h1></h1><script type="module" src="/main.js"></script>',
  )
  await writeFile(
    path.join(project, 'main.js'),
    'document.querySelector("h1").textContent = "before the edit"\nimport.meta.hot.accept()\n',
  )
  return project
}

async function edit(project: string, from: string, to: string): Promise<void> {
  const file = path.join(project, 'main.js')
  await writeFile(file, (await readFile(file, 'utf8')).replace(from, to))
}

/** Starts the dev server as its users do: on `localhost`, which may be ::1 only. @returns its port */
async function startVite(project: string): Promise<number> {
  const child = spawn(process.execPath, [VITE, '--port', '0'], {
    cwd: project,
    env: { ...process.env, NO_COLOR: '1', NODE_ENV: 'development', VITEST: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  onTestFinished(() => ended(child))
  const address = () => /http:\/\/localhost:(\d+)/.exec(output)
  await until(
    () => address() !== null || child.exitCode !== null,
    () => `Vite listens; it said: ${output}`,
    30_000,
  )
  const port = Number(address()?.[1])
  if (!(port > 0)) throw new Error(`Vite did not start: ${output}`)
  return port
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await exited
  clearTimeout(timer)
}

async function expectText(page: Page, text: string): Promise<void> {
  await page.waitForFunction(`document.querySelector('h1')?.textContent === ${JSON.stringify(text)}`, null, {
    timeout: 30_000,
  })
}
