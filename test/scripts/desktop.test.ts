import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { electronRuntime, headlessReason, installedRuntime } from '../../scripts/desktop.ts'

test('a window needs a display on Linux, X11 or Wayland, and no options of the headless gateway', () => {
  const on = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv, args: string[] = []) =>
    headlessReason({ platform, env, args })
  expect(on('linux', {})).toContain('no display')
  expect(on('linux', { DISPLAY: ':0' })).toBeNull()
  expect(on('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toBeNull()
  expect(on('darwin', {})).toBeNull()
  expect(on('win32', {})).toBeNull()
  expect(on('darwin', {}, ['--https-port', '4443'])).toContain('Options were given')
})

test('a runtime that is installed, or named by the environment, is found; half an installation is none', async () => {
  const folder = await temporaryFolder()
  expect(installedRuntime(folder, {})).toBeNull()
  await writeFile(path.join(folder, 'path.txt'), 'electron')
  expect(installedRuntime(folder, {})).toBeNull()
  await mkdir(path.join(folder, 'dist'))
  await writeFile(path.join(folder, 'dist/electron'), '')
  expect(installedRuntime(folder, {})).toBe(path.join(folder, 'dist/electron'))
  expect(installedRuntime(folder, { ELECTRON_OVERRIDE_DIST_PATH: '/nowhere' })).toBeNull()
})

test('a runtime that is missing is fetched by the package’s own installer, and its failure is an answer', async () => {
  const folder = await temporaryFolder()
  await writeFile(path.join(folder, 'install.js'), 'process.exit(1)')
  expect(await electronRuntime(folder, {})).toBeNull()
  const script = `const fs = require('node:fs'), path = require('node:path')
    fs.mkdirSync(path.join(__dirname, 'dist'))
    fs.writeFileSync(path.join(__dirname, 'dist/electron'), '')
    fs.writeFileSync(path.join(__dirname, 'path.txt'), 'electron')`
  await writeFile(path.join(folder, 'install.js'), script)
  expect(await electronRuntime(folder, {})).toBe(path.join(folder, 'dist/electron'))
})

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'portico-runtime-'))
  await chmod(folder, 0o700)
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
