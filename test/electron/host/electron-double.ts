import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import type * as Electron from 'electron'
import { closeBrowser, pageWindows } from './page-window.ts'
import { CancellableEvent, strict } from './strict.ts'
import { fork } from './utility-process.ts'

/**
 * What `import 'electron'` gives the built main bundle in plain Node. Members are checked against Electron's own types;
 * whatever is not here throws when it is used. What the app asks of the system is recorded.
 */
export const recorded = {
  opened: [] as string[],
  clipboard: '',
  notifications: [] as { title?: string | undefined; body?: string | undefined }[],
  menuBar: null as MenuDouble | null,
  tray: null as { icon: string; menu: MenuDouble | null; destroyed: boolean } | null,
  about: null as Electron.AboutPanelOptionsOptions | null,
  schemes: [] as Electron.CustomScheme[],
  permissionRequest: null as Parameters<Electron.Session['setPermissionRequestHandler']>[0],
  permissionCheck: null as Parameters<Electron.Session['setPermissionCheckHandler']>[0],
  /** questions asked, and the number of the button that answers the next ones */
  questions: [] as string[],
  answer: 0,
  /** as Chromium does when the keyring it has chosen is out of reach: a password from its source */
  keyringFails: false,
  keyring: 'gnome_libsecret' as ReturnType<Electron.SafeStorage['getSelectedStorageBackend']>,
  devicePermission: null as Parameters<Electron.Session['setDevicePermissionHandler']>[0],
}

type MenuDouble = { items: Electron.MenuItemConstructorOptions[] }
type Methods<T> = Partial<Omit<T, keyof NodeJS.EventEmitter>>

const handlers = new Map<string, (event: object, ...args: unknown[]) => unknown>()
const protocols = new Map<string, (request: Request) => Promise<Response>>()
const paths = new Map<string, string>([['appData', process.env.XDG_CONFIG_HOME ?? '']])
const appEvents = new EventEmitter()
let quitting = false
const ipcEvents = new EventEmitter()

const ipcMethods = {
  handle: (channel, listener) => {
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    handlers.set(channel, listener as never)
  },
} satisfies Methods<Electron.IpcMain>
export const ipcMain = strict('ipcMain', Object.assign(ipcEvents, ipcMethods, { handlers }))

export const BrowserWindow = pageWindows({
  app: appEvents,
  quitting: () => quitting,
  ipc: { handlers, events: ipcEvents },
  protocolHandler: (scheme) => {
    const handler = protocols.get(scheme)
    if (handler === undefined) throw new Error(`nobody serves ${scheme}://`)
    return handler
  },
})

const appMethods = {
  isPackaged: false,
  setName: () => {},
  getVersion: () => '0.1.0',
  getPath: (name) => {
    const found = paths.get(name)
    if (found === undefined) throw new Error(`app.getPath('${name}') is not known to the double`)
    return found
  },
  setPath: (name, folder) => {
    if (!existsSync(folder)) throw new Error(`Failed to set path: ${folder} does not exist`)
    paths.set(name, folder)
  },
  requestSingleInstanceLock: () => true,
  whenReady: () => Promise.resolve(),
  setAboutPanelOptions: (options) => {
    recorded.about = options
  },
  quit: () => void quit(),
  exit: (code = 0) => void exit(code),
} satisfies Methods<Electron.App>
export const app = strict('app', Object.assign(appEvents, appMethods))

export const protocol = strict('protocol', {
  registerSchemesAsPrivileged: (schemes) => void recorded.schemes.push(...schemes),
  handle: (scheme, handler) => void protocols.set(scheme, handler as never),
} satisfies Partial<Electron.Protocol>)

export const session = strict('session', {
  defaultSession: strict('session.defaultSession', {
    setPermissionRequestHandler: (handler) => {
      recorded.permissionRequest = handler
    },
    setPermissionCheckHandler: (handler) => {
      recorded.permissionCheck = handler
    },
    setDevicePermissionHandler: (handler) => {
      recorded.devicePermission = handler
    },
  } satisfies Methods<Electron.Session>),
})

export const shell = strict('shell', {
  openExternal: async (url) => void recorded.opened.push(url),
} satisfies Partial<Electron.Shell>)

export const clipboard = strict('clipboard', {
  writeText: async (text) => {
    recorded.clipboard = text
  },
} satisfies Partial<Electron.Clipboard>)

export const dialog = strict('dialog', {
  showMessageBox: (async (options: Electron.MessageBoxOptions) => {
    recorded.questions.push(`${options.message} ${options.detail}`)
    return { response: recorded.answer, checkboxChecked: false }
  }) as Electron.Dialog['showMessageBox'],
} satisfies Partial<Electron.Dialog>)

/** A keyring of its own: what it seals no other one opens. Changes of `keyring` are seen at once. */
const keyringKey = randomBytes(32)
const keyringMethods = {
  getSelectedStorageBackend: () => recorded.keyring,
  isAsyncEncryptionAvailable: async () => recorded.keyring !== 'unknown',
  encryptStringAsync: async (text) => {
    const cipher = createCipheriv('aes-256-gcm', keyringKey, Buffer.alloc(12))
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return Buffer.concat([Buffer.from(recorded.keyringFails ? 'v10' : 'v11'), cipher.getAuthTag(), sealed])
  },
  decryptStringAsync: async (bytes) => {
    const decipher = createDecipheriv('aes-256-gcm', keyringKey, Buffer.alloc(12)).setAuthTag(bytes.subarray(3, 19))
    const opened = Buffer.concat([decipher.update(bytes.subarray(19)), decipher.final()])
    return { result: opened.toString('utf8'), shouldReEncrypt: false }
  },
} satisfies Partial<Electron.SafeStorage>
export const safeStorage = strict('safeStorage', keyringMethods)

export const nativeTheme = strict('nativeTheme', { themeSource: 'system' } satisfies Methods<Electron.NativeTheme>)

const display = { id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1080 } } as Electron.Display
export const screen = strict('screen', {
  getPrimaryDisplay: () => display,
  getAllDisplays: () => [display],
} satisfies Methods<Electron.Screen>)

export const nativeImage = strict('nativeImage', {
  createFromPath: (file: string) => {
    if (!existsSync(file)) throw new Error(`there is no image ${file}`)
    return { file: path.basename(file) }
  },
})

export const Menu = strict('Menu', {
  buildFromTemplate: (items: Electron.MenuItemConstructorOptions[]): MenuDouble => ({ items }),
  setApplicationMenu: (menu: MenuDouble | null) => {
    recorded.menuBar = menu
  },
})

export class Tray extends EventEmitter {
  constructor(image: { file: string }) {
    super()
    recorded.tray = { icon: image.file, menu: null, destroyed: false }
  }
  setToolTip(): void {}
  setContextMenu(menu: MenuDouble): void {
    if (recorded.tray !== null) recorded.tray.menu = menu
  }
  destroy(): void {
    if (recorded.tray !== null) recorded.tray.destroyed = true
  }
}

export class Notification extends EventEmitter {
  readonly #options: Electron.NotificationConstructorOptions
  static isSupported(): boolean {
    return true
  }
  constructor(options: Electron.NotificationConstructorOptions) {
    super()
    this.#options = options
  }
  show(): void {
    recorded.notifications.push({ title: this.#options.title, body: this.#options.body })
  }
}

export const utilityProcess = strict('utilityProcess', { fork })

async function quit(): Promise<void> {
  const wish = new CancellableEvent()
  appEvents.emit('before-quit', wish)
  if (wish.defaultPrevented) return
  quitting = true
  for (const window of [...BrowserWindow.all]) if (!(await window.close())) quitting = false
  if (!quitting) return
  const event = new CancellableEvent()
  appEvents.emit('will-quit', event)
  if (!event.defaultPrevented) await exit(0)
}

async function exit(code: number): Promise<void> {
  appEvents.emit('quit', new CancellableEvent(), code)
  await closeBrowser()
  process.exit(code)
}

// biome-ignore lint/style/noDefaultExport: electron has one, and electron-store imports it
export default { app, ipcMain, shell }
