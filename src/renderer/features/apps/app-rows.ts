import type { AppStatus } from '../../../shared/contract.js'
import type { AppStats, BackendStatus } from '../../../shared/window-schemas.js'

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
}

/** The apps, each with its backends and its traffic. */
export function appRows(
  apps: readonly AppStatus[],
  backends: readonly BackendStatus[],
  stats: readonly AppStats[],
): AppRow[] {
  const backendsOf = Map.groupBy(backends, ({ app }) => app)
  const statsOf = new Map(stats.map((one) => [one.app, one]))
  return apps.map((app) => {
    const own = backendsOf.get(app.name) ?? []
    return { app, ...healthOf(app, own), backends: own, stats: statsOf.get(app.name) }
  })
}

/** The state of an app: the worst that is known of its backends. @param backends its own */
export function healthOf(app: AppStatus, backends: readonly BackendStatus[]): Pick<AppRow, 'health' | 'reason'> {
  if (!app.enabled) return { health: 'disabled', reason: null }
  const sick = backends.find(({ health }) => health === 'unhealthy')
  if (sick !== undefined) return { health: 'unhealthy', reason: sick.reason }
  if (backends.length === 0) return { health: 'ready', reason: null }
  return { health: backends.some(({ health }) => health === 'healthy') ? 'healthy' : 'unknown', reason: null }
}
