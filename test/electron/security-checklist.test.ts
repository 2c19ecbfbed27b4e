import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import builder from '../../electron-builder.config.js'
import { IPC } from '../../src/shared/ipc-channels.js'
import { until } from '../support/wait.js'
import { type HostedShell, startShell } from './host/start-shell.js'

/**
 * Electron's security checklist, item by item as its documentation numbers them
 * (electronjs.org/docs/latest/tutorial/security), against the built app, hosted by Chromium and plain Node. The fuses of
 * a package are looked at in packaging.test.ts.
 */

const START_MS = 20_000
const EVIL = 'https://evil.example'
const ROOT = path.resolve(import.meta.dirname, '../..')

let shell: HostedShell

beforeAll(async () => {
  shell = await startShell([{ name: 'shop', port: 9 }])
  const shown = () => shell.inShell(({ electron }) => [...electron.BrowserWindow.all][0]?.visible === true)
  await until(shown, 'the window', START_MS)
  await until(() => shell.inPage(() => document.querySelector('#root')?.childElementCount !== 0), 'the renderer')
})

afterAll(() => shell?.dispose())

test('1. Only load secure content: everything comes from the app itself, and its policy lets nothing else in', async () => {
  const strangers = await shell.inPage(() =>
    performance
      .getEntriesByType('resource')
      .map(({ name }) => name)
      .filter((url) => new URL(url).origin !== location.origin),
  )
  expect(strangers).toEqual([])
  expect(await policy()).toMatch(/^default-src 'self'/)
})

test('2. Do not enable Node.js integration for remote content', async () => {
  expect(await preferences()).toMatchObject({
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    nodeIntegrationInWorker: false,
  })
  const names = ['require', 'process', 'module', 'Buffer']
  expect(await shell.inPage((all) => all.filter((name) => name in window), names)).toEqual([])
})

test('3. Enable context isolation', async () => {
  expect(await preferences()).toMatchObject({ contextIsolation: true })
})

test('4. Enable process sandboxing', async () => {
  expect(await preferences()).toMatchObject({ sandbox: true })
})

test('5. Handle session permission requests: all are denied but writing to the clipboard by the own page', async () => {
  const answers = await shell.inShell(({ electron }, evil) => {
    const { recorded } = electron
    const granted: Record<string, boolean> = {}
    const ask = (permission: string, requestingUrl: string) =>
      recorded.permissionRequest?.(
        null as never,
        permission as never,
        (yes) => {
          granted[`${permission} ${requestingUrl}`] = yes
        },
        { requestingUrl } as never,
      )
    for (const permission of ['media', 'geolocation', 'notifications', 'openExternal', 'fileSystem', 'hid', 'unknown'])
      ask(permission, 'app://portico/index.html')
    ask('clipboard-sanitized-write', evil)
    ask('clipboard-sanitized-write', 'app://portico/index.html')
    return {
      granted,
      checked: recorded.permissionCheck?.(null, 'media', 'app://portico/', {} as never),
      device: recorded.devicePermission?.({} as never),
    }
  }, EVIL)
  expect(Object.entries(answers.granted).filter(([, yes]) => yes)).toEqual([
    ['clipboard-sanitized-write app://portico/index.html', true],
  ])
  expect(Object.keys(answers.granted)).toHaveLength(9)
  expect([answers.checked, answers.device]).toEqual([false, false])
})

test('6. Do not disable webSecurity', async () => {
  expect(await preferences()).toMatchObject({ webSecurity: true })
})

test('7. Define a Content Security Policy: no inline script or style, no plug-ins, no frames', async () => {
  const found = await policy()
  expect(found).not.toMatch(/unsafe-(inline|eval)|\*/)
  for (const directive of ["object-src 'none'", "base-uri 'none'", "frame-src 'none'", "frame-ancestors 'none'"])
    expect(found).toContain(directive)
})

test('8. Do not enable allowRunningInsecureContent', async () => {
  expect(await preferences()).toMatchObject({ allowRunningInsecureContent: false })
})

test('9. Do not enable experimental features', async () => {
  expect(await preferences()).not.toHaveProperty('experimentalFeatures')
})

test('10. Do not use enableBlinkFeatures', async () => {
  expect(await preferences()).not.toHaveProperty('enableBlinkFeatures')
})

test('11. Do not use allowpopups for WebViews: there are no WebViews', async () => {
  expect(await preferences()).toMatchObject({ webviewTag: false })
  expect(await shell.inPage(() => document.querySelectorAll('webview').length)).toBe(0)
})

test('12. Verify WebView options before creation: none is created', async () => {
  expect(await prevented('will-attach-webview')).toBe(true)
})

test.each(['will-navigate', 'will-frame-navigate', 'will-redirect'])(
  '13. Disable or limit navigation: %s is prevented',
  async (event) => {
    expect(await prevented(event)).toBe(true)
  },
)

test('14. Disable or limit creation of new windows: none is opened', async () => {
  expect((await openings()).answers).toEqual(Array(5).fill('deny'))
})

test('15. Do not use shell.openExternal with untrusted content: only pages of the apps and of this machine', async () => {
  expect((await openings()).opened).toEqual(['https://shop.localhost/'])
})

test('16. Use a current version of Electron: pinned, and the one whose types the code is checked against', () => {
  const { devDependencies } = json('package.json')
  expect(devDependencies.electron).toMatch(/^\d+\.\d+\.\d+$/)
  expect(json('node_modules/electron/package.json').version).toBe(devDependencies.electron)
  expect(Number.parseInt(devDependencies.electron, 10)).toBeGreaterThanOrEqual(45)
})

test('17. Validate the sender of all IPC messages', async () => {
  const replies = await shell.inShell(
    async ({ electron }, { channel, evil }) => {
      const own = [...electron.BrowserWindow.all][0]?.webContents
      const invoke = (sender: unknown, senderFrame: unknown) =>
        electron.ipcMain.handlers.get(channel)?.({ sender, senderFrame }, 'status', {})
      const elsewhere = await invoke(own, { origin: evil, parent: null })
      const framed = await invoke(own, { origin: 'app://portico', parent: {} })
      return [elsewhere, framed, await invoke({}, { origin: 'app://portico', parent: null })]
    },
    { channel: IPC.call, evil: EVIL },
  )
  expect(replies).toMatchObject(Array(3).fill({ fault: { code: 'forbidden' } }))
})

test('18. Avoid usage of the file:// protocol: a protocol of its own, which leads nowhere but to the window', async () => {
  const schemes = await shell.inShell(({ electron }) => electron.recorded.schemes)
  expect(schemes).toEqual([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }])
  const statuses = await shell.inPage(() =>
    Promise.all(['/..%2f..%2fpackage.json', '/%2e%2e/main/index.js'].map(async (url) => (await fetch(url)).status)),
  )
  expect(statuses).toEqual([404, 404])
  expect(builder.electronFuses?.grantFileProtocolExtraPrivileges).toBe(false)
})

test('19. Check which fuses you can change: each that the builder knows is decided', () => {
  expect(builder.electronFuses).toEqual({
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  })
  expect(builder.asar).toBe(true)
  expect(builder.mac).toMatchObject({ hardenedRuntime: true, entitlements: 'packaging/entitlements.mac.plist' })
  const entitlements = readFileSync(path.join(ROOT, 'packaging/entitlements.mac.plist'), 'utf8')
  expect([...entitlements.matchAll(/<key>(.*)<\/key>/g)].map(([, key]) => key)).toEqual([
    'com.apple.security.cs.allow-jit',
  ])
})

test('20. Do not expose Electron APIs to untrusted web content: two functions of its own, which nobody can replace', async () => {
  const bridge = await shell.inPage(() => ({
    names: Object.keys(window.portico ?? {}),
    frozen: Object.isFrozen(window.portico),
    others: ['electron', 'ipcRenderer'].filter((name) => name in window),
  }))
  expect(bridge).toEqual({ names: ['call', 'on'], frozen: true, others: [] })
  const refused = await shell.inPage(() => window.portico?.call('ipcRenderer.send' as never, {} as never))
  expect(refused).toMatchObject({ fault: { code: 'bad-request' } })
})

function preferences() {
  return shell.inShell(({ electron }) => [...electron.BrowserWindow.all][0]?.options.webPreferences)
}

function policy(): Promise<string> {
  return shell.inPage(async () => (await fetch('/index.html')).headers.get('content-security-policy') ?? '')
}

function prevented(event: string): Promise<boolean> {
  return shell.inShell(
    ({ electron }, { event, evil }) => {
      let prevented = false
      const preventDefault = () => {
        prevented = true
      }
      ;[...electron.BrowserWindow.all][0]?.webContents.emit(event, { url: evil, preventDefault }, {}, {})
      return prevented
    },
    { event, evil: EVIL },
  )
}

/** What becomes of attempts to open windows, and what the system's browser was asked to open. */
function openings() {
  return shell.inShell(({ electron }, evil) => {
    electron.recorded.opened.length = 0
    const window = [...electron.BrowserWindow.all][0]
    const urls = [evil, 'file:///etc/passwd', 'javascript:alert(1)', 'portico://open/shop', 'https://shop.localhost/']
    const answers = urls.map((url) => window?.windowOpenHandler?.({ url } as never).action)
    return { answers, opened: [...electron.recorded.opened] }
  }, EVIL)
}

function json(file: string) {
  return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'))
}
