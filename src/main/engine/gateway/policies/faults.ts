import { durationMs } from '../../../../shared/duration.js'
import type { FaultsSettings } from '../../../../shared/policies/trial-schemas.js'
import type { Exchange } from '../exchange.js'
import { GatewayFault } from '../gateway-fault.js'
import { pauseFor } from '../pause.js'
import { ANSWERED, CONTINUE, type Decision, refuse } from './decision.js'
import type { Policy } from './policy.js'
import { ThrottledReply } from './throttled-reply.js'

/** What goes wrong with one request. */
export interface Misfortune {
  /** milliseconds; 0 for none */
  delayMs: number
  abort: boolean
  /** status; null for none */
  error: number | null
}

/** Makes things go wrong on purpose: to see what an app does when its backend is slow, broken or gone. */
export function makeFaults(settings: FaultsSettings): Policy {
  if (settings.enabled === false) return { decide: () => CONTINUE }
  return {
    decide: (exchange) => {
      const { bandwidth } = settings
      if (bandwidth !== undefined && !exchange.protocol.endsWith('websocket')) {
        exchange.note('faults', 'throttled')
        exchange.through((next) => new ThrottledReply(next, bandwidth))
      }
      const misfortune = draw(settings, Math.random)
      if (misfortune.delayMs === 0) return strike(exchange, misfortune)
      exchange.note('faults', 'delayed')
      return pauseFor(exchange, misfortune.delayMs).then(() => strike(exchange, misfortune))
    },
  }
}

/** @param random from 0 to below 1, as Math.random */
export function draw({ delay, abort, error }: FaultsSettings, random: () => number): Misfortune {
  const happens = (share = 1) => random() < share
  return {
    delayMs: delay !== undefined && happens(delay.share) ? delayOf(delay, random) : 0,
    abort: abort !== undefined && happens(abort.share),
    error: error !== undefined && happens(error.share) ? error.status : null,
  }
}

function delayOf({ time, jitter }: NonNullable<FaultsSettings['delay']>, random: () => number): number {
  const spread = jitter === undefined ? 0 : durationMs(jitter)
  return Math.max(0, durationMs(time) + spread * (2 * random() - 1))
}

function strike(exchange: Exchange, { abort, error }: Misfortune): Decision {
  if (abort) {
    exchange.note('faults', 'aborted')
    exchange.error = 'the connection was reset by the policy "faults"'
    exchange.reply.destroy()
    return ANSWERED
  }
  if (error === null) return CONTINUE
  exchange.note('faults', 'error')
  return refuse(
    new GatewayFault(
      'injected',
      error,
      'This answer was made by the policy "faults".',
      'It is on for this app: turn it off in Portico, or set "enabled": false.',
    ),
  )
}
