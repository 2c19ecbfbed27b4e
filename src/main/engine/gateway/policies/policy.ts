import type { Logger } from 'pino'
import type { PolicyKey } from '../../../../shared/policies-schema.js'
import type { Exchange } from '../exchange.js'
import type { SubRequests } from '../sub-request.js'
import type { Decision } from './decision.js'

/**
 * One policy with its settings, on a route or an app. It lives as long as a config has it with the same settings, so that
 * what it counts or keeps survives a reload of the config that does not concern it.
 */
export interface Policy {
  /**
   * Decides before the request is forwarded. It may also note what is to happen later: `exchange.through` for the
   * answer, `exchange.editRequest` for the request's fields, `exchange.sentTarget` for its target.
   *
   * Returns a promise only where it has to wait: most requests go through without.
   */
  decide(exchange: Exchange): Decision | Promise<Decision>
  /** No config has it any more; requests under way may still be with it. */
  close?(): void
}

/** Where a policy stands, and what it may use. */
export interface PolicyScope {
  app: string
  /** the route's pattern; null for one of the app, shared by its routes */
  route: string | null
  services: PolicyServices
}

/** What the engine lends to its policies. */
export interface PolicyServices {
  /** absolute; for what is to outlive the process */
  dataDir: string
  log: Pick<Logger, 'warn' | 'info' | 'error'>
  /** requests of the gateway's own, to apps and elsewhere */
  requests: SubRequests
  /**
   * Sends the request of an exchange, without its body, to its route once more, for the gateway's own sake: nobody waits
   * for the answer, and no log tells of it. Settles when it has been answered, or was not.
   *
   * @param prepare takes part in the new request and its answer, as policies do
   */
  refetch(exchange: Exchange, prepare: (own: Exchange) => void): Promise<void>
}

/** What the policies of an exchange did, for the log, the window and the metrics. */
export interface PolicyNote {
  policy: PolicyKey
  /** a word from a small set: `limited`, `hit`, `delayed` */
  outcome: string
}
