import type { CompiledApp, CompiledRoute } from './route-table.js'

export type RouteMatch =
  | { kind: 'route'; route: CompiledRoute }
  /** the path exists, but not for this method; `allow` lists those it has */
  | { kind: 'method'; allow: string[] }
  | { kind: 'none' }

/**
 * Chooses among an app's routes: those of the method first, of these the longest path. The routes come sorted, so the
 * first that fits is the one. HEAD is answered wherever GET is (RFC 9110 section 9.3.2).
 *
 * @param pathname the request's path, still percent-encoded, without query
 */
export function matchRoute(app: CompiledApp, method: string, pathname: string): RouteMatch {
  let allow: Set<string> | null = null
  for (const route of app.routes) {
    if (!pathMatches(route, pathname)) continue
    if (route.methods === null || route.methods.has(method) || (method === 'HEAD' && route.methods.has('GET'))) {
      return { kind: 'route', route }
    }
    allow ??= new Set()
    for (const allowed of route.methods) allow.add(allowed)
    if (route.methods.has('GET')) allow.add('HEAD')
  }
  return allow === null ? { kind: 'none' } : { kind: 'method', allow: [...allow].sort() }
}

/** `/v1/*` stands for `/v1` and everything below it, never for `/v10`. */
function pathMatches(route: CompiledRoute, pathname: string): boolean {
  if (!route.prefix) return pathname === route.path
  if (!pathname.startsWith(route.path)) return false
  return pathname.length === route.path.length || pathname.charCodeAt(route.path.length) === 47 /* / */
}
