import { type BackendObserver, noteAnswer, noteFailure } from './attempt-outcome.js'
import type { BufferCollector } from './buffer-collector.js'
import type { Exchange } from './exchange.js'
import { DialFailed, GatewayFault } from './gateway-fault.js'
import { HttpAttempt } from './http-attempt.js'
import type { CompiledRoute, RouteTarget } from './route-table.js'
import type { BackendHandle, Upstreams } from './upstream-ports.js'

export interface ForwardContext {
  upstreams: Upstreams
  health: BackendObserver
  /** this gateway's name in Via */
  pseudonym: string
  /** hears of the bytes of bodies that were passed on, either way */
  buffers: BufferCollector
}

/**
 * Forwards an exchange to a backend of its route and relays the answer. A backend that cannot be dialled has seen
 * nothing of the request, so the next one is tried, whatever the method.
 *
 * @throws GatewayFault when no answer was begun
 */
export async function forwardHttp(
  exchange: Exchange,
  route: CompiledRoute,
  target: Extract<RouteTarget, { kind: 'upstream' }>,
  context: ForwardContext,
): Promise<void> {
  const tried = new Set<BackendHandle>()
  let lastFailure: DialFailed | null = null
  for (;;) {
    const backend = context.upstreams.pick(
      target,
      { client: exchange.connection.client, sticky: null },
      route.timeouts.connect,
      tried,
    )
    if (backend === null) throw lastFailure ?? noBackend()
    refuseWhenQueued(exchange, backend)
    backend.begin()
    try {
      await new HttpAttempt(exchange, route, backend, context).run(target.preserveHost)
      // An event stream has been counted with its head.
      if (!exchange.openEnded) noteAnswer(exchange, backend, context.health)
      return
    } catch (thrown) {
      noteFailure(exchange, backend, context.health, thrown)
      if (!(thrown instanceof DialFailed)) throw thrown
      lastFailure = thrown
      tried.add(backend)
    } finally {
      backend.release()
    }
  }
}

/** Bounds how many requests wait for one backend (RFC 9110 section 15.6.4). */
function refuseWhenQueued(exchange: Exchange, backend: BackendHandle): void {
  if (backend.queued < exchange.snapshot.limits.queue) return
  throw new GatewayFault(
    'overloaded',
    503,
    `Too many requests are waiting for ${backend.backend.url}.`,
    'Try again in a moment.',
    ['Retry-After', '1'],
  )
}

/** Every weight is 0. */
export function noBackend(): GatewayFault {
  return new GatewayFault(
    'dial-failed',
    503,
    'The route has no backend with a weight above 0.',
    'Give at least one backend a weight of 1 or more.',
  )
}
