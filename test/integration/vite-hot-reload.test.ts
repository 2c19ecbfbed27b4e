import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { accessSync, constants, realpathSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { type Browser, chromium, type Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../support/gateway.js'
import { until } from '../support/wait.js'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const VITE = path.resolve('node_modules/vite/bin/vite.js')
const run = promisify(execFile)

const MISSING = missingTools()
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

/** Why the test cannot run on this machine; null when it can. */
function missingTools(): string | null {
  try {
    accessSync(CHROMIUM, constants.X_OK)
  } catch {
    return `no Chromium at ${CHROMIUM} (set CHROMIUM, or install it)`
  }
  const certutil = (process.env.PATH ?? '').split(path.delimiter).some((dir) => {
    try {
      accessSync(path.join(dir, 'certutil'), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
  return certutil ? null : 'no certutil (install libnss3-tools)'
}

async function temporaryDirectory(name: string): Promise<string> {
  const directory = realpathSync(await mkdtemp(path.join(os.tmpdir(), `portico-${name}-`)))
  onTestFinished(() => rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
  return directory
}

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

/** Chromium with a home of its own, whose certificate store trusts the CA: no certificate error is overridden. */
async function launchTrusting(caFile: string, args: string[]): Promise<Browser> {
  const home = await temporaryDirectory('home')
  const store = path.join(home, '.pki/nssdb')
  await mkdir(store, { recursive: true })
  await run('certutil', ['-N', '-d', `sql:${store}`, '--empty-password'], { timeout: 20_000 })
  await run('certutil', ['-A', '-d', `sql:${store}`, '-n', 'Portico', '-t', 'C,,', '-i', caFile], { timeout: 20_000 })
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: path.join(home, '.config') } as Record<string, string>,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync', ...args],
    ],
    timeout: 60_000,
  })
  onTestFinished(() => browser.close())
  return browser
}

async function expectText(page: Page, text: string): Promise<void> {
  await page.waitForFunction(`document.querySelector('h1')?.textContent === ${JSON.stringify(text)}`, null, {
    timeout: 30_000,
  })
}
