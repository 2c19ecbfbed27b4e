import type { App } from '../../../shared/config.js'
import type { AppStatus } from '../../../shared/contract.js'
import type { FaultsSettings } from '../../../shared/policies/trial-schemas.js'
import type { Policies } from '../../../shared/policies-schema.js'

/** Faults at one place of an app. */
export interface PlacedFaults {
  /** path of the route whose own they are; null for those of the app */
  route: string | null
  settings: FaultsSettings
  on: boolean
}

/** What an app has set for all its routes; null for nothing. It may be turned off. */
export function ownFaults({ policies }: App): FaultsSettings | null {
  return policies?.faults || null
}

/** What of it strikes now; null for nothing. */
export function faultsOn(app: App): FaultsSettings | null {
  const faults = ownFaults(app)
  return faults !== null && strikes(faults) ? faults : null
}

/** What is set for an app and kept for later; null for nothing. */
export function faultsKept(app: App): FaultsSettings | null {
  const faults = ownFaults(app)
  if (faults?.enabled !== false) return null
  const { enabled: _, ...kept } = faults
  return strikes(kept) ? kept : null
}

/** Routes that have faults of their own: what is set for the app is not for them. */
export function routesWithFaults({ routes = [] }: App): PlacedFaults[] {
  return routes.flatMap(({ path, policies }) => {
    const faults = policies?.faults
    return faults === undefined
      ? []
      : [{ route: path, settings: faults || {}, on: faults !== false && strikes(faults) }]
  })
}

/** Whether something goes wrong on purpose anywhere in an app. */
export function isFaulted(app: App): boolean {
  const { routes } = app
  if (app.enabled === false) return false
  const inherits = routes === undefined || routes.some(({ policies }) => policies?.faults === undefined)
  return (inherits && faultsOn(app) !== null) || routesWithFaults(app).some(({ on }) => on)
}

/** Names of the apps in which something goes wrong on purpose. */
export function faultedApps(apps: readonly AppStatus[]): string[] {
  return apps.filter(({ app }) => isFaulted(app)).map(({ name }) => name)
}

/** The app with these faults for all its routes; null for none. */
export function withFaults(app: App, faults: FaultsSettings | null): App {
  const { policies, ...rest } = app
  const next = replaced(policies, faults)
  return next === undefined ? rest : { ...rest, policies: next }
}

/** The app with every fault turned off, and all settings kept for later: its own and those of its routes. */
export function withFaultsOff(app: App): App {
  const own = faultsOn(app)
  const quiet = own === null ? app : withFaults(app, { ...own, enabled: false })
  if (quiet.routes === undefined) return quiet
  const routes = quiet.routes.map((route) => {
    const faults = route.policies?.faults
    if (faults === undefined || faults === false || !strikes(faults)) return route
    return { ...route, policies: { ...route.policies, faults: { ...faults, enabled: false } } }
  })
  return { ...quiet, routes }
}

function strikes({ enabled, delay, abort, error, bandwidth }: FaultsSettings): boolean {
  return enabled !== false && [delay, abort, error, bandwidth].some((one) => one !== undefined)
}

function replaced(policies: Policies | undefined, faults: FaultsSettings | null): Policies | undefined {
  const { faults: _, ...rest } = policies ?? {}
  if (faults !== null) return { ...rest, faults }
  return Object.keys(rest).length === 0 ? undefined : rest
}
