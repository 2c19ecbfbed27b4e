import path from 'node:path'
import { app, utilityProcess } from 'electron'
import { APP_ORIGIN, registerAppScheme, serveAppProtocol } from './app/app-protocol.js'
import { LINK_SCHEME, linkAmong } from './app/deep-link.js'
import { EngineClient } from './app/engine-client.js'
import { MainWindow } from './app/main-window.js'
import { setMenuBar } from './app/menus.js'
import { notify, notifyOfTrouble } from './app/notify.js'
import { openPreferences } from './app/preference-store.js'
import { confinePages } from './app/security.js'
import { serveIpc } from './app/serve-ipc.js'
import { Shell } from './app/shell.js'
import { originOf } from './app/trust.js'
import { currentPlatform } from './platform/platform.js'

/** The desktop app's composition root: the engine in a process of its own, one window, and what is around them. */

const OUT = import.meta.dirname
const RESOURCES = path.join(OUT, '../../resources')
const PLATFORM = currentPlatform()
const devServer = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL
const pageUrl = devServer ?? `${APP_ORIGIN}/index.html`
const trustedOrigin = originOf(pageUrl) ?? APP_ORIGIN

app.setName('Portico')
// Electron's own choice would be the folder of the engine's config, or on macOS the one of its keys.
app.setPath('userData', path.join(app.getPath('appData'), 'portico-desktop'))
registerAppScheme()
if (app.requestSingleInstanceLock()) run()
else app.quit()

function run(): void {
  let quitting = false
  let draining = false
  const preferences = openPreferences()
  const engine = new EngineClient(() =>
    utilityProcess.fork(path.join(OUT, 'engine-process.js'), [], { serviceName: 'Portico engine' }),
  )
  const window = new MainWindow({
    url: pageUrl,
    preload: path.join(OUT, '../preload/index.cjs'),
    icon: path.join(RESOURCES, 'icon.png'),
    bounds: () => preferences.current.windowBounds,
    keepOnClose: () => !quitting && preferences.current.closeToTray,
    onLeave: (windowBounds) => {
      const tell = !quitting && preferences.current.closeToTray && !preferences.current.toldAboutTray
      preferences.update({ windowBounds, ...(tell ? { toldAboutTray: true } : {}) })
      if (tell) notify({ title: 'Portico keeps serving', body: 'Open it again or quit it from the tray.' }, show)
    },
  })
  const show = () => void window.show()
  const shell = new Shell({ engine, preferences, window, resources: RESOURCES, platform: PLATFORM })

  const early: string[] = []
  let follow = (link: string): void => void early.push(link)
  app.on('open-url', (event, link) => {
    event.preventDefault()
    follow(link)
  })
  app.on('second-instance', (_event, argv) => {
    const link = linkAmong(argv)
    if (link === null) show()
    else follow(link)
  })
  app.on('activate', show)
  app.on('window-all-closed', () => {
    if (PLATFORM !== 'darwin') app.quit()
  })
  app.on('before-quit', () => {
    quitting = true
  })
  app.on('will-quit', (event) => {
    // A second wish to quit, while the first one waits for requests in progress, is not kept waiting.
    if (draining) {
      engine.kill()
      return
    }
    draining = true
    event.preventDefault()
    shell.removeTray()
    void engine.stop().then(() => app.exit(0))
  })

  void app.whenReady().then(async () => {
    app.setAboutPanelOptions({
      applicationName: 'Portico',
      applicationVersion: app.getVersion(),
      credits: 'A desktop HTTPS gateway for local development.',
      iconPath: path.join(RESOURCES, 'icon.png'),
    })
    if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME)
    confinePages({ trustedOrigin, appHosts: () => shell.appHosts })
    serveAppProtocol(path.join(OUT, '../renderer'))
    serveIpc({ engine, shell: shell.executors, trustedOrigin, page: () => window.page })
    notifyOfTrouble(engine, show)
    if (preferences.current.startGateway) engine.start()
    setMenuBar(PLATFORM, (action) => shell.act(action))
    shell.showTray()
    const link = linkAmong(process.argv)
    if (link !== null) early.push(link)
    follow = (one) => shell.followLink(one)
    for (const one of early) follow(one)
    if (link === null && !process.argv.includes('--hidden')) await window.show()
  })
}
