import { HealthMark } from './app-health.js'
import { type AppRow, sickOf } from './app-rows.js'
import { ProcessMark } from './process-mark.js'

/** The state of an app: that of its process where it has one, else what its backends are found to be. */
export function AppState({ row }: { row: AppRow }) {
  const { app, process, health, reason } = row
  if (process === null || !app.enabled) return <HealthMark health={health} reason={reason} />
  return <ProcessMark status={process} sick={sickOf(row)} />
}
