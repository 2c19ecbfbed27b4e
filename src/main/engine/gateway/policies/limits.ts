import { durationMs } from '../../../../shared/duration.js'
import type { PolicyLimitsSettings } from '../../../../shared/policies/limits-schema.js'
import type { Exchange } from '../exchange.js'
import { ClientGone, GatewayFault } from '../gateway-fault.js'
import { headerValue } from '../headers.js'
import { bodyTooLarge } from '../request-body.js'
import { CONTINUE, type Decision, refuse } from './decision.js'
import type { Policy } from './policy.js'
import { WaitingRoom } from './waiting-room.js'

const QUEUE_TIMEOUT = '10s'

/** Bounds each request: its method (405), its body (413), and how many there are at once (503). */
export function makeLimits(settings: PolicyLimitsSettings): Policy {
  const { bodyBytes, concurrency, queue = 0, queueTimeout = QUEUE_TIMEOUT } = settings
  const methods = settings.methods === undefined ? null : new Set(settings.methods)
  const room = concurrency === undefined ? null : new WaitingRoom(concurrency, queue)
  return {
    decide: (exchange) => {
      if (methods !== null && !mayUse(methods, exchange.method))
        return refusal(exchange, wrongMethod(methods, exchange))
      if (bodyBytes !== undefined) {
        if (announcedBytes(exchange) > bodyBytes) return refusal(exchange, bodyTooLarge(bodyBytes))
        exchange.bodyLimit = Math.min(bodyBytes, exchange.snapshot.limits.bodyBytes ?? bodyBytes)
      }
      return room === null ? CONTINUE : enter(exchange, room, durationMs(queueTimeout))
    },
  }
}

/** HEAD may be used wherever GET may (RFC 9110 section 9.3.2). */
function mayUse(methods: ReadonlySet<string>, method: string): boolean {
  return methods.has(method) || (method === 'HEAD' && methods.has('GET'))
}

function announcedBytes({ headers }: Exchange): number {
  return Number(headerValue(headers, 'content-length') ?? 0)
}

function enter(exchange: Exchange, room: WaitingRoom, timeoutMs: number): Decision | Promise<Decision> {
  if (room.tryEnter()) {
    leaveAtEnd(exchange, room)
    return CONTINUE
  }
  if (!room.hasSeat)
    return refusal(exchange, full('Too many requests are being served, and as many as may are waiting.'))
  return waitFor(exchange, room, timeoutMs)
}

async function waitFor(exchange: Exchange, room: WaitingRoom, timeoutMs: number): Promise<Decision> {
  const gone = new AbortController()
  void exchange.reply.closed.then(() => gone.abort())
  exchange.note('limits', 'queued')
  if (await room.wait(AbortSignal.any([gone.signal, AbortSignal.timeout(timeoutMs)]))) {
    leaveAtEnd(exchange, room)
    return CONTINUE
  }
  if (gone.signal.aborted) throw new ClientGone()
  return refusal(exchange, full(`The request waited ${timeoutMs / 1_000} s for its turn.`))
}

function leaveAtEnd(exchange: Exchange, room: WaitingRoom): void {
  void exchange.reply.closed.then(() => room.leave())
}

function refusal(exchange: Exchange, fault: GatewayFault): Decision {
  exchange.note('limits', 'refused')
  return refuse(fault)
}

function wrongMethod(methods: ReadonlySet<string>, { method }: Exchange): GatewayFault {
  const allowed = [...methods, ...(methods.has('GET') && !methods.has('HEAD') ? ['HEAD'] : [])].join(', ')
  return new GatewayFault('method-not-allowed', 405, `${method} is not allowed here.`, `Allowed: ${allowed}.`, [
    'Allow',
    allowed,
  ])
}

function full(message: string): GatewayFault {
  return new GatewayFault(
    'overloaded',
    503,
    message,
    'Try again in a moment. The policy "limits" of the app sets how many there may be at once.',
    ['Retry-After', '1'],
  )
}
