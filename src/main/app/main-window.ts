import { BrowserWindow, screen } from 'electron'
import type { WindowBounds } from '../../shared/preferences.js'
import { MIN_SIZE, placeWindow } from './window-bounds.js'

export interface MainWindowOptions {
  /** address of the renderer's page */
  url: string
  /** absolute path of the preload's build */
  preload: string
  /** absolute path of the window's icon */
  icon: string
  bounds(): WindowBounds | null
  /** the window is about to close or to be hidden */
  onLeave(bounds: WindowBounds): void
  /** true when the window is to be hidden instead of closed */
  keepOnClose(): boolean
}

/** The one window: sandboxed, isolated, opened again where it was. */
export class MainWindow {
  readonly #options: MainWindowOptions
  #window: BrowserWindow | null = null

  constructor(options: MainWindowOptions) {
    this.#options = options
  }

  get page(): Electron.WebContents | null {
    return this.#window?.webContents ?? null
  }

  /** Brings the window to the front; opens it when there is none. */
  async show(): Promise<void> {
    if (this.#window === null) {
      await this.#open()
      return
    }
    if (this.#window.isMinimized()) this.#window.restore()
    this.#window.show()
    this.#window.focus()
  }

  async #open(): Promise<void> {
    const { url, preload, icon, bounds } = this.#options
    const saved = bounds()
    const primary = screen.getPrimaryDisplay()
    const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id)
    const window = new BrowserWindow({
      ...placeWindow(
        saved,
        [primary, ...others].map(({ workArea }) => workArea),
      ),
      minWidth: MIN_SIZE.width,
      minHeight: MIN_SIZE.height,
      title: 'Portico',
      icon,
      show: false,
      webPreferences: {
        preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInSubFrames: false,
        nodeIntegrationInWorker: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        webviewTag: false,
        navigateOnDragDrop: false,
        spellcheck: false,
      },
    })
    this.#window = window
    if (saved?.maximised === true) window.maximize()
    window.once('ready-to-show', () => window.show())
    window.on('close', (event) => this.#close(window, event))
    window.on('closed', () => {
      this.#window = null
    })
    await window.loadURL(url).catch((error: unknown) => {
      // Closed while it loaded: nobody waits for the page.
      if (!window.isDestroyed()) throw error
    })
  }

  #close(window: BrowserWindow, event: { preventDefault(): void }): void {
    const { onLeave, keepOnClose } = this.#options
    const keep = keepOnClose()
    onLeave({ ...window.getNormalBounds(), maximised: window.isMaximized() })
    if (!keep) return
    event.preventDefault()
    window.hide()
  }
}
