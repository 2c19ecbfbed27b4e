import type { App, Route } from '../../../shared/config.js'

/** The routes of an app, as the gateway reads the short forms: a port is one route to it. The demo has none. */
export function writtenOut(app: App): Route[] {
  if (app.port !== undefined) return [{ path: '/', upstream: upstreamOf(app.port) }]
  if (app.static !== undefined) return [{ path: '/', static: app.static }]
  if (app.demo === true) return []
  return app.routes ?? [{ path: '/', process: true }]
}

/** An app whose routes all lead to the same place and do nothing else says so by a port, a directory or its process alone. */
export function inShortForm(app: App): App {
  const { routes = [], ...rest } = app
  const [target, ...others] = new Set(routes.map(({ path: _, ...does }) => JSON.stringify(does)))
  const root = routes.find(({ path }) => path === '/')
  if (target === undefined || root === undefined || others.length > 0) return app
  if (root.process === true && isPlain(root)) return rest
  if (root.static !== undefined && isPlain(root) && app.process === undefined) return { ...rest, static: root.static }
  const port = portOf(root)
  return port === null || !isPlain(root) || app.process !== undefined ? app : { ...rest, port }
}

function isPlain(route: Route): boolean {
  return Object.keys(route).length === 2
}

function upstreamOf(port: number): NonNullable<Route['upstream']> {
  return { backends: [{ url: `http://localhost:${port}` }] }
}

function portOf({ upstream }: Route): number | null {
  const port = Number(/^http:\/\/localhost:(\d+)$/.exec(upstream?.backends[0]?.url ?? '')?.[1] ?? 0)
  return port > 0 && JSON.stringify(upstream) === JSON.stringify(upstreamOf(port)) ? port : null
}
