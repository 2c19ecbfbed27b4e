import type { App, Config, Route } from '../../../shared/config.js'
import type { Problem } from '../../../shared/contract.js'

/**
 * What a valid config asks for and this version does not do yet, with its exact path, so that `status` can say so
 * instead of passing over it in silence.
 */
export function unsupportedFeatures(config: Config): Problem[] {
  return config.apps.flatMap((app, index) => inApp(app, `apps[${index}]`))
}

const POLICIES = 'policies are not available in this version; every request passes'

function inApp(app: App, path: string): Problem[] {
  return [
    ...(app.policies === undefined ? [] : [problem(`${path}.policies`, POLICIES)]),
    ...(app.routes ?? []).flatMap((route, index) => inRoute(route, `${path}.routes[${index}]`)),
  ]
}

function inRoute(route: Route, path: string): Problem[] {
  return route.policies === undefined ? [] : [problem(`${path}.policies`, POLICIES)]
}

function problem(path: string, message: string): Problem {
  return { path, message }
}
