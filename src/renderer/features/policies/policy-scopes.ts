import type { App, Route } from '../../../shared/config.js'
import { pathSchema } from '../../../shared/field-schemas.js'
import type { Policies, PolicyKey } from '../../../shared/policies-schema.js'
import { inShortForm, writtenOut } from './short-forms.js'

/** Where a policy stands: at one route, which may not be there yet; null for the whole app. */
export type Scope = { path: string; methods: readonly string[] } | null

/** How a policy stands at a scope. */
export interface Standing {
  /** what is set there itself: settings, `false`, or nothing */
  own: unknown
  /** what the app has set, for a route */
  shared: unknown
  /** what holds; null when it is off */
  settings: unknown
}

/** The routes that an app names. One that only says where it leads to has none, and may be given some. */
export function scopesOf(app: App): NonNullable<Scope>[] {
  return (app.routes ?? []).map(({ path, methods = [] }) => ({ path, methods }))
}

/** What is set at a scope, what is inherited there, and what holds: the route's own comes first, and `false` is off. */
export function standingOf(app: App, scope: Scope, policy: PolicyKey): Standing {
  const shared = app.policies?.[policy]
  if (scope === null) return { own: shared, shared: undefined, settings: shared === false ? null : (shared ?? null) }
  const own = baseOf(app, scope)?.policies?.[policy]
  const holds = own ?? shared
  return { own, shared, settings: holds === false ? null : (holds ?? null) }
}

/** The routes that say something of a policy themselves. */
export function routesWith(app: App, policy: PolicyKey): Route[] {
  return (app.routes ?? []).filter(({ policies }) => policies?.[policy] !== undefined)
}

/**
 * The app with a policy set at a scope. A route that is not there is made, as a copy of the one that has led there so far;
 * when the last policy is taken away from routes that need not be there, they go.
 *
 * @param settings `false` turns the app's off for a route; undefined takes away what is set there
 */
export function withPolicy(app: App, scope: Scope, policy: PolicyKey, settings: unknown): App {
  if (scope === null) return withPolicies(app, policy, settings)
  const index = indexOf(app, scope)
  if (index !== -1) {
    const routes = app.routes?.map((route, at) => (at === index ? withPolicies(route, policy, settings) : route))
    return settings === undefined ? inShortForm({ ...app, routes }) : { ...app, routes }
  }
  const base = baseOf(app, scope)
  if (base === null) return app
  const { port: _, static: __, ...rest } = app
  return { ...rest, routes: [withPolicies({ ...base, path: scope.path }, policy, settings), ...writtenOut(app)] }
}

/**
 * The scope for a path as a person types it, "/api" or "/api/*".
 *
 * @param below whether it stands for what is below it too
 * @returns why there is none: the path is malformed, or nothing of the app leads there
 */
export function scopeAt(app: App, typed: string, below: boolean): NonNullable<Scope> | 'malformed' | 'nowhere' {
  const plain = typed.trim().replace(/\/\*?$/, '')
  const path = plain === '' ? '/' : below ? `${plain}/*` : plain
  if (typed.trim() === '' || !pathSchema.safeParse(path).success) return 'malformed'
  const known = scopesOf(app).find((one) => one.path === path)
  if (known !== undefined) return known
  const base = baseOf(app, { path, methods: [] })
  return base === null ? 'nowhere' : { path, methods: base.methods ?? [] }
}

export function sameScope(one: Scope, other: Scope): boolean {
  return one === other || (one?.path === other?.path && one?.methods.join() === other?.methods.join())
}

/** The route of a scope; for one that is not there, the route that leads there now. */
function baseOf(app: App, scope: NonNullable<Scope>): Route | null {
  const routes = writtenOut(app)
  const own = app.routes?.[indexOf(app, scope)]
  if (own !== undefined) return own
  const leading = routes.filter(({ path }) => covers(path, scope.path))
  leading.sort((a, b) => b.path.length - a.path.length || (a.methods?.length ?? 0) - (b.methods?.length ?? 0))
  return leading[0] ?? null
}

function indexOf(app: App, scope: NonNullable<Scope>): number {
  return scopesOf(app).findIndex((one) => sameScope(one, scope))
}

function covers(pattern: string, path: string): boolean {
  if (pattern === '/' || pattern === path) return true
  return pattern.endsWith('/*') && (path.startsWith(pattern.slice(0, -1)) || path === pattern.slice(0, -2))
}

function withPolicies<T extends { policies?: Policies | undefined }>(part: T, policy: PolicyKey, settings: unknown): T {
  const { [policy]: _, ...others } = part.policies ?? {}
  const policies = settings === undefined ? others : { ...part.policies, [policy]: settings }
  const { policies: __, ...rest } = part
  return (Object.keys(policies).length === 0 ? rest : { ...part, policies }) as T
}
