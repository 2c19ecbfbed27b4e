import type { Backend } from './backend.js'
import type { Standing } from './backend-state.js'

/** The part of a logger that is needed here. */
export interface ChangeLog {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
}

/** Writes how a backend has changed, and why. */
export function logChange(log: ChangeLog | null, { state, place, backend }: Backend, before: Standing): void {
  if (log === null || place === null) return
  const facts = { ...place, url: backend.url, from: wordFor(before), to: wordFor(state), reason: state.reason }
  if (state.health === 'unhealthy') log.warn(facts, 'a backend fails')
  else log.info(facts, 'a backend has changed')
}

/** Such as "healthy", or "unhealthy, breaker open, draining". */
function wordFor({ health, breaker, draining }: Standing): string {
  return [health, ...(breaker === 'closed' ? [] : [`breaker ${breaker}`]), ...(draining ? ['draining'] : [])].join(', ')
}
