import { expect, test } from 'vitest'
import { type MenuEntry, type TrayInput, trayModel } from '../../../src/main/app/tray-model.js'
import type { AppStatus, Status } from '../../../src/shared/contract.js'
import { preferencesSchema } from '../../../src/shared/preferences.js'

const SHOP = appStatus('shop')
const STATUS: Status = {
  state: 'running',
  version: '1',
  pid: 1,
  uptimeMs: 1,
  dataDir: '/d',
  configFile: '/c',
  listeners: [
    { address: '127.0.0.1', port: 443, protocol: 'https' },
    { address: '::1', port: 443, protocol: 'https' },
    { address: '127.0.0.1', port: 80, protocol: 'http' },
  ],
  apps: [SHOP, { ...appStatus('docs'), enabled: false }],
  configError: null,
  warnings: [],
  caFile: '/ca',
}
const INPUT: TrayInput = {
  engine: { state: 'running', reason: null },
  status: STATUS,
  discovered: [],
  preferences: preferencesSchema.parse({}),
  problems: [],
}

test('a gateway that serves says where, and can be stopped', () => {
  expect(labels(trayModel(INPUT)).slice(0, 2)).toEqual(['● Serving on 443, 80', 'Stop gateway'])
})

test('an app can be opened, its URL copied, and be disabled; one that is disabled can be enabled', () => {
  const menu = trayModel(INPUT)
  expect(find(menu, '● shop').entries).toEqual([
    { label: 'Open', action: { do: 'open-url', url: 'https://shop.localhost' } },
    { label: 'Copy URL', action: { do: 'copy', text: 'https://shop.localhost' } },
    { label: 'Disable', action: { do: 'set-enabled', name: 'shop', enabled: false } },
  ])
  expect(find(menu, '○ docs (disabled)').entries).toEqual([
    { label: 'Enable', action: { do: 'set-enabled', name: 'docs', enabled: true } },
  ])
})

test('problems come first, a few of them, and lead to the window', () => {
  const warnings = Array.from({ length: 7 }, (_, n) => ({ path: `apps[${n}]`, message: 'is odd' }))
  const menu = trayModel({ ...INPUT, status: { ...STATUS, warnings }, problems: ['The disk is full.'] })
  expect(labels(menu).slice(0, 2)).toEqual(['▲ apps[0]: is odd', '▲ apps[1]: is odd'])
  expect(find(menu, '3 more problems').action).toEqual({ do: 'open-window' })
})

test('a gateway that failed says why and can be started; its apps of old are not shown', () => {
  const reason = { code: 'port-taken', message: 'Port 443 is taken.' } as const
  const menu = trayModel({ ...INPUT, engine: { state: 'failed', reason } })
  expect(labels(menu)).toEqual(expect.arrayContaining(['▲ Port 443 is taken.', '■ Not serving', 'Start gateway']))
  expect(labels(menu)).not.toContain('● shop')
})

test('ports that lead to no app yet can be added', () => {
  const port = { port: 5173, addresses: [], pid: 1, command: 'node', folder: null, framework: 'Vite' }
  const discovered = [
    { ...port, proposedName: 'web', app: null },
    { ...port, port: 3000, proposedName: 'shop', app: 'shop' },
  ]
  expect(find(trayModel({ ...INPUT, discovered }), 'Add app on port').entries).toEqual([
    { label: '5173  web (Vite)', action: { do: 'add-port', name: 'web', port: 5173 } },
  ])
})

test('hundreds of apps do not make a menu of hundreds', () => {
  const apps = Array.from({ length: 500 }, (_, n) => appStatus(`app-${n}`))
  const menu = trayModel({ ...INPUT, status: { ...STATUS, apps } })
  expect(menu.length).toBeLessThan(40)
  expect(labels(menu)).toContain('480 more apps')
})

test('switches show the preferences and turn them over; quit is last', () => {
  const menu = trayModel(INPUT)
  expect(find(menu, 'Open at login')).toMatchObject({
    checked: false,
    action: { do: 'set-preference', patch: { openAtLogin: true } },
  })
  expect(menu.at(-1)).toEqual({ label: 'Quit Portico', action: { do: 'quit' } })
})

function appStatus(name: string): AppStatus {
  const host = `${name}.localhost`
  return { name, enabled: true, hosts: [host], urls: [`https://${host}`], target: '9', app: { name, port: 9 } }
}

function labels(menu: MenuEntry[]): string[] {
  return menu.flatMap((entry) => ('label' in entry ? [entry.label] : []))
}

function find(menu: MenuEntry[], label: string) {
  const found = menu.find((entry) => 'label' in entry && entry.label === label)
  if (found === undefined || !('label' in found)) throw new Error(`there is no "${label}" in ${labels(menu)}`)
  return found
}
