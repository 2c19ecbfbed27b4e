import { accessSync, constants } from 'node:fs'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import type { CommandName, EventName, Portal } from '../../src/shared/contract.js'
import { Fault } from '../../src/shared/fault.js'
import { preferencesSchema, type SettingsPatch, settingsSchema } from '../../src/shared/preferences.js'
import type { EngineState } from '../../src/shared/shell-contract.js'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const RENDERER = path.resolve('out/renderer')
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
/** As strict as the desktop app and the panel are. */
const POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The built window in Chromium, connected to an engine in this process. */
export interface WindowPage {
  page: Page
  /** what the page complained of: exceptions, console errors, refusals of its content security policy */
  complaints: string[]
  /** Unless reachable, calls are answered and its state is told as if the engine were gone. */
  setReachable(reachable: boolean): void
}

/** Why no window can be opened on this machine; null when it can. */
export function missingChromium(): string | null {
  try {
    accessSync(CHROMIUM, constants.X_OK)
    return null
  } catch {
    return `no Chromium at ${CHROMIUM} (set CHROMIUM, or install it)`
  }
}

/** Opens the window as the desktop app would: `window.portico` leads to the engine, and to a shell's few answers. Closed when the test has finished. */
export async function openWindowPage(engine: Portal, options: BrowserContextOptions = {}): Promise<WindowPage> {
  const origin = await serveRenderer()
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync'],
    ],
    timeout: 60_000,
  })
  onTestFinished(() => browser.close())
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  const setReachable = await connect(page, engine)
  await page.goto(origin)
  return { page, complaints, setReachable }
}

async function connect(page: Page, engine: Portal): Promise<(reachable: boolean) => void> {
  const events = new EventPump(page)
  const subscriptions = new Map<string, () => void>()
  let settings = settingsSchema.parse(preferencesSchema.parse({}))
  let reachable = true
  const tellState = () => events.push('engine', engineState(reachable))
  onTestFinished(() => {
    for (const end of subscriptions.values()) end()
  })
  await page.exposeFunction(
    'porticoCall',
    async (name: CommandName | 'settings.get' | 'settings.set', params: never) => {
      try {
        if (name === 'settings.get' || name === 'settings.set') {
          settings = settingsSchema.parse({ ...settings, ...(params as SettingsPatch) })
          return { result: settings }
        }
        if (!reachable) throw new Fault('not-running', 'The engine is not running.')
        return { result: await engine.call(name, params) }
      } catch (error) {
        return { fault: Fault.of(error).toJSON() }
      }
    },
  )
  await page.exposeFunction('porticoSubscribe', (name: EventName | 'engine', wanted: boolean) => {
    if (name === 'engine') return tellState()
    subscriptions.get(name)?.()
    subscriptions.delete(name)
    if (wanted) {
      subscriptions.set(
        name,
        engine.on(name, (payload) => events.push(name, payload)),
      )
    }
  })
  await page.addInitScript({ content: PRELOAD })
  return (now) => {
    reachable = now
    tellState()
  }
}

/** What the shell says of the engine's process. */
function engineState(reachable: boolean): EngineState {
  return reachable
    ? { state: 'running', reason: null }
    : {
        state: 'restarting',
        reason: { code: 'not-running', message: 'The engine has stopped.', hint: 'It starts again.' },
      }
}

/** What the preload offers, on top of the two functions that lead out of the page. */
const PRELOAD = `(() => {
  const listeners = new Map()
  window.porticoDeliver = (events) => {
    for (const [name, payload] of events) for (const listener of listeners.get(name) ?? []) listener(payload)
  }
  window.portico = {
    call: (name, params) => window.porticoCall(name, params),
    on: (name, listener) => {
      const own = listeners.get(name) ?? new Set()
      listeners.set(name, own)
      if (own.size === 0) window.porticoSubscribe(name, true)
      own.add(listener)
      return () => {
        if (own.delete(listener) && own.size === 0) window.porticoSubscribe(name, false)
      }
    },
  }
})()`

/** Of a browser that was held up, so much is delivered at once; each event is a message of its own in the real thing. */
const MOST_AT_ONCE = 250

/** Carries events into the page, those of one round trip together. */
class EventPump {
  readonly #page: Page
  readonly #waiting: [string, unknown][] = []
  #busy = false

  constructor(page: Page) {
    this.#page = page
  }

  push(name: string, payload: unknown): void {
    this.#waiting.push([name, payload])
    if (!this.#busy) void this.#drain()
  }

  async #drain(): Promise<void> {
    this.#busy = true
    while (this.#waiting.length > 0 && !this.#page.isClosed()) {
      const batch = this.#waiting.splice(0, MOST_AT_ONCE)
      // A page that is being closed has nobody left to tell.
      await this.#page
        .evaluate((text) => (window as unknown as Receiver).porticoDeliver(JSON.parse(text)), JSON.stringify(batch))
        .catch(() => {})
    }
    this.#busy = false
  }
}

interface Receiver {
  porticoDeliver(events: [string, unknown][]): void
}

async function serveRenderer(): Promise<string> {
  const server = http.createServer(async (request, response) => {
    const name = request.url === '/' ? '/index.html' : path.posix.normalize(request.url ?? '/')
    try {
      const body = await readFile(path.join(RENDERER, name))
      response.setHeader('content-type', TYPES[path.extname(name)] ?? 'application/octet-stream')
      response.setHeader('content-security-policy', POLICY)
      response.end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())))
  server.unref()
  return `http://localhost:${(server.address() as AddressInfo).port}/`
}
