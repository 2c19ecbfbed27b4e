import { app, clipboard, nativeTheme, shell } from 'electron'
import { Fault } from '../../shared/fault.js'
import { HELP_HOSTS } from '../../shared/help-links.js'
import type { Preferences } from '../../shared/preferences.js'
import type { ShellExecutors } from '../../shared/shell-contract.js'
import { appOfLink } from './deep-link.js'
import type { EngineClient } from './engine-client.js'
import type { EngineFacts } from './engine-facts.js'
import { openAtLogin } from './login-item.js'
import type { MainWindow } from './main-window.js'
import type { MenuAction } from './menu-entry.js'
import { MenuBar, TrayIcon } from './menus.js'
import { notify } from './notify.js'
import { type PreferenceStore, settingsOf } from './preference-store.js'
import { isOff, trayModel } from './tray-model.js'
import { mayOpenExternally } from './trust.js'

export interface ShellParts {
  engine: EngineClient
  facts: EngineFacts
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
  #menuBar: MenuBar | null = null
  #tray: TrayIcon | null = null

  constructor(parts: ShellParts) {
    this.#parts = parts
    const { engine, facts, preferences } = parts
    engine.onState(() => this.#draw())
    facts.onChange(() => this.#draw())
    preferences.onChange((current) => {
      this.#apply(current)
      this.#draw()
    })
    this.#apply(preferences.current)
  }

  /** Hosts of the apps, here and where they are shared, as the engine last told them; and sites that hints name. */
  get openableHosts(): string[] {
    const { status, shares } = this.#parts.facts
    const outside = shares.map(({ url }) => (url === null ? null : URL.parse(url)?.hostname))
    const own = status?.apps.flatMap(({ hosts }) => hosts) ?? []
    return [...own, ...outside.filter((host) => host != null), ...HELP_HOSTS]
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

  /** Puts up the menu bar and the tray. */
  showMenus(): void {
    const { resources, platform, facts } = this.#parts
    this.#menuBar = new MenuBar(platform, (action) => this.act(action))
    this.#tray = new TrayIcon(resources, platform, (action) => this.act(action))
    // The ports that could be added are looked for when the menu may be about to open; where that cannot be known,
    // now and then: a look costs more than it is worth while nobody opens it.
    this.#tray.onApproach(() => void facts.refresh())
    setInterval(() => void facts.refresh(), REFRESH_MS).unref()
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
      case 'stop-share':
        await engine.call('share.stop', { id: action.id })
        return
      case 'close-tunnel':
        await engine.call('tunnel.close', { relay: action.relay })
        return
      case 'add-port':
        await engine.call('app.add', { app: { name: action.name, port: action.port } })
        return
      case 'start-app':
      case 'stop-app':
      case 'restart-app':
        await engine.call(PROCESS_COMMANDS[action.do], { name: action.name })
        return
      case 'turn-on':
        return this.#turnOn()
      case 'turn-off':
        await engine.call('gateway.pause', {})
        return
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
    if (mayOpenExternally(url, this.openableHosts)) await shell.openExternal(url)
  }

  /** Off may mean that the engine's process does not run at all. */
  async #turnOn(): Promise<void> {
    const { engine } = this.#parts
    const { state } = engine.state
    if (state === 'stopped' || state === 'failed') engine.start()
    else await engine.call('gateway.resume', {})
  }

  #draw(): void {
    const { engine, facts, preferences } = this.#parts
    this.#menuBar?.update(isOff(engine.state, facts.status))
    this.#tray?.update(
      trayModel({
        engine: engine.state,
        status: facts.status,
        discovered: facts.discovered,
        shares: facts.shares,
        tunnels: facts.tunnels,
        backends: facts.backends,
        processes: facts.processes,
        preferences: preferences.current,
        problems: preferences.problem === null ? [] : [preferences.problem],
      }),
    )
  }

  #apply({ theme, openAtLogin: wanted }: Preferences): void {
    nativeTheme.themeSource = theme
    // Before packaging, what would be registered is Electron itself.
    if (app.isPackaged) openAtLogin(wanted, this.#parts.platform).catch((error: unknown) => this.#tell(error))
  }
}

const PROCESS_COMMANDS = { 'start-app': 'app.start', 'stop-app': 'app.stop', 'restart-app': 'app.restart' } as const

function defined<T extends object>(patch: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as never
}
