import type { App, Config, Route } from '../../../shared/config.js'
import type { Problem } from '../../../shared/contract.js'
import type { Policies, PolicyKey } from '../../../shared/policies-schema.js'

/**
 * What a valid config asks for and this version does not do yet, with its exact path, so that `status` can say so
 * instead of passing over it in silence.
 *
 * @param available the policies that this version has
 */
export function unsupportedFeatures(config: Config, available: ReadonlySet<PolicyKey>): Problem[] {
  const inPolicies = (path: string, policies: Policies = {}) =>
    Object.entries(policies)
      .filter(([key, settings]) => settings !== undefined && settings !== false && !available.has(key as PolicyKey))
      .map(([key]) => ({ path: `${path}.policies.${key}`, message: NOT_YET }))
  const inRoute = (route: Route, path: string) => inPolicies(path, route.policies)
  const inApp = (app: App, path: string) => [
    ...inPolicies(path, app.policies),
    ...(app.routes ?? []).flatMap((route, index) => inRoute(route, `${path}.routes[${index}]`)),
  ]
  return config.apps.flatMap((app, index) => inApp(app, `apps[${index}]`))
}

const NOT_YET = 'is not available in this version; every request passes'
