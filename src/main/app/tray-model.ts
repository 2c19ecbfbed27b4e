import type { AppStatus, Status } from '../../shared/contract.js'
import type { Preferences } from '../../shared/preferences.js'
import type { EngineState } from '../../shared/shell-contract.js'
import type { DiscoveredPort } from '../../shared/window-schemas.js'

/** What an entry of a menu does. */
export type MenuAction =
  | { do: 'open-window' }
  | { do: 'open-url'; url: string }
  | { do: 'copy'; text: string }
  | { do: 'set-enabled'; name: string; enabled: boolean }
  | { do: 'add-port'; name: string; port: number }
  | { do: 'start-gateway' }
  | { do: 'stop-gateway' }
  | { do: 'set-preference'; patch: Partial<Preferences> }
  | { do: 'quit' }

/** One entry: a line to read, something to do, a switch, a submenu, or a separator. */
export type MenuEntry =
  | { separator: true }
  | { label: string; action?: MenuAction; checked?: boolean; entries?: MenuEntry[] }

export interface TrayInput {
  engine: EngineState
  /** null before the engine has told it */
  status: Status | null
  discovered: readonly DiscoveredPort[]
  preferences: Preferences
  /** what the shell itself has to complain of */
  problems: readonly string[]
}

/** Longer menus are of no use to anyone; the window shows all. */
const MAX_APPS = 20
const MAX_PORTS = 10
const MAX_PROBLEMS = 5
const MAX_LABEL = 80

const SEPARATOR: MenuEntry = { separator: true }

/** The tray's menu: problems first, then the gateway, the window, the apps, the switches, quit. */
export function trayModel(input: TrayInput): MenuEntry[] {
  const { engine, preferences } = input
  const status = engine.state === 'running' ? input.status : null
  return [
    ...section(problems(input, status)),
    ...section(gateway(engine, status)),
    ...section([{ label: 'Open Portico', action: { do: 'open-window' } }]),
    ...section([...apps(status), ...addPort(input.discovered, status)]),
    ...section([
      toggle('Start gateway with Portico', 'startGateway', preferences),
      toggle('Keep serving when the window is closed', 'closeToTray', preferences),
      toggle('Open at login', 'openAtLogin', preferences),
    ]),
    { label: 'Quit Portico', action: { do: 'quit' } },
  ]
}

function section(entries: MenuEntry[]): MenuEntry[] {
  return entries.length === 0 ? [] : [...entries, SEPARATOR]
}

function problems({ engine, problems: own }: TrayInput, status: Status | null): MenuEntry[] {
  const found = [
    ...(engine.reason === null ? [] : [engine.reason.message]),
    ...(status?.configError == null ? [] : [status.configError.message]),
    ...(status?.warnings ?? []).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)),
    ...own,
  ]
  const shown = found.slice(0, MAX_PROBLEMS).map((text) => `▲ ${text}`)
  const rest = found.length > MAX_PROBLEMS ? [`${found.length - MAX_PROBLEMS} more problems`] : []
  return [...shown, ...rest].map((label) => ({ label: cut(label), action: { do: 'open-window' } }))
}

function gateway({ state }: EngineState, status: Status | null): MenuEntry[] {
  const ports = (status?.listeners ?? []).map(({ port }) => port)
  const on = ports.length === 0 ? '● Serving' : `● Serving on ${[...new Set(ports)].join(', ')}`
  const words = {
    running: on,
    starting: '◐ Starting',
    restarting: '◐ Restarting',
    failed: '■ Not serving',
    stopping: '◐ Stopping',
    stopped: '○ Stopped',
  }
  const stop: MenuEntry = { label: 'Stop gateway', action: { do: 'stop-gateway' } }
  const start: MenuEntry = { label: 'Start gateway', action: { do: 'start-gateway' } }
  if (state === 'stopping') return [{ label: words[state] }]
  return [{ label: words[state] }, ...(state === 'stopped' || state === 'failed' ? [start] : [stop])]
}

function apps(status: Status | null): MenuEntry[] {
  const all = status?.apps ?? []
  const rest: MenuEntry[] =
    all.length > MAX_APPS ? [{ label: `${all.length - MAX_APPS} more apps`, action: { do: 'open-window' } }] : []
  return [...all.slice(0, MAX_APPS).map(appEntry), ...rest]
}

function appEntry({ name, enabled, urls }: AppStatus): MenuEntry {
  const [url] = urls
  const open: MenuEntry[] =
    enabled && url !== undefined
      ? [
          { label: 'Open', action: { do: 'open-url', url } },
          { label: 'Copy URL', action: { do: 'copy', text: url } },
        ]
      : []
  const change: MenuEntry = {
    label: enabled ? 'Disable' : 'Enable',
    action: { do: 'set-enabled', name, enabled: !enabled },
  }
  return { label: enabled ? `● ${name}` : `○ ${name} (disabled)`, entries: [...open, change] }
}

function addPort(discovered: readonly DiscoveredPort[], status: Status | null): MenuEntry[] {
  const free = status === null ? [] : discovered.filter(({ app }) => app === null)
  if (free.length === 0) return []
  const entries = free.slice(0, MAX_PORTS).map(({ port, proposedName, framework, command }): MenuEntry => {
    const what = framework ?? command
    const label = `${port}  ${proposedName}${what === null ? '' : ` (${what})`}`
    return { label: cut(label), action: { do: 'add-port', name: proposedName, port } }
  })
  return [{ label: 'Add app on port', entries }]
}

function toggle(
  label: string,
  key: 'startGateway' | 'closeToTray' | 'openAtLogin',
  preferences: Preferences,
): MenuEntry {
  const checked = preferences[key]
  return { label, checked, action: { do: 'set-preference', patch: { [key]: !checked } } }
}

function cut(label: string): string {
  return label.length <= MAX_LABEL ? label : `${label.slice(0, MAX_LABEL - 1)}…`
}
