import { app } from 'electron'
import { forkEngine } from './app/engine-client.js'
import { serveIpc } from './app/serve-ipc.js'
import { openWindow } from './app/window.js'

/** The desktop app's composition root: the engine in a process of its own, one window, and the bridge between them. */
void app.whenReady().then(async () => {
  const engine = forkEngine()
  serveIpc(engine)
  await openWindow()
  app.on('before-quit', () => engine.stop())
})

app.on('window-all-closed', () => app.quit())
