import type { BackendStatus } from '../../../shared/window-schemas.js'
import type { Backend } from './backend.js'
import type { BackendGroup } from './backend-group.js'

/** A target in its place in the config. */
export interface PlacedTarget {
  app: string
  route: string
  group: BackendGroup
}

export interface Clock {
  /** the monotonic clock that deadlines are told by, in milliseconds */
  now: number
  /** milliseconds until a backend's next health check; null when there is none */
  nextCheckIn(backend: Backend): number | null
}

/** What is told of every backend, in the order of the places. */
export function listBackends(placed: readonly PlacedTarget[], clock: Clock): BackendStatus[] {
  return placed.flatMap(({ app, route, group }) =>
    group.members.map(({ backend, weight }) => {
      const { health, reason, since, breaker, draining, active } = backend.state
      return {
        ...{ app, route, url: backend.backend.url, weight, health, reason, breaker, draining },
        since: since === null ? null : new Date(since).toISOString(),
        retryAt: retryAt(group, backend, clock),
        inFlight: backend.inFlight,
        check: active.latest === null ? null : checkOf(active.latest),
      }
    }),
  )
}

function checkOf({ at, ok, ms, result }: { at: number; ok: boolean; ms: number; result: string }) {
  return { at: new Date(at).toISOString(), ok, ms, result }
}

/** When a backend that gets no requests now may get one again. */
function retryAt(group: BackendGroup, backend: Backend, { now, nextCheckIn }: Clock): string | null {
  const { active, breakerUntil, ejection, draining } = backend.state
  if (draining) return null
  const left = ejection.until !== null && group.spares(backend) ? ejection.until : null
  const waitMs = active.down ? nextCheckIn(backend) : inMs(breakerUntil ?? left, now)
  return waitMs === null ? null : new Date(Date.now() + waitMs).toISOString()
}

function inMs(until: number | null, now: number): number | null {
  return until === null ? null : Math.max(0, until - now)
}
