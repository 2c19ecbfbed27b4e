import type { AppStatus } from '../../../shared/contract.js'
import type { ShareStatus } from '../../../shared/share-schemas.js'
import type { AppStats, BackendStatus, ProcessState, ProcessStatus } from '../../../shared/window-schemas.js'

import { liveShareOf } from '../share/share-look.js'

/** Ordered from what needs somebody to what does not. */
export const HEALTHS = ['unhealthy', 'unknown', 'healthy', 'ready', 'disabled'] as const
export type Health = (typeof HEALTHS)[number]

/** One app with what the engine tells of it elsewhere. */
export interface AppRow {
  app: AppStatus
  health: Health
  /** why it is not healthy */
  reason: string | null
  backends: BackendStatus[]
  stats: AppStats | undefined
  /** null for an app without one */
  process: ProcessStatus | null
  /** null for an app that is not shown outside */
  share: ShareStatus | null
}

/** The apps, each with its backends, its traffic, its process and its share. */
export function appRows(
  apps: readonly AppStatus[],
  backends: readonly BackendStatus[],
  stats: readonly AppStats[],
  processes: readonly ProcessStatus[] = [],
  shares: readonly ShareStatus[] = [],
): AppRow[] {
  const backendsOf = Map.groupBy(backends, ({ app }) => app)
  const statsOf = new Map(stats.map((one) => [one.app, one]))
  const processOf = new Map(processes.map((one) => [one.app, one]))
  return apps.map((app) => {
    const own = backendsOf.get(app.name) ?? []
    const process = processOf.get(app.name) ?? null
    const share = liveShareOf(shares, app.name)
    return { app, ...healthOf(app, own), backends: own, stats: statsOf.get(app.name), process, share }
  })
}

/** Why an app does not answer although its process runs; null when it does, or its process says more than its backends. */
export function sickOf({ health, reason, process }: AppRow): string | null {
  if (process !== null && process.state !== 'running') return null
  return health === 'unhealthy' ? (reason ?? '') : null
}

/** Where an app stands among others: from what needs somebody to what does not. */
export function urgencyOf(row: AppRow): number {
  const { app, health, process } = row
  if (process === null || !app.enabled) return URGENCY[health]
  return sickOf(row) === null ? URGENCY[process.state] : URGENCY.unhealthy
}

const URGENCY: Record<Health | ProcessState, number> = {
  failed: 0,
  unhealthy: 1,
  'backing-off': 2,
  waiting: 3,
  starting: 4,
  stopping: 5,
  unknown: 6,
  running: 7,
  healthy: 7,
  ready: 8,
  stopped: 9,
  disabled: 10,
}

/** The state of an app: the worst that is known of its backends. @param backends its own */
export function healthOf(app: AppStatus, backends: readonly BackendStatus[]): Pick<AppRow, 'health' | 'reason'> {
  if (!app.enabled) return { health: 'disabled', reason: null }
  const sick = backends.find(({ health }) => health === 'unhealthy')
  if (sick !== undefined) return { health: 'unhealthy', reason: sick.reason }
  if (backends.length === 0) return { health: 'ready', reason: null }
  return { health: backends.some(({ health }) => health === 'healthy') ? 'healthy' : 'unknown', reason: null }
}
