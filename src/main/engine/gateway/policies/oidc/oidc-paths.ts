const STANDARD = '/.portico/oidc'

/**
 * Where the policy answers itself: below the path of the settings, or where requests reach the policy of a route at all.
 *
 * @param route the route's pattern; null for the whole app
 */
export function oidcPaths(configured: string | undefined, route: string | null) {
  const below = route?.endsWith('/*') ? route.slice(0, -2) : ''
  const base = configured ?? `${below}${STANDARD}`
  return { callback: `${base}/callback`, logout: `${base}/logout`, signedOut: `${base}/signed-out` }
}
