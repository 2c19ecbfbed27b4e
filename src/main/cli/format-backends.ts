import type { BackendStatus } from '../../shared/window-schemas.js'
import { plain } from './escape.js'
import { inTime } from './format-processes.js'
import { styled } from './output.js'
import { formatTable } from './table.js'

const HEAD = ['APP', 'ROUTE', 'BACKEND', 'HEALTH', 'BREAKER', 'IN FLIGHT', 'WEIGHT', 'LAST CHECK', 'WHY']

/** The backends as a table. @param now milliseconds since the epoch */
export function formatBackends(backends: readonly BackendStatus[], now: number): string[] {
  if (backends.length === 0) return ['No app has a backend yet.']
  return formatTable(
    HEAD,
    backends.map((one) => [
      plain(one.app),
      plain(one.route),
      plain(one.url),
      formatHealth(one),
      formatBreaker(one, now),
      one.inFlight === 0 ? '' : String(one.inFlight),
      one.weight === 1 ? '' : String(one.weight),
      one.check === null ? '' : plain(`${one.check.result}, ${Math.round(one.check.ms)} ms`),
      plain(whyOf(one, now)),
    ]),
  )
}

/** A shape and a word: draining comes first, since it decides whether requests go there. */
function formatHealth({ health, draining }: BackendStatus): string {
  if (draining) return styled('yellow', '◇ draining')
  if (health === 'healthy') return styled('green', '● healthy')
  return health === 'unhealthy' ? styled('red', '✖ unhealthy') : styled('dim', '○ unknown')
}

function formatBreaker({ breaker, retryAt }: BackendStatus, now: number): string {
  if (breaker === 'closed') return ''
  if (breaker === 'half-open') return styled('yellow', 'half-open, trying')
  return styled('red', `open${retryAt === null ? '' : `, tries again ${inTime(Date.parse(retryAt) - now)}`}`)
}

function whyOf({ health, reason, breaker, retryAt }: BackendStatus, now: number): string {
  const waits = retryAt !== null && breaker !== 'open' ? `tried again ${inTime(Date.parse(retryAt) - now)}` : null
  const why = health === 'healthy' && breaker === 'closed' ? null : reason
  return [why, waits].filter((part) => part !== null).join('; ')
}
