import { afterEach, expect, test } from 'vitest'
import { until } from '../support/wait.js'
import { type HostedShell, startShell } from './host/start-shell.js'

/** What the built desktop app does about the processes of the apps: tray, notifications, the question before quitting. */

const START_MS = 20_000
const SERVER = `require('node:http').createServer((_, response) => response.end('ok')).listen(process.env.PORT)`

let shell: HostedShell

afterEach(() => shell?.dispose())

test('the tray starts and stops a process, and quitting asks while it runs', { timeout: 90_000 }, async () => {
  shell = await startShell([
    { name: 'shop', process: { command: [process.execPath, '-e', SERVER], port: 'auto', start: 'manual' } },
  ])
  await until(async () => (await labels()).includes('○ shop (stopped)'), 'the stopped process in the tray', START_MS)
  await click('○ shop (stopped)', 'Start')
  await until(async () => (await labels()).includes('● shop'), 'the running process in the tray', START_MS)

  await shell.inShell(({ electron }) => {
    electron.recorded.answer = 1
    electron.app.quit()
  })
  await until(async () => (await questions()).length === 1, 'the question')
  expect(await questions()).toEqual(['Quit Portico? shop runs under Portico and ends with it.'])
  expect(await labels()).toContain('Turn Portico off')

  await click('● shop', 'Stop')
  await until(async () => (await labels()).includes('○ shop (stopped)'), 'the end of the process', START_MS)
  await click('○ shop (stopped)', 'Start')
  await until(async () => (await labels()).includes('● shop'), 'the process once more', START_MS)
  await shell.inShell(({ electron }) => {
    electron.recorded.answer = 0
    electron.app.quit()
  })
  expect(await shell.exited).toBe(0)
})

test('a process that goes down is told by a notification, and so is that it runs again', {
  timeout: 90_000,
}, async () => {
  shell = await startShell([{ name: 'shop', process: { command: [process.execPath, '-e', SERVER], port: 'auto' } }])
  const shown = () => shell.inShell(({ electron }) => [...electron.BrowserWindow.all][0]?.visible === true)
  await until(shown, 'the window', START_MS)
  await until(async () => (await processOf())?.state === 'running', 'the process', START_MS)
  await until(async () => (await labels()).includes('● shop'), 'the running process in the tray', START_MS)
  const running = await processOf()
  if (running !== undefined) process.kill(running.pid, 'SIGKILL')
  const titles = () => shell.inShell(({ electron }) => electron.recorded.notifications.map(({ title }) => title))
  await until(async () => (await titles()).includes('shop has crashed'), 'the news of the crash', START_MS)
  await until(async () => (await titles()).includes('shop runs again'), 'the news of its return', START_MS)
  expect(await labels()).toContain('● shop')
})

function labels(): Promise<string[]> {
  return shell.inShell(({ electron }) => electron.recorded.tray?.menu?.items.map(({ label }) => label ?? '') ?? [])
}

function questions(): Promise<string[]> {
  return shell.inShell(({ electron }) => electron.recorded.questions)
}

/** The process of the one app; undefined while the window or the engine is not there yet. */
async function processOf(): Promise<{ state: string; pid: number } | undefined> {
  const reply = await shell.inPage(() => window.portico?.call('processes.list', {}))
  return (reply as { result?: { state: string; pid: number }[] } | undefined)?.result?.[0]
}

/** Chooses an entry of the submenu of an app. */
function click(app: string, entry: string): Promise<void> {
  return shell.inShell(
    ({ electron }, { app, entry }) => {
      const menu = electron.recorded.tray?.menu?.items.find(({ label }) => label === app)
      const items = (menu?.submenu ?? []) as Electron.MenuItemConstructorOptions[]
      const item = items.find(({ label }) => label === entry)
      if (item === undefined) throw new Error(`there is no "${entry}" under "${app}"`)
      item.click?.(undefined as never, undefined, undefined as never)
    },
    { app, entry },
  )
}
