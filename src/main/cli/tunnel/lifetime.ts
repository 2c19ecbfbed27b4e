import { durationMs, durationSchema } from '../../../shared/duration.js'
import { Fault } from '../../../shared/fault.js'

/**
 * Milliseconds of what a person gives as `--expires`.
 *
 * @returns null without
 * @throws Fault `usage`
 */
export function lifetimeOf(expires: string | undefined): number | null {
  if (expires === undefined) return null
  const lifetimeMs = durationSchema.safeParse(expires).success ? Math.ceil(durationMs(expires)) : 0
  if (lifetimeMs > 0) return lifetimeMs
  throw new Fault('usage', `"${expires}" is no time to live.`, 'Write it as 30m, 8h or 2d; it may be at most 24d.')
}
