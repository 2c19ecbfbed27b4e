import { EventEmitter } from 'node:events'
import type { BrowserWindowConstructorOptions } from 'electron'
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core'
import { decode, encode } from './clone.ts'
import { CancellableEvent, strict } from './strict.ts'
import { FROM_SHELL, PRELOAD_WORLD, pageScript, preloadScript, TO_SHELL } from './worlds.ts'

/** Chromium knows no custom schemes: pages of `app://portico` are loaded from here, by the shell's own handler. */
const STAND_IN = 'https://portico.invalid'
const APP = 'app://portico'

/** What the windows need of the rest of the double. */
export interface WindowHost {
  app: EventEmitter
  /** Electron tells nobody of the last window when it is closed by quitting */
  quitting(): boolean
  ipc: { handlers: Map<string, (event: object, ...args: unknown[]) => unknown>; events: EventEmitter }
  protocolHandler(scheme: string): (request: Request) => Promise<Response>
}

let browser: Promise<Browser> | undefined

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close()
}

/** The class `BrowserWindow`, whose windows are pages of a real Chromium. */
export function pageWindows(host: WindowHost) {
  return class PageWindow extends EventEmitter {
    static readonly all = new Set<PageWindow>()
    readonly options: BrowserWindowConstructorOptions
    readonly webContents: EventEmitter
    /** the page's console: what it logged, and what its policy refused */
    readonly console: string[] = []
    windowOpenHandler: Parameters<Electron.WebContents['setWindowOpenHandler']>[0] | null = null
    page: Page | null = null
    visible = false
    #cdp: CDPSession | null = null
    #context = 0

    constructor(options: BrowserWindowConstructorOptions) {
      super()
      this.options = options
      PageWindow.all.add(this)
      this.visible = options.show !== false
      this.webContents = this.#contents()
      host.app.emit('web-contents-created', new CancellableEvent(), this.webContents)
    }

    async loadURL(url: string): Promise<void> {
      if (!url.startsWith(`${APP}/`)) throw new Error(`the double loads pages of ${APP} alone, not ${url}`)
      browser ??= chromium.launch({
        executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-gpu'],
      })
      const { width = 800, height = 600 } = this.options
      this.page = await (await browser).newPage({ viewport: { width, height } })
      this.page.on('console', (message) => this.console.push(`${message.type()}: ${message.text()}`))
      this.page.on('pageerror', (error) => this.console.push(`error: ${error.message}`))
      await this.page.route(`${STAND_IN}/**`, async (route) => {
        const address = route.request().url().replace(STAND_IN, APP)
        const response = await host.protocolHandler('app')(new Request(address))
        await route.fulfill({
          status: response.status,
          headers: Object.fromEntries(response.headers),
          body: Buffer.from(await response.arrayBuffer()),
        })
      })
      await this.page.addInitScript(() =>
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
          console.warn(`refused: ${effectiveDirective} ${blockedURI}`),
        ),
      )
      await this.#injectPreload(this.page)
      await this.page.goto(url.replace(APP, STAND_IN))
      this.emit('ready-to-show')
    }

    show(): void {
      this.visible = true
    }
    hide(): void {
      this.visible = false
    }
    focus(): void {}
    isDestroyed(): boolean {
      return !PageWindow.all.has(this)
    }
    isMinimized(): boolean {
      return false
    }
    isMaximized(): boolean {
      return false
    }
    getNormalBounds(): Electron.Rectangle {
      const { x = 10, y = 10, width = 800, height = 600 } = this.options
      return { x, y, width, height }
    }

    /** As the person closes it; resolves to false when the app keeps it. */
    async close(): Promise<boolean> {
      const event = new CancellableEvent()
      this.emit('close', event)
      if (event.defaultPrevented) return false
      PageWindow.all.delete(this)
      await this.page?.close()
      this.webContents.emit('destroyed')
      this.emit('closed')
      if (PageWindow.all.size === 0 && !host.quitting()) host.app.emit('window-all-closed')
      return true
    }

    #contents(): EventEmitter {
      const methods = {
        send: (channel: string, ...args: unknown[]) => void this.#tell({ channel, args: args.map(encode) }),
        isDestroyed: () => !PageWindow.all.has(this),
        setWindowOpenHandler: (handler) => {
          this.windowOpenHandler = handler
        },
      } satisfies Partial<Omit<Electron.WebContents, keyof NodeJS.EventEmitter>>
      return strict('webContents', Object.assign(new EventEmitter(), methods))
    }

    async #injectPreload(page: Page): Promise<void> {
      const cdp = await page.context().newCDPSession(page)
      this.#cdp = cdp
      await cdp.send('Runtime.enable')
      await cdp.send('Page.enable')
      await cdp.send('Runtime.addBinding', { name: TO_SHELL, executionContextName: PRELOAD_WORLD })
      cdp.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
        if (name !== TO_SHELL) return
        this.#context = executionContextId
        void this.#receive(JSON.parse(payload))
      })
      await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: pageScript() })
      const preload = this.options.webPreferences?.preload
      if (preload === undefined) return
      const source = preloadScript(preload)
      await cdp.send('Page.addScriptToEvaluateOnNewDocument', { worldName: PRELOAD_WORLD, source })
    }

    async #receive({ id, channel, args }: { id?: number; channel: string; args: unknown[] }): Promise<void> {
      const origin = new URL(this.page?.url() ?? '').origin.replace(STAND_IN, APP)
      const event = { sender: this.webContents, senderFrame: { origin, parent: null } }
      if (id === undefined) {
        host.ipc.events.emit(channel, event, ...args.map(decode))
        return
      }
      try {
        const handler = host.ipc.handlers.get(channel)
        if (handler === undefined) throw new Error(`No handler registered for '${channel}'`)
        await this.#tell({ id, value: encode(await handler(event, ...args.map(decode))) })
      } catch (error) {
        await this.#tell({ id, error: `Error invoking remote method '${channel}': ${error}` })
      }
    }

    async #tell(message: object): Promise<void> {
      if (this.page === null || this.page.isClosed()) return
      const expression = `${FROM_SHELL}(${JSON.stringify(message)})`
      await this.#cdp?.send('Runtime.evaluate', { contextId: this.#context, expression }).catch((error: Error) => {
        if (this.page?.isClosed() === false) this.console.push(`host: ${error.message}`)
      })
    }
  }
}
