import { z } from 'zod'
import { acmeSchema } from './acme-schema.js'
import { refuseCircularDependencies } from './app-dependencies.js'
import {
  backendUrlSchema,
  bindSchema,
  cidrSchema,
  headerNameSchema,
  headerValueSchema,
  hostNameSchema,
  hostSchema,
  listenPortSchema,
  nameSchema,
  panelHostSchema,
  pathSchema,
  portSchema,
  prefixSchema,
  redirectTargetSchema,
  timeLimitSchema,
} from './field-schemas.js'
import { normaliseHostname, normaliseHostPattern } from './hostname.js'
import { appAccessLogSchema, loggingSchema, metricsSchema, tracingSchema } from './observe-schema.js'
import { policiesSchema } from './policies-schema.js'
import { processSchema } from './process-schema.js'
import {
  balanceSchema,
  breakerSchema,
  connectionsSchema,
  healthSchema,
  passiveHealthSchema,
  retrySchema,
  stickySchema,
  upstreamProtocolSchema,
} from './upstream-schema.js'

/**
 * The config file, and with it the domain model: App, Route, Backend, Upstream. Every object is strict, so a misspelt
 * key is an error and never silently ignored. Defaults that depend on the app (hosts, preserveHost) are filled in where
 * they are used, as by `appHosts`, so that a file that was read and saved again does not grow.
 */

const fileSchema = z.string().min(1, 'must name a file')

const headerEditsSchema = z.strictObject({
  set: z.record(headerNameSchema, headerValueSchema).optional(),
  remove: z.array(headerNameSchema).optional(),
})

export const staticSchema = z.strictObject({
  dir: z.string().min(1, 'must name a directory'),
  spa: z.boolean().optional(),
})

export const redirectSchema = z.strictObject({
  to: redirectTargetSchema,
  status: z.literal([301, 302, 303, 307, 308]).optional(),
  keepPath: z.boolean().optional(),
})

export const backendSchema = z.strictObject({
  url: backendUrlSchema,
  weight: z.int().min(0).max(1000).optional(),
  caFile: fileSchema.optional(),
  serverName: hostNameSchema.optional(),
  insecure: z.boolean().optional(),
})

export const upstreamSchema = z.strictObject({
  backends: z
    .array(backendSchema)
    .min(1, 'must name at least one backend')
    .refine(
      (backends) => backends.length === 0 || backends.some((backend) => backend.weight !== 0),
      'must leave at least one backend a weight above 0',
    ),
  protocol: upstreamProtocolSchema.optional(),
  balance: balanceSchema.optional(),
  preserveHost: z.boolean().optional(),
  sticky: stickySchema.optional(),
  connections: connectionsSchema.optional(),
  health: healthSchema.optional(),
  passive: passiveHealthSchema.optional(),
  retry: retrySchema.optional(),
  breaker: breakerSchema.optional(),
})

const timeoutsSchema = z.strictObject({
  connect: timeLimitSchema.optional(),
  response: timeLimitSchema.optional(),
  idle: timeLimitSchema.optional(),
})

export const routeSchema = z
  .strictObject({
    path: pathSchema,
    methods: z
      .array(z.string().regex(/^[A-Z]+$/, 'must be an upper-case method such as "GET"'))
      .min(1, 'must name at least one method')
      .optional(),
    stripPrefix: prefixSchema.optional(),
    addPrefix: prefixSchema.optional(),
    upstream: upstreamSchema.optional(),
    static: staticSchema.optional(),
    redirect: redirectSchema.optional(),
    process: z.literal(true).optional(),
    headers: z
      .strictObject({ request: headerEditsSchema.optional(), response: headerEditsSchema.optional() })
      .optional(),
    keepServerHeaders: z.boolean().optional(),
    timeouts: timeoutsSchema.optional(),
    policies: policiesSchema.optional(),
  })
  .refine(
    (route) =>
      [route.upstream, route.static, route.redirect, route.process].filter((target) => target !== undefined).length ===
      1,
    'must have exactly one of "upstream", "static", "redirect" or "process"',
  )

export const certificateSchema = z.union(
  [
    z.literal('local'),
    z.literal('self-signed'),
    z.literal('acme'),
    z.strictObject({ certFile: fileSchema, keyFile: fileSchema }),
  ],
  'must be "local", "self-signed", "acme" or {"certFile": …, "keyFile": …}',
)

export const appSchema = z
  .strictObject({
    name: nameSchema,
    enabled: z.boolean().optional(),
    hosts: z.array(hostSchema).min(1, 'must name at least one host').optional(),
    certificate: certificateSchema.optional(),
    port: portSchema.optional(),
    static: staticSchema.optional(),
    process: processSchema.optional(),
    demo: z.literal(true).optional(),
    routes: z.array(routeSchema).min(1, 'must hold at least one route').optional(),
    policies: policiesSchema.optional(),
    accessLog: appAccessLogSchema.optional(),
  })
  .refine(
    (app) =>
      [app.port, app.static, app.demo, app.routes ?? app.process].filter((target) => target !== undefined).length === 1,
    'must have exactly one of "port", "static", "process", "routes" or "demo" ("process" and "routes" may stand together)',
  )
  .refine(
    (app) => app.process !== undefined || !app.routes?.some((route) => route.process),
    'has a route to its process, but no "process"',
  )

export const listenSchema = z
  .strictObject({
    bind: z.array(bindSchema).min(1, 'must name at least one address').default(['127.0.0.1', '::1']),
    https: listenPortSchema.default(443),
    http: listenPortSchema.default(80),
    fallback: z.tuple([listenPortSchema, listenPortSchema]).default([4443, 8080]),
  })
  .refine((listen) => listen.http === 0 || listen.http !== listen.https, {
    path: ['http'],
    error: 'must differ from "https": plain HTTP that reaches the HTTPS port is redirected anyway',
  })

export const limitsSchema = z.strictObject({
  connections: z.int().min(1).default(4096),
  queue: z.int().min(1).default(1024),
  headerBytes: z.int().min(1024).max(1_048_576).default(16_384),
  headerCount: z.int().min(10).max(2000).default(200),
  urlBytes: z.int().min(256).max(1_048_576).default(8_192),
  bodyBytes: z.int().min(0).optional(),
  minBodyRate: z.int().min(0).default(100),
  headersTimeout: timeLimitSchema.default('10s'),
  tunnels: z.int().min(1).default(2048),
})

export const panelSchema = z.strictObject({
  host: panelHostSchema.default('portico.localhost'),
  enabled: z.boolean().default(true),
  lan: z.boolean().default(false),
})

export const dnsSchema = z.strictObject({
  enabled: z.boolean().default(false),
  port: portSchema.default(15353),
})

export const lanSchema = z.strictObject({
  enabled: z.boolean().default(false),
  mdns: z.boolean().default(true),
})

export const configSchema = z
  .strictObject({
    $schema: z.string().optional(),
    version: z.literal(1, 'must be 1, the only version of this format'),
    listen: listenSchema.prefault({}),
    tls: z
      .strictObject({
        acme: acmeSchema.optional(),
        unknownHosts: z.enum(['default', 'reject']).default('default'),
      })
      .prefault({}),
    trustedProxies: z.array(cidrSchema).default(['127.0.0.0/8', '::1/128']),
    limits: limitsSchema.prefault({}),
    panel: panelSchema.prefault({}),
    dns: dnsSchema.prefault({}),
    lan: lanSchema.prefault({}),
    defaults: z
      .strictObject({ timeouts: timeoutsSchema.prefault({}), keepServerHeaders: z.boolean().default(false) })
      .prefault({}),
    logging: loggingSchema.optional(),
    metrics: metricsSchema.optional(),
    tracing: tracingSchema.optional(),
    apps: z.array(appSchema).default([]),
  })
  .superRefine(refuseClashes, { when: () => true })
  .superRefine(refuseCircularDependencies, { when: () => true })

export type Config = z.output<typeof configSchema>
/** The file as a person writes it: what may be left out is left out. */
export type ConfigFile = z.input<typeof configSchema>
export type App = z.output<typeof appSchema>
export type Route = z.output<typeof routeSchema>
export type Upstream = z.output<typeof upstreamSchema>
export type Backend = z.output<typeof backendSchema>
export type ProcessConfig = z.output<typeof processSchema>
export type HealthConfig = z.output<typeof healthSchema>
export type CertificateSource = z.output<typeof certificateSchema>
export type Limits = z.output<typeof limitsSchema>
export type HeaderEdits = z.output<typeof headerEditsSchema>
export type Timeouts = z.output<typeof timeoutsSchema>

/** The host names that an app answers to, normalised; without `hosts` it is `<name>.localhost`. */
export function appHosts(app: Pick<App, 'name' | 'hosts'>): string[] {
  return (app.hosts ?? [`${app.name}.localhost`]).map((host) => normaliseHostPattern(host) ?? host)
}

/** The host name that the panel keeps for itself, normalised; null when the panel is off. */
export function panelHost(panel: Config['panel']): string | null {
  return panel.enabled ? normaliseHostname(panel.host) : null
}

/**
 * Two apps may share neither a name nor a host, nor have the panel's: a request must belong to one of them. It also runs over a file with
 * other problems, so that all are reported at once; what has no name or no hosts yet is passed over.
 */
function refuseClashes(config: { apps?: unknown; panel?: unknown }, context: z.RefinementCtx): void {
  const names = new Set<string>()
  const owners = new Map<string, string>()
  const panel = panelSchema.prefault({}).safeParse(config.panel).data
  const reserved = panel === undefined ? null : panelHost(panel)
  const refuse = (path: PropertyKey[], message: string) =>
    context.addIssue({ code: 'custom', path: ['apps', ...path], message })
  const apps = Array.isArray(config.apps) ? config.apps : []
  apps.forEach((entry: unknown, index) => {
    const app = clashPartsSchema.safeParse(entry).data
    if (app === undefined) return
    if (names.has(app.name)) {
      refuse([index, 'name'], `is taken by another app: "${app.name}"`)
      if (app.hosts === undefined) return
    }
    names.add(app.name)
    appHosts(app).forEach((host, hostIndex) => {
      const owner = owners.get(host)
      const path = app.hosts === undefined ? [index, 'name'] : [index, 'hosts', hostIndex]
      if (host === reserved) refuse(path, `"${host}" is the address of Portico's own panel`)
      if (owner !== undefined) refuse(path, `"${host}" already belongs to app "${owner}"`)
      owners.set(host, app.name)
    })
  })
}

const clashPartsSchema = z.object({ name: z.string(), hosts: z.array(z.string()).optional() })
