import type { PolicyKey } from '../../../shared/policies-schema.js'
import { allFields, type FormField, type GroupSpec, policyForm } from './form-spec.js'

/** How a value is shown where its schema does not tell: a number of bytes and a number of requests are both numbers. */
export type Look =
  | 'rate'
  | 'bytes'
  | 'bytes-per-second'
  | 'percent'
  | 'long-text'
  | 'secret'
  | 'users'
  | 'app'
  | 'by-preset'

const LOOKS: Readonly<Record<string, Look>> = {
  'rateLimit.rate': 'rate',
  'basicAuth.users': 'users',
  'oidc.clientSecret': 'secret',
  'forwardAuth.app': 'app',
  'limits.bodyBytes': 'bytes',
  'securityHeaders.nosniff': 'by-preset',
  'compression.minBytes': 'bytes',
  'cache.memoryBytes': 'bytes',
  'cache.diskBytes': 'bytes',
  'cache.maxEntryBytes': 'bytes',
  'rewrite.inject.head': 'long-text',
  'rewrite.inject.body': 'long-text',
  'rewrite.split.variants[].app': 'app',
  'faults.delay.share': 'percent',
  'faults.abort.share': 'percent',
  'faults.error.share': 'percent',
  'faults.bandwidth': 'bytes-per-second',
  'mirror.app': 'app',
  'mirror.share': 'percent',
  'mirror.maxBodyBytes': 'bytes',
  'respond.body': 'long-text',
}

/** The unit of a number of bytes where nothing is set; MiB for the others. */
const USUAL_UNITS: Readonly<Record<string, string>> = { 'compression.minBytes': 'KiB', 'faults.bandwidth': 'KiB' }

/** Booleans that are true unless told. */
const ON_UNLESS_TOLD: ReadonlySet<string> = new Set(['faults.enabled', 'cache.statusHeader'])

/** What one sets of a policy in nine cases of ten; the rest is below "More". All of it where nothing is named. */
const FIRST: { readonly [K in PolicyKey]?: readonly string[] } = {
  rateLimit: ['rate', 'burst', 'by'],
  basicAuth: ['users'],
  jwt: ['jwks', 'keyFile', 'issuer', 'audience'],
  oidc: ['issuer', 'clientId', 'clientSecret', 'allow'],
  forwardAuth: ['app', 'url', 'path'],
  limits: ['methods', 'bodyBytes', 'concurrency'],
  cors: ['origins', 'credentials'],
  securityHeaders: ['preset', 'csp', 'frame', 'hsts'],
  cache: ['memoryBytes', 'diskBytes', 'defaultTtl'],
  rewrite: ['path', 'request', 'response'],
  faults: ['enabled', 'delay', 'error', 'abort', 'bandwidth'],
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Texts of a list that are a click away; others may be typed. */
const SUGGESTED: Readonly<Record<string, readonly string[]>> = {
  'limits.methods': METHODS,
  'cors.methods': METHODS,
  'access.allow': ['127.0.0.0/8', '::1/128', '192.168.0.0/16', '10.0.0.0/8'],
  'rateLimit.allow': ['127.0.0.0/8', '::1/128'],
  'jwt.algorithms': ['RS256', 'ES256', 'EdDSA'],
  'oidc.scopes': ['profile', 'email', 'offline_access'],
}

/** What a nested object begins with when it is switched on; an empty one where nothing is named. */
const BEGINNINGS: Readonly<Record<string, unknown>> = {
  'rateLimit.by': { header: 'X-Api-Key' },
  'securityHeaders.hsts': { maxAge: '1d' },
  'securityHeaders.csp': "default-src 'self'",
  'securityHeaders.referrer': 'strict-origin-when-cross-origin',
  'securityHeaders.permissions': 'camera=(), microphone=(), geolocation=()',
  'rewrite.path[]': { match: '', to: '/' },
  'rewrite.split': {
    variants: [
      { name: 'a', weight: 1 },
      { name: 'b', weight: 1 },
    ],
  },
  'rewrite.split.variants[]': { name: '', weight: 1 },
  'faults.delay': { time: '500ms' },
  'faults.abort': { share: 0.1 },
  'faults.error': { status: 503, share: 0.1 },
}

export function lookOf({ path }: FormField): Look | null {
  return LOOKS[path] ?? null
}

export function usualUnitOf({ path }: FormField): string {
  return USUAL_UNITS[path] ?? 'MiB'
}

export function isOnUnlessTold({ path }: FormField): boolean {
  return ON_UNLESS_TOLD.has(path)
}

export function suggestedFor({ path }: FormField): readonly string[] {
  return SUGGESTED[path] ?? []
}

/** @param path of an object or of the entries of a list: `faults.delay`, `rewrite.path[]` */
export function beginningOf(path: string): unknown {
  return structuredClone(BEGINNINGS[path] ?? {})
}

/** Whether an object is switched on and off as a whole; one that is not goes when all in it is gone. */
export function isSwitched(field: FormField): boolean {
  return field.spec.kind === 'group' && (field.spec.fields.some(({ required }) => required) || field.path in BEGINNINGS)
}

/** The fields of a policy's form: those that one mostly sets, in the order to think of them, and the others. */
export function arrangedFields(policy: PolicyKey, { fields }: GroupSpec): { first: FormField[]; more: FormField[] } {
  const names = FIRST[policy] ?? fields.map(({ key }) => key)
  const first = names.flatMap((name) => fields.find(({ key }) => key === name) ?? [])
  return { first, more: fields.filter((field) => !first.includes(field)) }
}

/** Paths that something above is said of and no schema has; for the test of this table. */
export function strayPaths(policies: readonly PolicyKey[]): string[] {
  const known = new Set(policies.flatMap((policy) => allFields(policyForm(policy)).map(({ path }) => path)))
  const named = [LOOKS, SUGGESTED, BEGINNINGS, USUAL_UNITS].flatMap((table) => Object.keys(table))
  const firsts = Object.entries(FIRST).flatMap(([policy, keys]) => keys.map((key) => `${policy}.${key}`))
  return [...named, ...firsts, ...ON_UNLESS_TOLD].filter((path) => !known.has(path.replace(/\[\]$/, '')))
}
