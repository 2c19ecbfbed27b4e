import type { Policies, PolicyKey } from '../../../../shared/policies-schema.js'

/**
 * The order in which policies see a request. What adds to every answer, refusals included, comes first, for whoever is
 * first sees the answer last: security headers and CORS are on every error page, and compression is outside of the
 * cache, which keeps one form of each answer. A preflight carries no credentials, so CORS is ahead of authentication,
 * and the rate limit bounds how often a password can be tried.
 */
export const POLICY_ORDER = [
  'securityHeaders',
  'access',
  'cors',
  'compression',
  'rateLimit',
  'limits',
  'basicAuth',
  'jwt',
  'oidc',
  'forwardAuth',
  'faults',
  'rewrite',
  'respond',
  'cache',
  'mirror',
] as const satisfies readonly PolicyKey[]

/** Breaks the build when a policy has no place in the order. */
type Missing = Exclude<PolicyKey, (typeof POLICY_ORDER)[number]>
export const EVERY_POLICY_HAS_ITS_PLACE: [Missing] extends [never] ? true : Missing = true

/** A policy that is on for a route, and whose it is: the app's own are one for all its routes. */
export interface Placed<K extends PolicyKey = PolicyKey> {
  key: K
  of: 'app' | 'route'
  settings: Exclude<Policies[K], undefined | false>
}

/** The policies of a route in order: its own, and those of its app that it says nothing of. */
export function placePolicies(app: Policies | undefined, route: Policies | undefined): Placed[] {
  return POLICY_ORDER.flatMap((key): Placed[] => {
    const own = route?.[key]
    if (own !== undefined) return own === false ? [] : [{ key, of: 'route', settings: own }]
    const shared = app?.[key]
    return shared === undefined || shared === false ? [] : [{ key, of: 'app', settings: shared }]
  })
}
