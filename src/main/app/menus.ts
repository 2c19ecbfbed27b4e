import path from 'node:path'
import { Menu, type MenuItemConstructorOptions, nativeImage, Tray } from 'electron'
import type { MenuAction, MenuEntry } from './menu-entry.js'
import { type BarEntry, menuModel } from './menu-model.js'

type Act = (action: MenuAction) => void

/** The menu bar, which is made anew when the gateway was turned on or off. */
export class MenuBar {
  readonly #platform: NodeJS.Platform
  readonly #act: Act
  #off: boolean | null = null

  constructor(platform: NodeJS.Platform, act: Act) {
    this.#platform = platform
    this.#act = act
  }

  /** @param off the gateway is off and can be turned on */
  update(off: boolean): void {
    if (off === this.#off) return
    this.#off = off
    const template = menuModel(this.#platform, off).map(
      ({ entries, ...menu }): MenuItemConstructorOptions => ({
        ...menu,
        submenu: entries.map((entry) => barItem(entry, this.#act)),
      }),
    )
    Menu.setApplicationMenu(Menu.buildFromTemplate(template))
  }
}

/** The icon in the tray and its menu, which is made anew whenever something in it has changed. */
export class TrayIcon {
  readonly #tray: Tray
  readonly #act: Act
  #shown = ''

  /** @param resources absolute path of the folder with the icons */
  constructor(resources: string, platform: NodeJS.Platform, act: Act) {
    // The system colours a template image itself; its name says that it is one.
    const file = platform === 'darwin' ? 'trayTemplate.png' : 'tray.png'
    this.#tray = new Tray(nativeImage.createFromPath(path.join(resources, file)))
    this.#act = act
    this.#tray.setToolTip('Portico')
    // On macOS a click opens the menu; on Linux it may do nothing, and the menu has the entry too.
    if (platform !== 'darwin') this.#tray.on('click', () => act({ do: 'open-window' }))
  }

  /** Calls the listener when the pointer comes to the icon, on the systems that tell. */
  onApproach(listener: () => void): void {
    this.#tray.on('mouse-enter', listener)
  }

  update(entries: MenuEntry[]): void {
    const wanted = JSON.stringify(entries)
    // A menu that is open closes when it is replaced.
    if (wanted === this.#shown) return
    this.#shown = wanted
    this.#tray.setContextMenu(Menu.buildFromTemplate(entries.map((entry) => trayItem(entry, this.#act))))
  }

  remove(): void {
    this.#tray.destroy()
  }
}

function barItem(entry: BarEntry, act: Act): MenuItemConstructorOptions {
  if ('separator' in entry) return { type: 'separator' }
  if ('role' in entry) return { role: entry.role }
  const { action, ...item } = entry
  return { ...item, click: () => act(action) }
}

function trayItem(entry: MenuEntry, act: Act): MenuItemConstructorOptions {
  if ('separator' in entry) return { type: 'separator' }
  const { label, action, checked, entries } = entry
  return {
    label: label.replaceAll('&', '&&'),
    enabled: action !== undefined || entries !== undefined,
    ...(checked === undefined ? {} : { type: 'checkbox' as const, checked }),
    ...(entries === undefined ? {} : { submenu: entries.map((one) => trayItem(one, act)) }),
    ...(action === undefined ? {} : { click: () => act(action) }),
  }
}
