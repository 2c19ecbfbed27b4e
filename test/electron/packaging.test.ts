import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { extractAll, listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/wait.js'

/**
 * What electron-builder makes of the build and its config, around a folder that stands in for Electron's: the archive,
 * the files beside it and the fuses are real, the runtime is not, and nothing here was run by Electron.
 */

const ROOT = path.resolve(import.meta.dirname, '../..')
/** States of a fuse, as its wire has them. */
const [OFF, ON] = [...'01'].map((state) => state.charCodeAt(0))
const FUSE_SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const run = promisify(execFile)

let folder: string
let app: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'portico-package-'))
  const electron = await standIn(path.join(folder, 'electron'))
  const config = ['--config', 'electron-builder.config.ts', '--publish', 'never', '--linux', 'dir']
  const places = [`-c.electronDist=${electron}`, `-c.directories.output=${folder}`]
  const builder = path.join(ROOT, 'node_modules/electron-builder/cli.js')
  await run(process.execPath, [builder, ...config, ...places], { cwd: ROOT, timeout: 120_000, maxBuffer: 16e6 })
  const made = (await readdir(folder)).find((name) => name.endsWith('unpacked')) ?? ''
  app = path.join(folder, made)
}, 150_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

test('the fuses are set in the program itself', async () => {
  const wire = await getCurrentFuseWire(path.join(app, 'portico-desktop'))
  expect(wire).toMatchObject({
    [FuseV1Options.RunAsNode]: OFF,
    [FuseV1Options.EnableCookieEncryption]: ON,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: OFF,
    [FuseV1Options.EnableNodeCliInspectArguments]: OFF,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: ON,
    [FuseV1Options.OnlyLoadAppFromAsar]: ON,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: OFF,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: OFF,
  })
})

test('the archive holds what the app needs, and nothing of its making', () => {
  const files = listPackage(path.join(app, 'resources/app.asar'), { isPack: false })
  const own = files.filter((file) => !file.startsWith('/node_modules'))
  for (const file of [
    '/package.json',
    '/LICENSE',
    '/out/main/index.js',
    '/out/main/engine-process.js',
    '/out/main/cli.js',
  ])
    expect(own).toContain(file)
  for (const file of ['/out/preload/index.cjs', '/out/renderer/index.html', '/resources/trayTemplate@2x.png'])
    expect(own).toContain(file)
  expect(files.filter((file) => /\.(map|ts|tsx)$|\/(test|tests|src\/main|bench)\//.test(file))).toEqual([])
  for (const name of ['electron', 'vite', 'react', 'playwright-core', 'typescript'])
    expect(files).not.toContain(`/node_modules/${name}`)
})

test('the panel’s copy of the window and the command line are beside the archive', async () => {
  const resources = path.join(app, 'resources')
  expect(await readFile(path.join(resources, 'renderer/index.html'), 'utf8')).toContain('<div id="root">')
  const launcher = await readFile(path.join(resources, 'bin/portico'), 'utf8')
  expect(launcher).toContain('--cli -- "$@"')
  const [, program = ''] = /exec "\$here\/(\S+)"/.exec(launcher) ?? []
  expect(path.resolve(resources, 'bin', program)).toBe(path.join(app, 'portico-desktop'))
})

test('every package that the bundles import is in the archive: they serve from its files alone', async () => {
  const unpacked = path.join(folder, 'app')
  extractAll(path.join(app, 'resources/app.asar'), unpacked)
  const imports = ['conf', 'electron-store', 'execa', 'selfsigned', 'http-proxy-3', 'ws', 'undici'].map((name) =>
    name === 'electron-store' ? `import.meta.resolve('${name}')` : `await import('${name}')`,
  )
  const script = path.join(unpacked, 'check.mjs')
  await writeFile(script, imports.join('\n'))
  await run(process.execPath, [script], { cwd: unpacked })

  const options = ['--data-dir', path.join(folder, 'data'), '--config', path.join(folder, 'config.json')]
  const ports = ['--bind', '127.0.0.1', '--https-port', '0', '--http-port', '0']
  const server = spawn(process.execPath, [path.join(unpacked, 'out/main/cli.js'), 'serve', ...options, ...ports])
  let output = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (output += chunk))
  try {
    await until(
      () => output.includes('Certificates are signed'),
      () => `the gateway serves: ${output}`,
      20_000,
    )
  } finally {
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
})

/** A folder like Electron's: its program is nothing but the place where the fuses are. */
async function standIn(dist: string): Promise<string> {
  await mkdir(path.join(dist, 'resources'), { recursive: true })
  await mkdir(path.join(dist, 'locales'))
  // Version 1 of the wire, nine fuses, as Electron ships them.
  const wire = Buffer.concat([Buffer.from(FUSE_SENTINEL), Buffer.from([1, 9]), Buffer.from('101100011')])
  await writeFile(path.join(dist, 'electron'), wire)
  await chmod(path.join(dist, 'electron'), 0o755)
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'chrome-sandbox', 'version'])
    await writeFile(path.join(dist, name), name)
  return dist
}
