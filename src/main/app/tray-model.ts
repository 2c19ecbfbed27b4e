import type { Status } from '../../shared/contract.js'
import type { Preferences } from '../../shared/preferences.js'
import type { EngineState } from '../../shared/shell-contract.js'
import type { DiscoveredPort } from '../../shared/window-schemas.js'
import type { SharedFact, TunnelFact } from './engine-facts.js'
import { cut, type MenuEntry, SEPARATOR } from './menu-entry.js'
import { type AppFacts, appEntries, appProblems } from './tray-apps.js'
import { shareEntries, tunnelEntries } from './tray-shares.js'

export interface TrayInput extends AppFacts {
  engine: EngineState
  /** null before the engine has told it */
  status: Status | null
  discovered: readonly DiscoveredPort[]
  /** apps that are shown outside */
  shares: readonly SharedFact[]
  /** relays whose users reach services */
  tunnels: readonly TunnelFact[]
  preferences: Preferences
  /** what the shell itself has to complain of */
  problems: readonly string[]
}

/** Longer menus are of no use to anyone; the window shows all. */
const MAX_APPS = 20
const MAX_PORTS = 10
const MAX_PROBLEMS = 5

/** The tray's menu: problems first, then the gateway, what is shared, the window, the apps, the switches, quit. */
export function trayModel(input: TrayInput): MenuEntry[] {
  const { engine, preferences } = input
  const status = engine.state === 'running' ? input.status : null
  return [
    ...section(problems(input, status)),
    ...section(gateway(engine, status)),
    ...section(status === null ? [] : [...shareEntries(input.shares), ...tunnelEntries(input.tunnels)]),
    ...section([{ label: 'Open Portico', action: { do: 'open-window' } }]),
    ...section([...apps(input, status), ...addPort(input.discovered, status)]),
    ...section([
      toggle('Start gateway with Portico', 'startGateway', preferences),
      toggle('Keep serving when the window is closed', 'closeToTray', preferences),
      toggle('Open at login', 'openAtLogin', preferences),
    ]),
    { label: 'Quit Portico', action: { do: 'quit' } },
  ]
}

/** Whether the gateway is off: by a person's wish, or because its process does not run. */
export function isOff({ state }: EngineState, status: Status | null): boolean {
  return state === 'stopped' || state === 'failed' || (state === 'running' && status?.state === 'paused')
}

function section(entries: MenuEntry[]): MenuEntry[] {
  return entries.length === 0 ? [] : [...entries, SEPARATOR]
}

function problems(input: TrayInput, status: Status | null): MenuEntry[] {
  const { engine, problems: own } = input
  const found = [
    ...(engine.reason === null ? [] : [engine.reason.message]),
    ...(status?.configError == null ? [] : [status.configError.message]),
    ...(status?.state === 'running' ? appProblems(status.apps, input) : []),
    ...(status?.warnings ?? []).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)),
    ...own,
  ]
  const shown = found.slice(0, MAX_PROBLEMS).map((text) => `▲ ${text}`)
  const rest = found.length > MAX_PROBLEMS ? [`${found.length - MAX_PROBLEMS} more problems`] : []
  return [...shown, ...rest].map((label) => ({ label: cut(label), action: { do: 'open-window' } }))
}

function gateway(engine: EngineState, status: Status | null): MenuEntry[] {
  const ports = (status?.listeners ?? []).map(({ port }) => port)
  const on = ports.length === 0 ? '● Serving' : `● Serving on ${[...new Set(ports)].join(', ')}`
  const words = {
    running: status?.state === 'paused' ? '○ Turned off' : on,
    starting: '◐ Starting',
    restarting: '◐ Restarting',
    failed: '■ Not serving',
    stopping: '◐ Stopping',
    stopped: '○ Stopped',
  }
  const turn: MenuEntry = isOff(engine, status)
    ? { label: 'Turn Portico on', action: { do: 'turn-on' } }
    : { label: 'Turn Portico off', action: { do: 'turn-off' } }
  return [{ label: words[engine.state] }, ...(engine.state === 'stopping' ? [] : [turn])]
}

function apps(input: TrayInput, status: Status | null): MenuEntry[] {
  const all = status?.apps ?? []
  const rest: MenuEntry[] =
    all.length > MAX_APPS ? [{ label: `${all.length - MAX_APPS} more apps`, action: { do: 'open-window' } }] : []
  return [...appEntries(all.slice(0, MAX_APPS), input), ...rest]
}

/** A list that is empty says so: otherwise nobody would know that there is one. */
function addPort(discovered: readonly DiscoveredPort[], status: Status | null): MenuEntry[] {
  if (status === null) return []
  const free = discovered.filter(({ app }) => app === null)
  const entries = free.slice(0, MAX_PORTS).map(({ port, proposedName, framework, command }): MenuEntry => {
    const what = framework ?? command
    const label = `${port}  ${proposedName}${what === null ? '' : ` (${what})`}`
    return { label: cut(label), action: { do: 'add-port', name: proposedName, port } }
  })
  const other: MenuEntry = { label: 'Another app…', action: { do: 'open-window' } }
  const found = entries.length === 0 ? [{ label: 'No other app listens now' }] : entries
  return [{ label: 'Add app on port', entries: [...found, SEPARATOR, other] }]
}

function toggle(
  label: string,
  key: 'startGateway' | 'closeToTray' | 'openAtLogin',
  preferences: Preferences,
): MenuEntry {
  const checked = preferences[key]
  return { label, checked, action: { do: 'set-preference', patch: { [key]: !checked } } }
}
