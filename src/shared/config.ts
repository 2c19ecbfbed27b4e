import { z } from 'zod'
import { durationSchema } from './duration.js'
import { normaliseHostPattern } from './hostname.js'
import { policiesSchema } from './policies-schema.js'
import { processSchema } from './process-schema.js'
import { balanceSchema, breakerSchema, healthSchema, retrySchema } from './upstream-schema.js'

/**
 * The config file, and with it the domain model: App, Route, Backend, Upstream. Every object is strict, so a misspelt
 * key is an error and never silently ignored. Defaults that depend on the app (hosts, preserveHost) are filled in by
 * `expandApp`, so that a file that was read and saved again does not grow.
 */

const portSchema = z.int().min(1, 'must be a port from 1 to 65535').max(65535, 'must be a port from 1 to 65535')
const listenPortSchema = z.int().min(0, 'must be a port from 0 to 65535 (0 = any free one)').max(65535)

const hostSchema = z
  .string()
  .refine(
    (text) => normaliseHostPattern(text) !== null,
    'must be a host name such as "shop.localhost" or "*.shop.localhost"',
  )

const nameSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be 1 to 63 lower-case letters, digits or inner hyphens')

const pathSchema = z
  .string()
  .startsWith('/', 'must begin with "/"')
  .refine((path) => !path.slice(0, -1).includes('*'), 'may have a "*" only at the very end, as "/assets/*"')
  .refine((path) => !path.endsWith('*') || path.endsWith('/*'), 'must end in "/*" to match everything below')
  .refine((path) => !/[?#\s]/.test(path), 'must be a path without query, fragment or spaces')

const prefixSchema = z
  .string()
  .regex(/^\/[^?#\s*]*[^/?#\s*]$/, 'must begin with "/", not end with "/", and hold no "*", "?" or "#"')

const backendUrlSchema = z.string().refine(isBackendUrl, 'must be an origin such as "http://127.0.0.1:8000"')

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const headerNameSchema = z.string().regex(HEADER_NAME, 'must be a header name (RFC 9110 token)')
const headerValueSchema = z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'must be a header value without line breaks')

const headerEditsSchema = z.strictObject({
  set: z.record(headerNameSchema, headerValueSchema).optional(),
  remove: z.array(headerNameSchema).optional(),
})

export const staticSchema = z.strictObject({
  dir: z.string().min(1, 'must name a directory'),
  spa: z.boolean().optional(),
})

export const redirectSchema = z.strictObject({
  to: z.string().regex(/^(https?:\/\/|\/)[^\s]*$/, 'must be an absolute URL or a path'),
  status: z.union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)]).optional(),
  keepPath: z.boolean().optional(),
})

export const backendSchema = z.strictObject({
  url: backendUrlSchema,
  weight: z.int().min(0).max(1000).optional(),
  caFile: z.string().optional(),
  serverName: z.string().optional(),
  insecure: z.boolean().optional(),
})

export const upstreamSchema = z.strictObject({
  backends: z.array(backendSchema).min(1, 'must name at least one backend'),
  balance: balanceSchema.optional(),
  preserveHost: z.boolean().optional(),
  health: healthSchema.optional(),
  retry: retrySchema.optional(),
  breaker: breakerSchema.optional(),
})

const timeoutsSchema = z.strictObject({
  connect: durationSchema.optional(),
  response: durationSchema.optional(),
  idle: durationSchema.optional(),
})

export const routeSchema = z
  .strictObject({
    path: pathSchema,
    methods: z
      .array(z.string().regex(/^[A-Z]+$/, 'must be an upper-case method such as "GET"'))
      .min(1)
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
  [z.literal('local'), z.literal('acme'), z.strictObject({ certFile: z.string().min(1), keyFile: z.string().min(1) })],
  'must be "local", "acme" or {"certFile": …, "keyFile": …}',
)

export const appSchema = z
  .strictObject({
    name: nameSchema,
    enabled: z.boolean().optional(),
    hosts: z.array(hostSchema).min(1).optional(),
    certificate: certificateSchema.optional(),
    port: portSchema.optional(),
    static: staticSchema.optional(),
    process: processSchema.optional(),
    routes: z.array(routeSchema).min(1).optional(),
    policies: policiesSchema.optional(),
  })
  .refine(
    (app) => [app.port, app.static, app.routes ?? app.process].filter((target) => target !== undefined).length === 1,
    'must have exactly one of "port", "static", "process" or "routes" ("process" and "routes" may stand together)',
  )
  .refine(
    (app) => app.process !== undefined || !app.routes?.some((route) => route.process),
    'has a route to its process, but no "process"',
  )

const cidrSchema = z
  .string()
  .regex(/^[0-9a-fA-F.:]+(\/\d{1,3})?$/, 'must be an IP address or CIDR range such as "10.0.0.0/8"')

export const listenSchema = z.strictObject({
  bind: z.array(z.string().min(1)).min(1).default(['127.0.0.1', '::1']),
  https: listenPortSchema.default(443),
  http: listenPortSchema.default(80),
  fallback: z.tuple([listenPortSchema, listenPortSchema]).default([4443, 8080]),
})

export const limitsSchema = z.strictObject({
  connections: z.int().min(1).default(4096),
  queue: z.int().min(1).default(1024),
  headerBytes: z.int().min(1024).max(1_048_576).default(16_384),
  headerCount: z.int().min(10).max(2000).default(200),
  urlBytes: z.int().min(256).max(1_048_576).default(8_192),
  bodyBytes: z.int().min(0).optional(),
  minBodyRate: z.int().min(0).default(100),
  headersTimeout: durationSchema.default('10s'),
  tunnels: z.int().min(1).default(2048),
})

export const configSchema = z
  .strictObject({
    $schema: z.string().optional(),
    version: z.literal(1, 'must be 1, the only version of this format'),
    listen: listenSchema.prefault({}),
    tls: z
      .strictObject({
        acme: z
          .strictObject({ email: z.email(), directory: z.url(), caFile: z.string().nullable().optional() })
          .optional(),
        unknownHosts: z.enum(['default', 'reject']).default('default'),
      })
      .prefault({}),
    trustedProxies: z.array(cidrSchema).default(['127.0.0.0/8', '::1/128']),
    limits: limitsSchema.prefault({}),
    defaults: z
      .strictObject({ timeouts: timeoutsSchema.prefault({}), keepServerHeaders: z.boolean().default(false) })
      .prefault({}),
    apps: z.array(appSchema).default([]),
  })
  .superRefine(refuseClashes)

export type Config = z.output<typeof configSchema>
/** The file as a person writes it: what may be left out is left out. */
export type ConfigFile = z.input<typeof configSchema>
export type App = z.output<typeof appSchema>
export type Route = z.output<typeof routeSchema>
export type Upstream = z.output<typeof upstreamSchema>
export type Backend = z.output<typeof backendSchema>
export type CertificateSource = z.output<typeof certificateSchema>
export type Limits = z.output<typeof limitsSchema>
export type HeaderEdits = z.output<typeof headerEditsSchema>
export type Timeouts = z.output<typeof timeoutsSchema>

/** The host names that an app answers to, normalised; without `hosts` it is `<name>.localhost`. */
export function appHosts(app: Pick<App, 'name' | 'hosts'>): string[] {
  return (app.hosts ?? [`${app.name}.localhost`]).map((host) => normaliseHostPattern(host) ?? host)
}

/** Two apps may share neither a name nor a host: a request must belong to one of them. */
function refuseClashes(config: { apps: App[] }, context: z.RefinementCtx): void {
  const names = new Set<string>()
  const owners = new Map<string, string>()
  config.apps.forEach((app, index) => {
    if (names.has(app.name)) {
      context.addIssue({
        code: 'custom',
        path: ['apps', index, 'name'],
        message: `is taken by another app: "${app.name}"`,
      })
    }
    names.add(app.name)
    appHosts(app).forEach((host, hostIndex) => {
      const owner = owners.get(host)
      if (owner !== undefined) {
        const path = app.hosts === undefined ? ['apps', index, 'name'] : ['apps', index, 'hosts', hostIndex]
        context.addIssue({ code: 'custom', path, message: `"${host}" already belongs to app "${owner}"` })
      }
      owners.set(host, app.name)
    })
  })
}

function isBackendUrl(text: string): boolean {
  const url = URL.parse(text)
  return (
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.hostname !== '' &&
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === ''
  )
}
