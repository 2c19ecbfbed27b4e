import type { Exchange } from './exchange.js'
import { type AnswerDropped, DialFailed, ProtocolRefused, StreamRefused, UpstreamFailed } from './gateway-fault.js'
import type { BackendHandle } from './upstream-ports.js'

/** The backend of this attempt has answered in full, or begun an answer without end. */
export function noteAnswer({ protocol, status }: Exchange, handle: BackendHandle): void {
  handle.answered(protocol === 'h2-websocket' && status === 200 ? 101 : status)
}

/** The backend's answer was not passed on, because the request is sent again. */
export function noteDropped(exchange: Exchange, handle: BackendHandle, { message, status }: AnswerDropped): void {
  exchange.attemptFailed(message, status)
  handle.answered(status)
}

/** The attempt brought no whole answer; that is the backend's fault, or the client's, or the gateway's own. */
export function noteFailure(exchange: Exchange, handle: BackendHandle, thrown: unknown): void {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  exchange.attemptFailed(message)
  if (isBackendsFault(thrown)) handle.failed(thrown instanceof DialFailed ? 'dial' : 'answer', message)
}

/** 503 says that the gateway could not try: it has no file descriptors left. */
function isBackendsFault(thrown: unknown): boolean {
  if (thrown instanceof ProtocolRefused || thrown instanceof StreamRefused) return false
  return (thrown instanceof DialFailed || thrown instanceof UpstreamFailed) && thrown.status !== 503
}
