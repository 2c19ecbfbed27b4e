import type { Exchange } from '../exchange.js'
import { CONTINUE, type Decision } from './decision.js'
import type { Policy } from './policy.js'

/**
 * Asks the policies of a route in turn; the first that does not let the request pass decides.
 *
 * @returns a promise only when one of them has to wait
 */
export function askPolicies(policies: readonly Policy[], exchange: Exchange, from = 0): Decision | Promise<Decision> {
  for (let at = from; at < policies.length; at++) {
    const decision = (policies[at] as Policy).decide(exchange)
    if (decision instanceof Promise) {
      return decision.then((waited) => (waited.kind === 'continue' ? askPolicies(policies, exchange, at + 1) : waited))
    }
    if (decision.kind !== 'continue') return decision
  }
  return CONTINUE
}
