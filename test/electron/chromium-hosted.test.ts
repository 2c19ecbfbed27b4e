import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { COMMANDS } from '../../src/shared/contract.js'
import { IPC } from '../../src/shared/ipc-channels.js'
import { until } from '../support/wait.js'
import { type HostedShell, startShell } from './host/start-shell.js'

/** The built main and preload bundles, hosted by Chromium and plain Node: see docs/architecture.md. */

/** Chromium and an engine start at once, on a machine that may be busy with other tests. */
const START_MS = 20_000
const EVIL = 'https://evil.example'

let shell: HostedShell

beforeAll(async () => {
  shell = await startShell([{ name: 'shop', port: 9 }])
  const shown = () => shell.inShell(({ electron }) => [...electron.BrowserWindow.all][0]?.visible === true)
  await until(shown, 'the window', START_MS)
  await until(async () => 'result' in (await call('status', {})), 'the engine', START_MS)
})

afterAll(() => shell?.dispose())

test('the window shows the renderer, and its policy refuses nothing of it', async () => {
  await until(() => shell.inPage(() => document.querySelector('#root')?.childElementCount !== 0), 'the renderer')
  expect(await shell.inPage(() => document.title)).toBe('Portico')
  const lines = await shell.inShell(({ electron }) => [...electron.BrowserWindow.all][0]?.console ?? [])
  // Zod asks once whether it may make code, and does without.
  const refused = lines.filter((line) => line.includes('refused:') && !line.endsWith('script-src eval'))
  expect([...refused, ...lines.filter((line) => line.startsWith('host:'))]).toEqual([])
})

test('every command of the contract answers through the preload, with a result or a fault', async () => {
  const names = Object.keys(COMMANDS).filter((name) => name !== 'stop')
  for (const name of names) {
    const params = PARAMS[name] ?? {}
    const reply = await call(name, params)
    expect(Object.keys(reply), name).toHaveLength(1)
    if ('fault' in reply)
      expect(reply.fault, name).toMatchObject({ code: expect.any(String), message: expect.any(String) })
  }
  expect(await call('status', {})).toMatchObject({ result: { state: 'running', apps: [{ name: 'shop' }] } })
})

test('what the contract does not have or does not allow is refused', async () => {
  for (const [name, params] of [
    ['constructor', {}],
    ['', {}],
    ['app.remove', { name: 7 }],
    ['app.remove', { name: 'shop', extra: true }],
    ['settings.set', { theme: 'pink' }],
  ] as const)
    expect(await call(name, params)).toMatchObject({ fault: { code: 'bad-request' } })
})

test('an event arrives, and none after the subscription has ended', async () => {
  await follow('status', 'seen')
  await call('app.add', { app: { name: 'docs', port: 9 } })
  await until(async () => (await counted('seen')) > 0, 'an event')
  await shell.inPage(() => (window as never as Kept).kept.seen?.end())
  const before = await counted('seen')
  await call('app.remove', { name: 'docs' })
  await call('status', {})
  expect(await counted('seen')).toBe(before)
})

test('the window reads and changes the settings, and they are kept', async () => {
  expect(await call('settings.get', {})).toMatchObject({ result: { theme: 'system' } })
  expect(await call('settings.set', { theme: 'dark' })).toMatchObject({ result: { theme: 'dark', closeToTray: true } })
  expect(await shell.inShell(({ electron }) => electron.nativeTheme.themeSource)).toBe('dark')
  const file = path.join(shell.folder, 'config/portico-desktop/preferences.json')
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ theme: 'dark' })
})

test('the settings screen shows the switches of the desktop app, and they work', async () => {
  await shell.inPage(() => [...document.querySelectorAll<HTMLElement>('nav button')].at(-1)?.click())
  const boxes = () =>
    shell.inPage(() =>
      [...document.querySelectorAll<HTMLInputElement>('input[type=checkbox]')].map(({ checked }) => checked),
    )
  await until(async () => (await boxes()).length === 3, 'the switches')
  expect(await boxes()).toEqual([true, true, false])
  await shell.inPage(() => document.querySelectorAll<HTMLInputElement>('input[type=checkbox]')[2]?.click())
  await until(async () => (await boxes())[2] === true, 'the switch to be on')
  expect(await call('settings.get', {})).toMatchObject({ result: { openAtLogin: true } })
})

test('only the top frame of the own page in the own window may use the bridge', async () => {
  const replies = await shell.inShell(
    async ({ electron }, { channel, evil }) => {
      const own = [...electron.BrowserWindow.all][0]?.webContents
      const invoke = (sender: unknown, senderFrame: unknown) =>
        electron.ipcMain.handlers.get(channel)?.({ sender, senderFrame }, 'status', {})
      return [
        await invoke(own, { origin: evil, parent: null }),
        await invoke(own, { origin: 'app://portico', parent: {} }),
        await invoke(own, null),
        await invoke({}, { origin: 'app://portico', parent: null }),
        await invoke(own, { origin: 'app://portico', parent: null }),
      ]
    },
    { channel: IPC.call, evil: EVIL },
  )
  const refused = { fault: { code: 'forbidden' } }
  expect(replies).toMatchObject([refused, refused, refused, refused, { result: { state: 'running' } }])
})

test('the page has no Node, no way to change the bridge, and a policy without unsafe-inline', async () => {
  const page = await shell.inPage(async () => {
    const answer = await fetch('/index.html')
    const outside = await Promise.all(
      ['/..%2f..%2fpackage.json', '/%2e%2e/main/index.js', '/..%5cmain'].map(async (url) => (await fetch(url)).status),
    )
    return {
      node: ['require', 'process', 'module', 'Buffer', 'electron'].filter((name) => name in window),
      frozen: Object.isFrozen(window.portico),
      methods: Object.keys(window.portico ?? {}),
      policy: answer.headers.get('content-security-policy') ?? '',
      outside,
    }
  })
  expect(page).toMatchObject({ node: [], frozen: true, methods: ['call', 'on'], outside: [404, 404, 404] })
  expect(page.policy).toContain("default-src 'self'")
  expect(page.policy).not.toMatch(/unsafe-(inline|eval)/)
})

test('the tray shows the apps and the gateway', async () => {
  await until(
    () => trayLabels().then((labels) => labels.some((label) => /^[●▲] shop/.test(label))),
    'the app in the tray',
  )
  const labels = await trayLabels()
  expect(labels).toContain('Turn Portico off')
  expect(labels).toContain('Quit Portico')
})

test('the tray and the menu bar turn the gateway off and on', async () => {
  const click = (label: string) =>
    shell.inShell(({ electron }, wanted) => {
      const item = electron.recorded.tray?.menu?.items.find((one) => one.label === wanted)
      item?.click?.(undefined as never, undefined, undefined as never)
    }, label)
  const barLabels = () =>
    shell.inShell(({ electron }) =>
      (electron.recorded.menuBar?.items ?? []).flatMap(({ submenu }) =>
        (submenu as Electron.MenuItemConstructorOptions[]).map(({ label }) => label ?? ''),
      ),
    )
  await click('Turn Portico off')
  await until(async () => (await trayLabels()).includes('○ Turned off'), 'the gateway to be off')
  expect(await call('status', {})).toMatchObject({ result: { state: 'paused', listeners: [] } })
  expect(await barLabels()).toContain('Turn Portico On')
  await click('Turn Portico on')
  await until(async () => (await trayLabels()).includes('Turn Portico off'), 'the gateway to be on')
  expect(await call('status', {})).toMatchObject({ result: { state: 'running' } })
  expect(await barLabels()).toContain('Turn Portico Off')
})

test('a link opens an app, and nothing but an app', async () => {
  const before = await shell.inShell(({ electron }) => electron.recorded.opened.length)
  await shell.inShell(({ electron }) => {
    for (const link of ['portico://open/shop', 'portico://open/../x', 'portico://run/shop', 'portico://open/shop?x=1'])
      electron.app.emit('second-instance', {}, ['portico', link], '/')
  })
  await until(
    () => shell.inShell(({ electron }, n) => electron.recorded.opened.length > n, before),
    'the app to be opened',
  )
  const opened = await shell.inShell(({ electron }, n) => electron.recorded.opened.slice(n), before)
  expect(opened).toEqual([expect.stringMatching(/^https:\/\/shop\.localhost/)])
})

test('closing the window keeps the gateway, says so once, and a second launch shows the window again', async () => {
  const visible = () => shell.inShell(({ electron }) => [...electron.BrowserWindow.all][0]?.visible)
  for (let round = 0; round < 2; round++) {
    expect(await shell.inShell(({ electron }) => [...electron.BrowserWindow.all][0]?.close())).toBe(false)
    expect(await visible()).toBe(false)
    await shell.inShell(({ electron }) => void electron.app.emit('second-instance', {}, ['portico'], '/'))
    await until(async () => (await visible()) === true, 'the window')
  }
  const told = await shell.inShell(({ electron }) => electron.recorded.notifications.map(({ title }) => title))
  expect(told.filter((title) => title === 'Portico keeps serving')).toHaveLength(1)
})

test('an engine that is killed is started again, the window is told, and its subscriptions go on', async () => {
  await follow('engine', 'states')
  await follow('status', 'statuses')
  const [pid] = await shell.inShell(({ engines }) => engines())
  process.kill(pid as number, 'SIGKILL')
  await until(async () => (await states()).includes('restarting'), 'the news of the end', START_MS)
  await until(async () => (await states()).at(-1) === 'running', 'the engine to be back', START_MS)
  expect(await shell.inShell(({ engines }) => engines())).not.toContain(pid)
  expect(await call('status', {})).toMatchObject({ result: { state: 'running' } })
  const before = await counted('statuses')
  await call('app.setEnabled', { name: 'shop', enabled: false })
  await until(async () => (await counted('statuses')) > before, 'an event of the new engine')
})

test('the gateway can be stopped and started from the window', async () => {
  expect(await call('stop', {})).toEqual({ result: {} })
  await until(async () => (await states()).at(-1) === 'stopped', 'the end of the engine', START_MS)
  expect(await call('status', {})).toMatchObject({ fault: { code: 'not-running' } })
  expect(await call('engine.start', {})).toEqual({ result: {} })
  expect(await call('status', {})).toMatchObject({ result: { state: 'running' } })
})

test('quitting drains the engine, removes the tray and exits', async () => {
  const [pid] = await shell.inShell(({ engines }) => engines())
  expect(existsSync(path.join(shell.folder, 'data/portico/control.sock'))).toBe(true)
  await shell.inShell(({ electron }) => electron.app.quit())
  expect(await shell.exited).toBe(0)
  expect(() => process.kill(pid as number, 0)).toThrow()
  // A socket that was closed in good order is gone.
  expect(existsSync(path.join(shell.folder, 'data/portico/control.sock'))).toBe(false)
})

/** What a command needs to be more than refused. */
const PARAMS: Record<string, unknown> = {
  'app.add': { app: { name: 'added', port: 9 } },
  'app.update': { name: 'added', app: { name: 'added', port: 10 } },
  'app.setEnabled': { name: 'shop', enabled: true },
  'app.remove': { name: 'added' },
  'exchange.get': { id: 'none' },
  'panel.revoke': { id: 'none' },
}

type Reply = { result: unknown } | { fault: { code: string; message: string } }
type Bridge = { portico: { on(name: string, listener: (payload: unknown) => void): () => void } }
type Kept = { kept: Record<string, { payloads: { state: string }[]; end(): void }> }

function call(name: string, params: unknown): Promise<Reply> {
  return shell.inPage(({ name, params }) => window.portico?.call(name, params) as Promise<Reply>, { name, params })
}

/** Subscribes the page to an event and keeps what arrives under a name of its own. */
function follow(event: string, as: string): Promise<void> {
  return shell.inPage(
    ({ event, as }) => {
      const payloads: { state: string }[] = []
      const end = (window as never as Bridge).portico.on(event, (payload) => payloads.push(payload as never))
      const page = window as never as Kept
      page.kept = { ...page.kept, [as]: { payloads, end } }
    },
    { event, as },
  )
}

function counted(as: string): Promise<number> {
  return shell.inPage((as) => (window as never as Kept).kept[as]?.payloads.length ?? 0, as)
}

function states(): Promise<string[]> {
  return shell.inPage(() => (window as never as Kept).kept.states?.payloads.map(({ state }) => state) ?? [])
}

function trayLabels(): Promise<string[]> {
  return shell.inShell(({ electron }) => electron.recorded.tray?.menu?.items.map(({ label }) => label ?? '') ?? [])
}
