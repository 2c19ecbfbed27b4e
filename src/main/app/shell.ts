import { app, clipboard, nativeTheme, shell } from 'electron'
import type { Status } from '../../shared/contract.js'
import { Fault } from '../../shared/fault.js'
import type { Preferences } from '../../shared/preferences.js'
import type { ShellExecutors } from '../../shared/shell-contract.js'
import type { DiscoveredPort } from '../../shared/window-schemas.js'
import { appOfLink } from './deep-link.js'
import type { EngineClient } from './engine-client.js'
import type { MainWindow } from './main-window.js'
import { TrayIcon } from './menus.js'
import { notify } from './notify.js'
import { type PreferenceStore, settingsOf } from './preference-store.js'
import { type MenuAction, trayModel } from './tray-model.js'
import { mayOpenExternally } from './trust.js'

export interface ShellParts {
  engine: EngineClient
  preferences: PreferenceStore
  window: MainWindow
  /** absolute path of the folder with the icons */
  resources: string
  platform: NodeJS.Platform
}

const REFRESH_MS = 60_000

/** What the desktop app does around the window: tray, links, preferences that the system must know of. */
export class Shell {
  readonly #parts: ShellParts
  #status: Status | null = null
  #discovered: DiscoveredPort[] = []
  #tray: TrayIcon | null = null

  constructor(parts: ShellParts) {
    this.#parts = parts
    const { engine, preferences } = parts
    engine.onState(({ state }) => {
      if (state === 'running') void this.#refresh()
      this.#draw()
    })
    engine.on('status', (status) => {
      this.#status = status
      this.#draw()
    })
    preferences.onChange((current) => {
      applyPreferences(current)
      this.#draw()
    })
    applyPreferences(preferences.current)
  }

  /** Hosts of the apps, as the engine last told them. */
  get appHosts(): string[] {
    return this.#status?.apps.flatMap(({ hosts }) => hosts) ?? []
  }

  /** What the window may ask of the shell. */
  get executors(): ShellExecutors {
    const { engine, preferences } = this.#parts
    return {
      'engine.start': () => {
        engine.start()
        return {}
      },
      'settings.get': () => settingsOf(preferences.current),
      'settings.set': (patch) => {
        preferences.update(defined(patch))
        return settingsOf(preferences.current)
      },
    }
  }

  showTray(): void {
    const { resources, platform } = this.#parts
    this.#tray = new TrayIcon(resources, platform, (action) => this.act(action))
    // The ports that could be added are looked for when the menu may be about to open; where that cannot be known,
    // now and then: a look costs more than it is worth while nobody opens it.
    this.#tray.onApproach(() => void this.#refresh())
    setInterval(() => void this.#refresh(), REFRESH_MS).unref()
    this.#draw()
  }

  removeTray(): void {
    this.#tray?.remove()
    this.#tray = null
  }

  /** Does what an entry of a menu says; what goes wrong is told, since a menu has nowhere to show it. */
  act(action: MenuAction): void {
    this.#do(action).catch((error: unknown) => this.#tell(error))
  }

  /** Opens the app that a `portico://open/NAME` link names in the system's browser. */
  followLink(link: string): void {
    const name = appOfLink(link)
    if (name === null) return
    this.#openApp(name).catch((error: unknown) => this.#tell(error))
  }

  async #do(action: MenuAction): Promise<void> {
    const { engine, preferences, window } = this.#parts
    switch (action.do) {
      case 'open-window':
        return window.show()
      case 'open-url':
        return this.#openUrl(action.url)
      case 'copy':
        return clipboard.writeText(action.text)
      case 'set-enabled':
        await engine.call('app.setEnabled', { name: action.name, enabled: action.enabled })
        return
      case 'add-port':
        await engine.call('app.add', { app: { name: action.name, port: action.port } })
        return
      case 'start-gateway':
        return engine.start()
      case 'stop-gateway':
        return engine.stop()
      case 'set-preference':
        return preferences.update(action.patch)
      case 'quit':
        return app.quit()
    }
  }

  #tell(error: unknown): void {
    const { message, hint } = Fault.of(error)
    notify({ title: message, body: hint ?? '' }, () => void this.#parts.window.show())
  }

  async #openApp(name: string): Promise<void> {
    const apps = await this.#parts.engine.call('app.list', {})
    const found = apps.find((one) => one.name === name)
    const url = found?.enabled === true ? found.urls[0] : undefined
    if (url === undefined) throw new Fault('not-found', `There is no app "${name}" to open.`, 'Add or enable it first.')
    await this.#openUrl(url)
  }

  async #openUrl(url: string): Promise<void> {
    if (mayOpenExternally(url, this.appHosts)) await shell.openExternal(url)
  }

  async #refresh(): Promise<void> {
    const { engine } = this.#parts
    try {
      this.#status = await engine.call('status', {})
      this.#discovered = await engine.call('ports.list', {})
    } catch {
      return // the menu goes on showing what was known last, and the engine's state says what is wrong
    }
    this.#draw()
  }

  #draw(): void {
    const { engine, preferences } = this.#parts
    this.#tray?.update(
      trayModel({
        engine: engine.state,
        status: this.#status,
        discovered: this.#discovered,
        preferences: preferences.current,
        problems: preferences.problem === null ? [] : [preferences.problem],
      }),
    )
  }
}

function applyPreferences({ theme, openAtLogin }: Preferences): void {
  nativeTheme.themeSource = theme
  // Before packaging, what would be registered is Electron itself.
  if (app.isPackaged && app.getLoginItemSettings().openAtLogin !== openAtLogin)
    app.setLoginItemSettings({ openAtLogin, args: ['--hidden'] })
}

function defined<T extends object>(patch: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as never
}
