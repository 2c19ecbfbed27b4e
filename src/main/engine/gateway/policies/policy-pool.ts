import type { App, Route } from '../../../../shared/config.js'
import type { PolicyKey, PolicySettings } from '../../../../shared/policies-schema.js'
import { makePolicy } from './make-policy.js'
import { HIDES_COOKIES } from './oidc/hides-cookies.js'
import type { Policy, PolicyScope, PolicyServices } from './policy.js'
import { placePolicies } from './policy-order.js'

/** What a route table asks for the policies of its routes. */
export interface PolicySource {
  /** Those of a route, in order; null when it has none. */
  of(app: App, route: Route): readonly Policy[] | null
}

interface Kept {
  policy: Policy
  /** of the config that was compiled last and had it */
  generation: number
}

/**
 * The policies of the config in use. One that a new config has at the same place with the same settings goes on, with all
 * that it has counted, kept and connected.
 */
export class PolicyPool implements PolicySource {
  readonly #services: PolicyServices
  readonly #kept = new Map<string, Kept>()
  #generation = 0

  constructor(services: PolicyServices) {
    this.#services = services
  }

  /** A config is about to be compiled. */
  begin(): void {
    this.#generation += 1
  }

  of(app: App, route: Route): readonly Policy[] | null {
    const placed = placePolicies(app.policies, route.policies)
    const hides = hasSignIns(app) && !placed.some(({ key }) => key === 'oidc')
    if (placed.length === 0) return hides ? [HIDES_COOKIES] : null
    const policies = placed.map(({ key, of, settings }) =>
      this.#policy(key, settings, {
        app: app.name,
        route: of === 'app' ? null : route.path,
        methods: of === 'app' ? '' : (route.methods?.join() ?? ''),
      }),
    )
    return hides ? [HIDES_COOKIES, ...policies] : policies
  }

  /** The config compiled last is in use: what only others had is given up. */
  sweep(): void {
    for (const [id, { policy, generation }] of this.#kept) {
      if (generation === this.#generation) continue
      this.#kept.delete(id)
      policy.close?.()
    }
  }

  /** All there are. */
  all(): Policy[] {
    return [...this.#kept.values()].map(({ policy }) => policy)
  }

  close(): void {
    for (const { policy } of this.#kept.values()) policy.close?.()
    this.#kept.clear()
  }

  #policy<K extends PolicyKey>(
    key: K,
    settings: PolicySettings<K>,
    { app, route, methods }: { app: string; route: string | null; methods: string },
  ): Policy {
    const id = JSON.stringify([app, route, methods, key, settings])
    const known = this.#kept.get(id)
    if (known !== undefined) {
      known.generation = this.#generation
      return known.policy
    }
    const scope: PolicyScope = { app, route, services: this.#services }
    const policy = makePolicy(key, settings, scope)
    this.#kept.set(id, { policy, generation: this.#generation })
    return policy
  }
}

function hasSignIns({ policies, routes = [] }: App): boolean {
  return [policies, ...routes.map((route) => route.policies)].some((one) => one?.oidc)
}
