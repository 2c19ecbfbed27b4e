import type { App, Config, Route } from '../../../shared/config.js'
import type { Problem } from '../../../shared/contract.js'

/**
 * What a valid config asks for and this version does not do yet, with its exact path, so that `status` can say so
 * instead of passing over it in silence.
 */
export function unsupportedFeatures(config: Config): Problem[] {
  const acme = config.tls.acme === undefined ? [] : [problem('tls.acme', ACME)]
  return [...acme, ...config.apps.flatMap((app, index) => inApp(app, `apps[${index}]`))]
}

const ACME = 'certificates from an ACME authority are not available in this version; the local authority issues them'
const POLICIES = 'policies are not available in this version; every request passes'

function inApp(app: App, path: string): Problem[] {
  return [
    ...(app.certificate === 'acme' ? [problem(`${path}.certificate`, ACME)] : []),
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
