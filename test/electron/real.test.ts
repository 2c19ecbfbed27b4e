import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { _electron } from 'playwright-core'
import { expect, test } from 'vitest'

/** The same bundles in real Electron, where there is one. */

const ROOT = path.resolve(import.meta.dirname, '../..')
const runtime = electronRuntime()
if (runtime === null)
  console.log('SKIPPED: real Electron (no runtime is installed and ELECTRON_OVERRIDE_DIST_PATH names none)')

test.skipIf(runtime === null)('Electron starts the app, and its window reaches the engine', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'portico-electron-'))
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: `${folder}/config`, XDG_DATA_HOME: `${folder}/data` }
  const app = await _electron.launch({
    executablePath: runtime ?? '',
    args: [ROOT],
    env: env as Record<string, string>,
  })
  try {
    const page = await app.firstWindow()
    expect(page.url()).toBe('app://portico/index.html')
    expect(await page.evaluate(() => Object.keys(window.portico ?? {}))).toEqual(['call', 'on'])
    expect(await page.evaluate(() => window.portico?.call('status', {}))).toMatchObject({
      result: { state: 'running' },
    })
  } finally {
    await app.close()
    await rm(folder, { recursive: true, force: true })
  }
})

/** Path of Electron's binary; null when there is none. */
function electronRuntime(): string | null {
  const names = ['electron', 'Electron.app/Contents/MacOS/Electron', 'electron.exe']
  const folders = [process.env.ELECTRON_OVERRIDE_DIST_PATH, path.join(ROOT, 'node_modules/electron/dist')]
  const files = folders.flatMap((folder) => (folder ? names.map((name) => path.join(folder, name)) : []))
  return files.find((file) => existsSync(file)) ?? null
}
