import { noteAnswer, noteDropped, noteFailure } from './attempt-outcome.js'
import { BackendChoice } from './backend-choice.js'
import type { BufferCollector } from './buffer-collector.js'
import type { Exchange } from './exchange.js'
import { AnswerDropped, GatewayFault, StreamRefused } from './gateway-fault.js'
import { grpcTimeoutMs, isGrpcCall } from './grpc/grpc-request.js'
import { HttpAttempt } from './http-attempt.js'
import { Http2Attempt } from './http2/http2-attempt.js'
import { pauseFor } from './pause.js'
import type { CompiledRoute } from './route-table.js'
import type { TargetSource } from './target-source.js'
import type { BackendHandle, Upstreams } from './upstream-ports.js'
import type { UpstreamTarget } from './upstream-target.js'

export interface ForwardContext {
  upstreams: Upstreams
  /** this gateway's name in Via */
  pseudonym: string
  /** hears of the bytes of bodies that were passed on, either way */
  buffers: BufferCollector
}

/**
 * Forwards an exchange to a backend of its target and relays the answer; to another one, or once more, where that is
 * safe (see `mayRetry`).
 *
 * @param source of the target, when there may come another one; else null
 * @throws GatewayFault when no answer was begun; ClientGone when there is nobody left to answer
 */
export async function forwardHttp(
  exchange: Exchange,
  route: CompiledRoute,
  target: UpstreamTarget,
  context: ForwardContext,
  source: TargetSource | null = null,
): Promise<void> {
  let choice = new BackendChoice(exchange, route, target, context.upstreams)
  for (;;) {
    const backend = choice.pick()
    let failure: unknown = null
    refuseWhenQueued(exchange, backend)
    backend.begin()
    const Attempt = goesOverHttp2(exchange, choice.target) ? Http2Attempt : HttpAttempt
    const attempt = new Attempt(exchange, route, backend, choice, context)
    try {
      await attempt.run()
      // An event stream has been counted with its head.
      if (!exchange.openEnded) noteAnswer(exchange, backend)
      return
    } catch (thrown) {
      if (!goesOn(exchange, backend, choice, thrown, attempt.stale)) {
        if (source === null) throw thrown
        failure = thrown
      }
    } finally {
      backend.release()
    }
    if (failure !== null && source !== null) {
      const next = await source.after(choice.target, failure)
      if (next === null) throw failure
      choice = new BackendChoice(exchange, route, next, context.upstreams)
    } else if (choice.pauseMs > 0) await pauseFor(exchange, choice.pauseMs)
  }
}

/** Whether a request goes out over HTTP/2. gRPC knows nothing else, and is no page that is loading: it may stay open. */
function goesOverHttp2(exchange: Exchange, { protocol }: UpstreamTarget): boolean {
  if (protocol === 'http1') return false
  const { method, headers, startedAt } = exchange
  if (exchange.call === null && isGrpcCall(method, headers)) {
    exchange.call = { deadlineAt: startedAt + grpcTimeoutMs(headers), open: false }
    exchange.openEnded = true
  }
  return protocol === 'h2' || exchange.call !== null
}

/** Notes how an attempt failed. @returns whether there is another one */
function goesOn(
  exchange: Exchange,
  backend: BackendHandle,
  choice: BackendChoice,
  thrown: unknown,
  stale: boolean,
): boolean {
  if (thrown instanceof AnswerDropped) {
    noteDropped(exchange, backend, thrown)
    return true
  }
  if (stale && choice.retriesStale(thrown)) {
    exchange.attemptFailed(
      thrown instanceof StreamRefused ? thrown.message : 'The backend had closed the connection that it was kept on.',
    )
    return true
  }
  noteFailure(exchange, backend, thrown)
  return choice.retries(backend, thrown)
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
