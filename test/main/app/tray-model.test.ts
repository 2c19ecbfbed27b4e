import { expect, test } from 'vitest'
import type { MenuEntry } from '../../../src/main/app/menu-entry.js'
import { isOff, type TrayInput, trayModel } from '../../../src/main/app/tray-model.js'
import type { AppStatus, Status } from '../../../src/shared/contract.js'
import { preferencesSchema } from '../../../src/shared/preferences.js'
import type { BackendStatus, ProcessStatus } from '../../../src/shared/window-schemas.js'

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
const DOWN: BackendStatus = {
  ...{ app: 'shop', route: '/', url: 'http://localhost:9', health: 'unhealthy', since: null, weight: 1 },
  reason: 'Nothing listens on port 9.',
  ...{ breaker: 'closed', retryAt: null, inFlight: 0, draining: false, check: null },
}
const PROCESS: ProcessStatus = {
  ...{ app: 'shop', state: 'running', pid: 1, port: 9, restarts: 0, exit: null, detached: false, reason: null },
  ...{ waitingFor: null, startedAt: null, nextStartAt: null, command: 'npm run dev', cpu: null, memory: null },
}
const INPUT: TrayInput = {
  engine: { state: 'running', reason: null },
  status: STATUS,
  discovered: [],
  shares: [],
  tunnels: [],
  backends: [],
  processes: [],
  preferences: preferencesSchema.parse({}),
  problems: [],
}

test('a gateway that serves says where, and can be turned off', () => {
  expect(labels(trayModel(INPUT)).slice(0, 2)).toEqual(['● Serving on 443, 80', 'Turn Portico off'])
  expect(find(trayModel(INPUT), 'Turn Portico off').action).toEqual({ do: 'turn-off' })
})

test('a gateway that is off says so, can be turned on, and complains of no app', () => {
  const paused: TrayInput = { ...INPUT, status: { ...STATUS, state: 'paused', listeners: [] }, backends: [DOWN] }
  expect(labels(trayModel(paused)).slice(0, 2)).toEqual(['○ Turned off', 'Turn Portico on'])
  expect(isOff(paused.engine, paused.status)).toBe(true)
  expect(isOff(INPUT.engine, INPUT.status)).toBe(false)
  expect(isOff({ state: 'stopped', reason: null }, STATUS)).toBe(true)
  expect(isOff({ state: 'restarting', reason: null }, STATUS)).toBe(false)
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

test('an app that is shared says so below the gateway, and can be stopped there', () => {
  const url = 'https://shop.relay.example.com'
  const menu = trayModel({
    ...INPUT,
    shares: [
      { id: 'a', app: 'shop', url, state: 'open' },
      { id: 'b', app: 'docs', url: null, state: 'starting' },
    ],
  })
  expect(labels(menu).slice(2, 4)).toEqual(['➜ shop is shared', '◐ docs is shared (starting)'])
  expect(find(menu, '➜ shop is shared').entries).toEqual([
    { label: 'Copy public URL', action: { do: 'copy', text: url } },
    { label: 'Open it', action: { do: 'open-url', url } },
    { label: 'Stop sharing', action: { do: 'stop-share', id: 'a' } },
  ])
  expect(find(menu, '◐ docs is shared (starting)').entries).toEqual([
    { label: 'Stop sharing', action: { do: 'stop-share', id: 'b' } },
  ])
})

test('services that users of a relay reach are named below the gateway, and can be ended there', () => {
  const relay = 'wss://relay.example.com'
  const menu = trayModel({
    ...INPUT,
    tunnels: [
      { relay, state: 'connected' },
      { relay: 'ws://127.0.0.1:8443', state: 'waiting' },
    ],
  })
  expect(labels(menu).slice(2, 4)).toEqual([
    '➜ Services for relay.example.com',
    '◐ Services for 127.0.0.1:8443 (waiting)',
  ])
  expect(find(menu, '➜ Services for relay.example.com').entries).toEqual([
    { label: 'Disconnect', action: { do: 'close-tunnel', relay } },
  ])
})

test('an app whose backends are down says so with a shape and words, and why at the top', () => {
  const menu = trayModel({ ...INPUT, backends: [DOWN] })
  expect(labels(menu)[0]).toBe('▲ shop: Nothing listens on port 9.')
  expect(labels(menu)).toContain('▲ shop (not answering)')
  const half = trayModel({ ...INPUT, backends: [DOWN, { ...DOWN, url: 'http://b', health: 'healthy', reason: null }] })
  expect(labels(half)).toContain('▲ shop (1 of 2 down)')
})

test.each([
  ['running', '● shop', ['Restart', 'Stop']],
  ['starting', '◐ shop (starting)', ['Stop']],
  ['backing-off', '◐ shop (backing-off)', ['Stop']],
  ['stopping', '◐ shop (stopping)', []],
  ['stopped', '○ shop (stopped)', ['Start']],
  ['failed', '■ shop (failed)', ['Start']],
] as const)('a process that is %s can be started or stopped accordingly', (state, label, entries) => {
  const menu = trayModel({ ...INPUT, processes: [{ ...PROCESS, state }] })
  expect(labels(find(menu, label).entries ?? [])).toEqual(['Open', 'Copy URL', ...entries, 'Disable'])
})

test('a process that has failed is a problem, with its reason', () => {
  const menu = trayModel({ ...INPUT, processes: [{ ...PROCESS, state: 'failed', reason: 'It ended with code 1.' }] })
  expect(labels(menu)[0]).toBe('▲ shop: It ended with code 1.')
  expect(find(find(menu, '■ shop (failed)').entries ?? [], 'Start').action).toEqual({ do: 'start-app', name: 'shop' })
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
  expect(labels(menu)).toEqual(expect.arrayContaining(['▲ Port 443 is taken.', '■ Not serving', 'Turn Portico on']))
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
    { separator: true },
    { label: 'Another app…', action: { do: 'open-window' } },
  ])
  expect(labels(find(trayModel(INPUT), 'Add app on port').entries ?? [])[0]).toBe('No other app listens now')
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
