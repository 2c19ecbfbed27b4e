import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { app, utilityProcess } from 'electron'
import { APP_ORIGIN, registerAppScheme, serveAppProtocol } from './app/app-protocol.js'
import { commandLineWords, runCommandLine } from './app/command-line.js'
import { LINK_SCHEME, linkAmong } from './app/deep-link.js'
import { EngineClient } from './app/engine-client.js'
import { EngineFacts } from './app/engine-facts.js'
import { ShellKeychain } from './app/key-vault.js'
import { HIDDEN } from './app/login-item.js'
import { MainWindow } from './app/main-window.js'
import { notify, notifyOfTrouble } from './app/notify.js'
import { openPreferences } from './app/preference-store.js'
import { endingWithPortico } from './app/process-changes.js'
import { askToQuit } from './app/quit-question.js'
import { QuitSequence } from './app/quit-sequence.js'
import { confinePages } from './app/security.js'
import { serveIpc } from './app/serve-ipc.js'
import { Shell } from './app/shell.js'
import { originOf } from './app/trust.js'
import { currentPlatform } from './platform/platform.js'

/** The desktop app's composition root: the engine in a process of its own, one window, and what is around them. */

const OUT = import.meta.dirname
const RESOURCES = path.join(OUT, '../../resources')
const ICON = path.join(RESOURCES, 'icon.png')
const PLATFORM = currentPlatform()
const PAGE = (app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL) ?? `${APP_ORIGIN}/index.html`
const TRUSTED_ORIGIN = originOf(PAGE) ?? APP_ORIGIN

app.setName('Portico')
keepToOwnFolder()
registerAppScheme()
const words = commandLineWords(process.argv)
if (words !== null) void runCommandLine(path.join(OUT, 'cli.js'), words)
else if (app.requestSingleInstanceLock()) run()
else app.quit()

function run(): void {
  const preferences = openPreferences()
  const keychain = new ShellKeychain(PLATFORM)
  const engine = new EngineClient(
    () => utilityProcess.fork(path.join(OUT, 'engine-process.js'), [], { serviceName: 'Portico engine' }),
    keychain.answer,
  )
  const facts = new EngineFacts(engine)
  const quitting = new QuitSequence({
    engine,
    running: () => (engine.state.state === 'running' ? endingWithPortico(facts.processes) : []),
    ask: askToQuit,
    lastWords: () => shell.removeTray(),
  })
  const staysOnClose = () => !quitting.begun && preferences.current.closeToTray
  const window = new MainWindow({
    url: PAGE,
    preload: path.join(OUT, '../preload/index.cjs'),
    icon: ICON,
    bounds: () => preferences.current.windowBounds,
    keepOnClose: staysOnClose,
    onLeave: (windowBounds) => {
      const tell = staysOnClose() && !preferences.current.toldAboutTray
      preferences.update({ windowBounds, ...(tell ? { toldAboutTray: true } : {}) })
      if (tell) notify({ title: 'Portico keeps serving', body: 'Open it again or quit it from the tray.' }, show)
    },
  })
  const show = () => void window.show()
  const shell = new Shell({ engine, facts, preferences, window, resources: RESOURCES, platform: PLATFORM })
  const links = earlyLinks()

  void app.whenReady().then(async () => {
    confinePages({ trustedOrigin: TRUSTED_ORIGIN, openableHosts: () => shell.openableHosts })
    serveAppProtocol(path.join(OUT, '../renderer'))
    serveIpc({ engine, shell: shell.executors, trustedOrigin: TRUSTED_ORIGIN, page: () => window.page })
    notifyOfTrouble(engine, facts, show)
    if (preferences.current.startGateway) engine.start()
    describeApp()
    shell.showMenus()
    app.on('activate', show)
    app.on('second-instance', (_event, argv) => {
      const link = linkAmong(argv)
      if (link === null) show()
      else shell.followLink(link)
    })
    app.on('window-all-closed', () => {
      if (PLATFORM !== 'darwin') app.quit()
    })
    const started = links.handTo((link) => shell.followLink(link))
    if (started === 0 && !process.argv.includes(HIDDEN)) await window.show()
  })
}

/** Electron's own choice would be the folder of the engine's config, or on macOS the one of its keys. */
function keepToOwnFolder(): void {
  const folder = path.join(app.getPath('appData'), 'portico-desktop')
  mkdirSync(folder, { recursive: true })
  app.setPath('userData', folder)
}

/** Keeps the links that the app is started with until they can be followed. */
function earlyLinks(): { handTo(follow: (link: string) => void): number } {
  const given = linkAmong(process.argv)
  const early = given === null ? [] : [given]
  let follow = (link: string): void => void early.push(link)
  app.on('open-url', (event, link) => {
    event.preventDefault()
    follow(link)
  })
  return {
    handTo(next) {
      follow = next
      for (const link of early) next(link)
      return early.length
    },
  }
}

function describeApp(): void {
  app.setAboutPanelOptions({
    applicationName: 'Portico',
    applicationVersion: app.getVersion(),
    credits: 'A desktop HTTPS gateway for local development.',
    iconPath: ICON,
  })
  // Before packaging, what would be registered is Electron itself.
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME)
}
