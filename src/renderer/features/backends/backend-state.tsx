import type { BackendStatus } from '../../../shared/window-schemas.js'
import { Mark } from '../../components/mark.js'
import { formatCount, formatExact } from '../../format.js'
import { strings } from '../../strings.js'
import { secondsUntil, useNow } from '../../use-now.js'
import { HealthMark } from '../apps/app-health.js'
import { shortReason } from './backend-reason.js'

const text = strings.backends
const LOOKS = { closed: ['disc', 'good'], 'half-open': ['half', 'warn'], open: ['square', 'bad'] } as const

/** What is known of a backend, and why; of one that is drained, what is left of it. */
export function BackendHealth({
  backend: { app, health, reason, since, draining, inFlight },
}: {
  backend: BackendStatus
}) {
  const left = inFlight === 0 ? text.noneLeft : text.left(formatCount(inFlight), inFlight === 1)
  const why = draining ? left : reason === null ? null : shortReason(app, reason)
  return (
    <>
      {draining ? (
        <Mark shape="arrow" tone="info">
          {inFlight === 0 ? text.drained : text.draining}
        </Mark>
      ) : (
        <HealthMark health={health} reason={since === null ? null : text.since(formatExact(since))} />
      )}
      {why !== null && (
        <div className="soft reason" title={reason ?? why}>
          {why}
        </div>
      )}
    </>
  )
}

/** Whether the breaker lets requests through, and when a backend that gets none is tried again. */
export function BreakerState({ backend: { breaker, retryAt } }: { backend: BackendStatus }) {
  const now = useNow(retryAt !== null)
  const [shape, tone] = LOOKS[breaker]
  return (
    <>
      <Mark shape={shape} tone={tone}>
        {text.breaker[breaker]}
      </Mark>
      {breaker === 'half-open' && <div className="soft reason">{text.probing}</div>}
      {breaker !== 'half-open' && retryAt !== null && (
        <div className="soft reason">{text.triesAgain(secondsUntil(retryAt, now))}</div>
      )}
    </>
  )
}
