import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { until } from '../support/wait.js'
import { type HostedShell, startShell } from './host/start-shell.js'

/** Starts of the built desktop app that are not the usual one. */

/** Chromium and an engine start at once, on a machine that may be busy with other tests. */
const START_MS = 20_000
const PREFERENCES = 'config/portico-desktop/preferences.json'

let shell: HostedShell | undefined

afterEach(() => shell?.dispose())

test.each([
  ['that is not JSON', '{ "theme": "dark", '],
  ['with another shape', '[1, 2, 3]'],
  ['with odd values', JSON.stringify({ theme: 7, windowBounds: 'left', startGateway: 'maybe' })],
])('a preferences file %s does not keep the app from starting', async (_what, text) => {
  shell = await startShell([], writePreferences(text))
  await until(serving, 'the engine', START_MS)
  const theme = await shell.inPage(() => window.portico?.call('settings.get', {}))
  expect(theme).toMatchObject({ result: { theme: 'system', startGateway: true } })
  await shell.inPage(() => window.portico?.call('settings.set', { theme: 'light' }))
  expect(JSON.parse(await readFile(path.join(shell.folder, PREFERENCES), 'utf8'))).toMatchObject({ theme: 'light' })
})

test('the gateway is not started with the app when that is not wanted', async () => {
  shell = await startShell([], writePreferences(JSON.stringify({ startGateway: false })))
  await until(shown, 'the window', START_MS)
  expect(await shell.inShell(({ engines }) => engines())).toEqual([])
  expect(await status()).toMatchObject({ fault: { code: 'not-running' } })
  await shell.inPage(() => window.portico?.call('engine.start', {}))
  expect(await status()).toMatchObject({ result: { state: 'running' } })
})

test('a config that is refused is the reason the window and the tray give, and a correction heals it', async () => {
  shell = await startShell([], (folder) =>
    writeFile(path.join(folder, 'config/portico/config.json'), '{ "version": 2 }'),
  )
  await until(shown, 'the window', START_MS)
  await until(async () => (await status()).fault?.code === 'not-running', 'the refusal', START_MS)
  const reason = (await status()).fault?.message as string
  expect(reason).toMatch(/config/i)
  const labels = await shell.inShell(({ electron }) => electron.recorded.tray?.menu?.items.map(({ label }) => label))
  expect(labels?.[0]).toContain('▲')
  expect(labels).toContain('Turn Portico on')
  expect(await shell.inShell(({ electron }) => electron.recorded.notifications.at(-1)?.title)).toBe(
    'Portico is not serving',
  )
  const banner = await shell.inPage(() => document.querySelector('.banner')?.textContent ?? '')
  expect(banner).toContain(reason)
  const corrected = JSON.stringify({ version: 1, listen: { https: 0, http: 0 } })
  await writeFile(path.join(shell.folder, 'config/portico/config.json'), corrected)
  await shell.inPage(() => document.querySelector<HTMLButtonElement>('.banner button')?.click())
  await until(async () => (await status()).result !== undefined, 'the engine', START_MS)
  const gone = () => shell?.inPage(() => document.querySelector('.banner') === null)
  await until(gone, 'the end of the banner')
})

test('without the tray, closing the last window quits', async () => {
  shell = await startShell([], writePreferences(JSON.stringify({ closeToTray: false })))
  await until(serving, 'the engine', START_MS)
  await shell.inShell(({ electron }) => void [...electron.BrowserWindow.all][0]?.close())
  expect(await shell.exited).toBe(0)
  const kept = JSON.parse(await readFile(path.join(shell.folder, PREFERENCES), 'utf8'))
  expect(kept.windowBounds).toMatchObject({ width: 1100, height: 720, maximised: false })
})

interface Reply {
  result?: unknown
  fault?: { code: string; message: string }
}

function writePreferences(text: string): (folder: string) => Promise<void> {
  return async (folder) => {
    await mkdir(path.join(folder, path.dirname(PREFERENCES)), { recursive: true })
    await writeFile(path.join(folder, PREFERENCES), text)
  }
}

async function shown(): Promise<boolean> {
  return (await shell?.inShell(({ electron }) => [...electron.BrowserWindow.all][0]?.visible)) === true
}

async function serving(): Promise<boolean> {
  return (await shown()) && (await status()).result !== undefined
}

async function status(): Promise<Reply> {
  return (await shell?.inPage(() => window.portico?.call('status', {}))) as Reply
}
