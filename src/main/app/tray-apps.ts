import type { AppStatus } from '../../shared/contract.js'
import type { BackendStatus, ProcessState, ProcessStatus } from '../../shared/window-schemas.js'
import { cut, type MenuEntry } from './menu-entry.js'

/** What is known of the apps beside their status. */
export interface AppFacts {
  backends: readonly BackendStatus[]
  processes: readonly ProcessStatus[]
}

/** The submenus of the apps, each with a mark of how it is. */
export function appEntries(apps: readonly AppStatus[], { backends, processes }: AppFacts): MenuEntry[] {
  const backendsOf = Map.groupBy(backends, ({ app }) => app)
  const processOf = new Map(processes.map((process) => [process.app, process]))
  return apps.map((app) => appEntry(app, backendsOf.get(app.name) ?? [], processOf.get(app.name) ?? null))
}

/** Why apps do not serve, a line each: for the top of the menu. */
export function appProblems(apps: readonly AppStatus[], { backends, processes }: AppFacts): string[] {
  const enabled = new Set(apps.filter((app) => app.enabled).map(({ name }) => name))
  const failed = processes.filter(({ app, state }) => state === 'failed' && enabled.has(app))
  const down = backends.filter(({ app, health }) => health === 'unhealthy' && enabled.has(app))
  return [
    ...failed.map(({ app, reason }) => `${app}: ${reason ?? 'its process has failed'}`),
    ...down.map(({ app, reason, url }) => `${app}: ${reason ?? `${url} is not answering`}`),
  ]
}

function appEntry(app: AppStatus, backends: readonly BackendStatus[], process: ProcessStatus | null): MenuEntry {
  const { name, enabled, urls } = app
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
  const run = enabled && process !== null ? processEntries(process) : []
  return { label: cut(labelOf(app, backends, process)), entries: [...open, ...run, change] }
}

function processEntries({ app: name, state }: ProcessStatus): MenuEntry[] {
  const start: MenuEntry = { label: 'Start', action: { do: 'start-app', name } }
  const stop: MenuEntry = { label: 'Stop', action: { do: 'stop-app', name } }
  const restart: MenuEntry = { label: 'Restart', action: { do: 'restart-app', name } }
  if (state === 'stopping') return []
  if (state === 'stopped' || state === 'failed') return [start]
  return state === 'running' ? [restart, stop] : [stop]
}

/** A shape and a word, as in the window: colour is no help in a menu. */
function labelOf({ name, enabled }: AppStatus, backends: readonly BackendStatus[], process: ProcessStatus | null) {
  if (!enabled) return `○ ${name} (disabled)`
  if (process !== null && process.state !== 'running')
    return `${PROCESS_SHAPES[process.state]} ${name} (${process.state})`
  const down = backends.filter(({ health }) => health === 'unhealthy').length
  if (down === 0) return `● ${name}`
  return down === backends.length ? `▲ ${name} (not answering)` : `▲ ${name} (${down} of ${backends.length} down)`
}

const PROCESS_SHAPES: Record<Exclude<ProcessState, 'running'>, string> = {
  stopped: '○',
  waiting: '◐',
  starting: '◐',
  stopping: '◐',
  'backing-off': '◐',
  failed: '■',
}
