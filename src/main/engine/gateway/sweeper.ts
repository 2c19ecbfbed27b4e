import { performance } from 'node:perf_hooks'
import { durationMs } from '../../../shared/duration.js'
import type { Exchange } from './exchange.js'
import type { BodyMark } from './exchange-init.js'
import { GatewayFault, UpstreamFailed } from './gateway-fault.js'
import { Roster } from './roster.js'

/** How often deadlines are looked at; a timeout strikes at most this much late. */
const TICK_MS = 250
/** How long the client of a page of the gateway's own, which has no route, may leave it unread. */
const PAGE_UNREAD_MS = 30_000

/**
 * Watches the deadlines of all exchanges in progress with one timer, instead of several per request. It runs only while
 * there is something to watch: an idle gateway causes no wake-ups.
 */
export class Sweeper {
  readonly #active = new Roster<Exchange>()
  #timer: NodeJS.Timeout | null = null

  get size(): number {
    return this.#active.size
  }

  /** How many of those in progress fit. */
  count(fits: (exchange: Exchange) => boolean): number {
    return this.#active.all().filter(fits).length
  }

  /** Those in progress. */
  each(visit: (exchange: Exchange) => void): void {
    this.#active.all().forEach(visit)
  }

  add(exchange: Exchange): void {
    this.#active.add(exchange)
    this.#timer ??= setInterval(() => this.#sweep(), TICK_MS).unref()
  }

  delete(exchange: Exchange): void {
    this.#active.delete(exchange)
  }

  #sweep(): void {
    if (this.#active.size === 0) {
      if (this.#timer !== null) clearInterval(this.#timer)
      this.#timer = null
      return
    }
    const now = performance.now()
    for (const exchange of this.#active.all()) {
      const fault = overdue(exchange, exchange.bodyMark, now)
      if (fault !== null) exchange.timedOut(fault)
    }
  }
}

/**
 * Decides whether an exchange has waited too long, and for whom. `mark` is moved along when the body keeps its pace.
 *
 * @param now performance.now() milliseconds
 */
export function overdue(exchange: Exchange, mark: BodyMark, now: number): GatewayFault | null {
  const { route, phase } = exchange
  const quiet = now - exchange.lastActivity
  if (unreadFor(exchange, now, quiet) > (route?.timeouts.idle ?? PAGE_UNREAD_MS))
    return new GatewayFault('request-timeout', 408, 'The client stopped reading the answer.')
  if (route === null) return null
  if (exchange.call !== null && now > exchange.call.deadlineAt) return deadlinePassed(exchange)
  if (tooSlowBody(exchange, mark, now)) {
    return new GatewayFault(
      'request-timeout',
      408,
      'The request body arrived too slowly.',
      'Send it faster, or lower limits.minBodyRate in the config.',
    )
  }
  if (
    phase === 'awaiting-response' &&
    !sendingBody(exchange) &&
    quiet > route.timeouts.response &&
    !hasDeadline(exchange)
  )
    return noResponse(exchange, route.timeouts.response)
  if (phase === 'streaming' && exchange.stalledSince === null && !exchange.openEnded && quiet > route.timeouts.idle) {
    return new UpstreamFailed('upstream-timeout', 504, `${exchange.backend} fell silent in the middle of its answer.`)
  }
  return null
}

/**
 * For how long nothing of what waits for the client has been taken: since it fell behind, or, when the whole answer has
 * been handed over, since then. 0 while it keeps up, and for open tunnels, which watch themselves.
 */
function unreadFor({ reply, stalledSince, protocol, openEnded }: Exchange, now: number, quiet: number): number {
  if (openEnded && (protocol === 'websocket' || protocol === 'h2-websocket')) return 0
  if (stalledSince !== null) return now - stalledSince
  return reply.headersSent && reply.pendingBytes > 0 ? quiet : 0
}

/** `minBodyRate` is the mean over the time that `headersTimeout` gives a head, so that slow starts are no fault. */
function tooSlowBody(exchange: Exchange, mark: BodyMark, now: number): boolean {
  const { body } = exchange
  if (body === null || exchange.reply.headersSent || exchange.call !== null) return false
  if (body.bytes > mark.bytes) exchange.lastActivity = Math.max(exchange.lastActivity, now - TICK_MS)
  const { minBodyRate: floor, headersTimeout } = exchange.snapshot.limits
  const elapsed = now - mark.at
  if (!body.waiting || floor === 0 || (body.bytes - mark.bytes) / elapsed >= floor / 1000) {
    mark.at = now
    mark.bytes = body.bytes
    return false
  }
  return elapsed > durationMs(headersTimeout)
}

function sendingBody({ body }: Exchange): boolean {
  return body?.waiting === true
}

/** The caller has said how long it waits, which is no business of the config's then. */
function hasDeadline({ call }: Exchange): boolean {
  return call !== null && call.deadlineAt !== Number.POSITIVE_INFINITY
}

/** No failure of the backend: nobody knows whether the time was enough. */
function deadlinePassed({ appName, backend }: Exchange): GatewayFault {
  const message = `The deadline of the call passed before ${appName ?? backend} had answered it in full.`
  return new GatewayFault('upstream-timeout', 504, message)
}

function noResponse(exchange: Exchange, timeout: number): UpstreamFailed {
  return new UpstreamFailed(
    'upstream-timeout',
    504,
    `${exchange.appName ?? exchange.backend} did not answer within ${timeout} ms (${exchange.backend}).`,
    'Look at what the app is doing, or raise timeouts.response in the config.',
  )
}
