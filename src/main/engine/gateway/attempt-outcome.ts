import type { Exchange } from './exchange.js'
import { type AnswerDropped, DialFailed, UpstreamFailed } from './gateway-fault.js'
import type { BackendHandle } from './upstream-ports.js'
import type { RouteBackend } from './upstream-target.js'

/** Hears how the attempts end, backend by backend; `traffic/` provides it. */
export interface BackendObserver {
  answered(backend: RouteBackend): void
  /** @param reason one sentence */
  failed(backend: RouteBackend, reason: string): void
}

/** The backend of this attempt has answered in full, or begun an answer without end. */
export function noteAnswer(exchange: Exchange, handle: BackendHandle, observer: BackendObserver): void {
  handle.answered(exchange.protocol === 'h2-websocket' && exchange.status === 200 ? 101 : exchange.status)
  const backend = configured(exchange, handle)
  if (backend !== undefined) observer.answered(backend)
}

/** The backend's answer was not passed on, because the request is sent again. */
export function noteDropped(
  exchange: Exchange,
  handle: BackendHandle,
  observer: BackendObserver,
  { message, status }: AnswerDropped,
): void {
  exchange.attemptFailed(message, status)
  handle.answered(status)
  const backend = configured(exchange, handle)
  if (backend !== undefined) observer.answered(backend)
}

/** The attempt brought no whole answer; that is the backend's fault, or the client's, or the gateway's own. */
export function noteFailure(
  exchange: Exchange,
  handle: BackendHandle,
  observer: BackendObserver,
  thrown: unknown,
): void {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  exchange.attemptFailed(message)
  if (!isBackendsFault(thrown)) return
  handle.failed(thrown instanceof DialFailed ? 'dial' : 'answer', message)
  const backend = configured(exchange, handle)
  if (backend !== undefined) observer.failed(backend, message)
}

/** 503 says that the gateway could not try: it has no file descriptors left. */
function isBackendsFault(thrown: unknown): boolean {
  return (thrown instanceof DialFailed || thrown instanceof UpstreamFailed) && thrown.status !== 503
}

/** A handle is shared by all routes, now and before, that reach its backend in the same way; this is the route's own. */
function configured({ route }: Exchange, { backend }: BackendHandle): RouteBackend | undefined {
  if (route?.target.kind !== 'upstream') return undefined
  const { backends } = route.target
  if (backends.length === 1) return backends[0]
  return backends.find(
    ({ url, caFile, serverName, insecure }) =>
      url === backend.url &&
      caFile === backend.caFile &&
      serverName === backend.serverName &&
      insecure === backend.insecure,
  )
}
