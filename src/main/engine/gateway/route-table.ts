import type { App, CertificateSource, Config, HeaderEdits, Route, Timeouts } from '../../../shared/config.js'
import { appHosts } from '../../../shared/config.js'
import { durationMs } from '../../../shared/duration.js'
import { lanHosts } from '../../../shared/lan-hosts.js'
import type { Policy } from './policies/policy.js'
import type { PolicySource } from './policies/policy-pool.js'
import { compileUpstream, type UpstreamTarget } from './upstream-target.js'

/** What a route leads to. Paths are absolute, so nothing below depends on the working directory. */
export type RouteTarget =
  | UpstreamTarget
  | { kind: 'static'; dir: string; spa: boolean }
  | { kind: 'redirect'; to: string; status: number; keepPath: boolean }
  | { kind: 'process' }
  | { kind: 'demo' }

export interface CompiledRoute {
  app: CompiledApp
  /** the path as the config has it */
  pattern: string
  /** the path to match: without the trailing `/*` of a prefix route */
  path: string
  prefix: boolean
  methods: ReadonlySet<string> | null
  stripPrefix: string | null
  addPrefix: string | null
  requestHeaders: HeaderEdits | null
  responseHeaders: HeaderEdits | null
  keepServerHeaders: boolean
  /** milliseconds */
  timeouts: { connect: number; response: number; idle: number }
  target: RouteTarget
  /** in the order in which they are asked; null when there is none */
  policies: readonly Policy[] | null
}

export interface CompiledApp {
  name: string
  enabled: boolean
  certificate: CertificateSource
  hosts: string[]
  /** a further host that LAN mode gives it, with a certificate of the local CA; null without */
  lanHost: string | null
  /** longest path first, exact before prefix */
  routes: CompiledRoute[]
}

const NO_POLICIES: PolicySource = { of: () => null }
const DEFAULT_TIMEOUTS = { connect: '5s', response: '30s', idle: '120s' }

/** The hosts and routes of one config, compiled: looking up a host costs the same with one app or five thousand. */
export class RouteTable {
  readonly apps: CompiledApp[]
  readonly #exact = new Map<string, CompiledApp>()
  /** keyed by the name behind `*.` */
  readonly #wildcards = new Map<string, { app: CompiledApp; pattern: string }>()

  /**
   * @param config a config that the schema accepted, its paths already absolute
   * @param policies makes those of each route; without it there are none
   */
  constructor(config: Config, policies: PolicySource = NO_POLICIES) {
    this.apps = config.apps.map((app) => compileApp(app, config, policies))
    for (const app of this.apps) {
      for (const host of app.hosts) {
        if (host.startsWith('*.')) this.#wildcards.set(host.slice(2), { app, pattern: host })
        else this.#exact.set(host, app)
      }
    }
    const aliases = lanHosts(config)
    for (const app of this.apps) {
      app.lanHost = aliases.get(app.name) ?? null
      if (app.lanHost !== null) this.#exact.set(app.lanHost, app)
    }
  }

  /** The app that owns a normalised host name: the exact name first, then the longest wildcard above it. */
  find(host: string): CompiledApp | null {
    return this.#exact.get(host) ?? this.#above(host)?.app ?? null
  }

  /** The pattern through which `find` finds the host: the host itself or a wildcard such as `*.shop.localhost`. */
  pattern(host: string): string | null {
    return this.#exact.has(host) ? host : (this.#above(host)?.pattern ?? null)
  }

  #above(host: string): { app: CompiledApp; pattern: string } | undefined {
    if (this.#wildcards.size === 0) return undefined
    for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
      const found = this.#wildcards.get(host.slice(dot + 1))
      if (found !== undefined) return found
    }
    return undefined
  }
}

function compileApp(app: App, config: Config, policies: PolicySource): CompiledApp {
  const compiled: CompiledApp = {
    name: app.name,
    enabled: app.enabled ?? true,
    certificate: app.certificate ?? 'local',
    hosts: appHosts(app),
    lanHost: null,
    routes: [],
  }
  const compile = (route: Route) => compileRoute(route, compiled, config, policies.of(app, route))
  compiled.routes =
    app.demo === true ? [{ ...compile({ path: '/' }), target: { kind: 'demo' } }] : routesOf(app).map(compile)
  compiled.routes.sort((a, b) => b.path.length - a.path.length || Number(a.prefix) - Number(b.prefix))
  return compiled
}

/** Writes the short forms out: `"port": 3000` is one route to that port on this machine, on either IP family. */
function routesOf(app: App): Route[] {
  if (app.port !== undefined) return [{ path: '/', upstream: { backends: [{ url: `http://localhost:${app.port}` }] } }]
  if (app.static !== undefined) return [{ path: '/', static: app.static }]
  return app.routes ?? [{ path: '/', process: true }]
}

function compileRoute(
  route: Route,
  app: CompiledApp,
  config: Config,
  policies: readonly Policy[] | null,
): CompiledRoute {
  const prefix = route.path.endsWith('/*') || route.path === '/'
  return {
    app,
    pattern: route.path,
    path: route.path.endsWith('/*') ? route.path.slice(0, -2) : route.path === '/' ? '' : route.path,
    prefix,
    methods: route.methods === undefined ? null : new Set(route.methods),
    stripPrefix: route.stripPrefix ?? null,
    addPrefix: route.addPrefix ?? null,
    requestHeaders: route.headers?.request ?? null,
    responseHeaders: route.headers?.response ?? null,
    keepServerHeaders: route.keepServerHeaders ?? config.defaults.keepServerHeaders,
    timeouts: compileTimeouts(route.timeouts ?? {}, config.defaults.timeouts),
    target: compileTarget(route),
    policies,
  }
}

function compileTimeouts(own: Timeouts, defaults: Timeouts): CompiledRoute['timeouts'] {
  const pick = (key: keyof typeof DEFAULT_TIMEOUTS) => durationMs(own[key] ?? defaults[key] ?? DEFAULT_TIMEOUTS[key])
  return { connect: pick('connect'), response: pick('response'), idle: pick('idle') }
}

function compileTarget(route: Route): RouteTarget {
  if (route.static !== undefined) {
    return { kind: 'static', dir: route.static.dir, spa: route.static.spa ?? false }
  }
  if (route.redirect !== undefined) {
    const { to, status = 308, keepPath = false } = route.redirect
    return { kind: 'redirect', to, status, keepPath }
  }
  if (route.upstream === undefined) return { kind: 'process' }
  return compileUpstream(route.upstream)
}
