import { Fault, type FaultCode } from '../../../shared/fault.js'
import type { BackendRefusal } from './upstream-ports.js'

/**
 * Why an exchange was answered by the gateway itself. `status` is the HTTP status of that answer; `fields` are response
 * header fields it must carry (RFC 9110: Allow with 405, Retry-After with 503).
 */
export class GatewayFault extends Fault {
  constructor(
    code: FaultCode,
    readonly status: number,
    message: string,
    hint?: string,
    readonly fields: readonly string[] = [],
    options?: ErrorOptions,
  ) {
    super(code, message, hint, options)
  }

  /** What the answer tells beyond message and hint; null when that is all. */
  get details(): FaultDetails | null {
    return null
  }
}

export interface FaultDetails {
  /** why each backend gets no requests */
  backends?: readonly BackendRefusal[]
  /** how a process has ended; null when it has not */
  exit?: { code: number | null; signal: string | null } | null
  /** the last lines of a process, without control sequences */
  output?: readonly string[]
}

/** Nothing of the request reached the backend: another one may be tried, whatever the method. */
export class DialFailed extends GatewayFault {}

/** As `DialFailed`, where that says nothing of the backend's health: it serves other requests, over another protocol. */
export class ProtocolRefused extends DialFailed {}

/** The backend has said that it did nothing of the request (RFC 9113 section 8.7): as `DialFailed`, and no failure. */
export class StreamRefused extends DialFailed {}

/** The request was sent: it may be tried again only when idempotent (RFC 9110 section 9.2.2) and replayable. */
export class UpstreamFailed extends GatewayFault {}

/** The backend reset the stream, for a reason that its client may be told. */
export class StreamReset extends UpstreamFailed {
  constructor(
    message: string,
    hint: string,
    /** RFC 9113 section 7 */
    readonly resetCode: number,
    options?: ErrorOptions,
  ) {
    super('upstream-failed', 502, message, hint, [], options)
  }
}

/** A backend's 502, 503 or 504 that was not passed on, because the request is sent again. */
export class AnswerDropped extends GatewayFault {
  constructor(url: string, status: number) {
    super('upstream-failed', status, `${url} answered ${status}.`, 'Look at the app’s own log for the reason.')
  }
}

/** No backend may get the request now. */
export class NoBackend extends GatewayFault {
  readonly #backends: readonly BackendRefusal[]

  constructor(message: string, hint: string, fields: readonly string[], backends: readonly BackendRefusal[]) {
    super('no-backend', 503, message, hint, fields)
    this.#backends = backends
  }

  override get details(): FaultDetails {
    return { backends: this.#backends }
  }
}

/** The client went away: there is nobody left to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'

  constructor() {
    super('the client closed the connection')
  }
}

/** Turns anything thrown on the request path into the answer for it. */
export function toGatewayFault(thrown: unknown): GatewayFault {
  if (thrown instanceof GatewayFault) return thrown
  const fault = Fault.of(thrown)
  // What the backend needs and the config names wrongly, such as a CA file, is the backend's failure, not the gateway's.
  const status = fault.code === 'internal' ? 500 : 502
  return new GatewayFault(fault.code, status, fault.message, fault.hint, [], { cause: thrown })
}
