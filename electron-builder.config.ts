import { cp } from 'node:fs/promises'
import path from 'node:path'
import type { Configuration } from 'electron-builder'

/** How the desktop app is packaged: see docs/packaging.md. */

/** The bundles have these inside; their packages would only be carried along. */
const BUNDLED = [
  ...['react', 'react-dom', 'scheduler', 'uplot', 'zustand'],
  ...['zod', 'chokidar', 'readdirp', 'ipaddr.js', 'commander', 'mime-types', 'mime-db'],
]

const config: Configuration = {
  appId: 'dev.portico.Portico',
  productName: 'Portico',
  copyright: 'Copyright © the Portico authors',
  directories: { output: 'dist', buildResources: 'packaging' },
  files: [
    'package.json',
    'LICENSE',
    'out/main/**',
    'out/preload/**',
    'out/renderer/**',
    'resources/*.png',
    '!out/**/*.map',
    '!**/node_modules/**/*.{md,map,ts,mts,cts,flow,markdown}',
    '!**/node_modules/**/{test,tests,__tests__,example,examples,docs,benchmark,benchmarks,.github}/**',
    `!node_modules/{${BUNDLED.join(',')}}/**`,
  ],
  asar: true,
  // The panel proves of each file where it lies, which cannot be done inside an archive: it has a copy beside it. What is
  // named under extraResources would be left out of the archive, and the app's own window reads from there.
  afterPack: async ({ packager, appOutDir }) => {
    await cp(
      path.join(packager.projectDir, 'out/renderer'),
      path.join(packager.getResourcesDir(appOutDir), 'renderer'),
      {
        recursive: true,
      },
    )
  },
  npmRebuild: false,
  extraMetadata: { author: 'The Portico authors', homepage: 'https://portico.localhost' },
  protocols: [{ name: 'Portico', schemes: ['portico'] }],
  // What the checklist of Electron and its documentation of fuses advise; each is named in test/electron/security-checklist.test.ts.
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    // It takes a snapshot file of its own, which there is none of.
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  },
  linux: {
    target: ['AppImage', 'deb'],
    executableName: 'portico-desktop',
    icon: 'resources/icon.png',
    category: 'Development',
    synopsis: 'A desktop HTTPS gateway for local development',
    maintainer: 'Portico <portico@localhost>',
    extraResources: [{ from: 'packaging/portico-linux', to: 'bin/portico' }],
  },
  deb: { fpm: ['packaging/portico-usr-bin=/usr/bin/portico'] },
  mac: {
    target: ['dmg'],
    category: 'public.app-category.developer-tools',
    icon: 'resources/icon.png',
    hardenedRuntime: true,
    gatekeeperAssess: false,
    entitlements: 'packaging/entitlements.mac.plist',
    entitlementsInherit: 'packaging/entitlements.mac.plist',
    extraResources: [{ from: 'packaging/portico-mac', to: 'bin/portico' }],
  },
  win: { target: ['nsis'], icon: 'resources/icon.png' },
  nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
  publish: null,
}

export default config
