import { GatewayFault, NoBackend } from './gateway-fault.js'
import type { BackendRefusal } from './upstream-ports.js'

/** What a client is told to wait when nobody knows when a backend is tried again, in seconds. */
const UNKNOWN_RETRY_S = 5

/**
 * The answer when no backend may get a request: why each of them gets none, and when one is tried again.
 *
 * @param owner what the backends are of: the app's name
 * @param refusals one for each backend that gets no requests; none when all weights are 0
 */
export function noBackend(owner: string, refusals: readonly BackendRefusal[]): GatewayFault {
  if (refusals.length === 0) {
    return new GatewayFault(
      'no-backend',
      503,
      'The route has no backend with a weight above 0.',
      'Give at least one backend a weight of 1 or more.',
    )
  }
  const known = refusals.flatMap(({ retryInMs }) => (retryInMs === null ? [] : [retryInMs]))
  const seconds = known.length === 0 ? null : Math.max(1, Math.ceil(Math.min(...known) / 1_000))
  const only = refusals.length === 1
  return new NoBackend(
    only ? `The backend of ${owner} gets no requests now.` : `None of the backends of ${owner} gets requests now.`,
    seconds === null
      ? 'It is not known when that changes: see portico backends.'
      : `${only ? 'It' : 'The first of them'} is tried again ${seconds === 1 ? 'in a second' : `in ${seconds} s`}.`,
    ['Retry-After', String(seconds ?? UNKNOWN_RETRY_S)],
    refusals,
  )
}
