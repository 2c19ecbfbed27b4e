import type { PolicyKey, PolicySettings } from '../../../../shared/policies-schema.js'
import { makeAccess } from './access.js'
import { BasicAuthPolicy } from './basic-auth/basic-auth.js'
import { makeCache } from './cache/cache-policy.js'
import { makeCompression } from './compression.js'
import { makeCors } from './cors.js'
import { makeFaults } from './faults.js'
import { ForwardAuthPolicy } from './forward-auth/forward-auth.js'
import { JwtPolicy } from './jwt/jwt.js'
import { makeLimits } from './limits.js'
import { makeMirror } from './mirror.js'
import { OidcPolicy } from './oidc/oidc.js'
import type { Policy, PolicyScope } from './policy.js'
import { makeRateLimit } from './rate-limit.js'
import { makeRespond } from './respond.js'
import { makeRewrite } from './rewrite/rewrite.js'
import { makeSecurityHeaders } from './security-headers.js'

type Maker<K extends PolicyKey> = (settings: PolicySettings<K>, scope: PolicyScope) => Policy

/** Those that this version has; `unsupportedFeatures` tells of the others. */
export const MAKERS: { readonly [K in PolicyKey]?: Maker<K> } = {
  securityHeaders: makeSecurityHeaders,
  access: makeAccess,
  cors: makeCors,
  compression: makeCompression,
  rateLimit: makeRateLimit,
  limits: makeLimits,
  basicAuth: (settings, scope) => new BasicAuthPolicy(settings, scope),
  jwt: (settings, scope) => new JwtPolicy(settings, scope),
  oidc: (settings, scope) => new OidcPolicy(settings, scope),
  forwardAuth: (settings, scope) => new ForwardAuthPolicy(settings, scope),
  cache: makeCache,
  faults: makeFaults,
  rewrite: makeRewrite,
  respond: makeRespond,
  mirror: makeMirror,
}

export const AVAILABLE_POLICIES: ReadonlySet<PolicyKey> = new Set(Object.keys(MAKERS) as PolicyKey[])

/** A policy of these settings. */
export function makePolicy<K extends PolicyKey>(key: K, settings: PolicySettings<K>, scope: PolicyScope): Policy {
  const maker: Maker<K> | undefined = MAKERS[key]
  return maker === undefined ? PASSES : maker(settings, scope)
}

const PASSES: Policy = { decide: () => ({ kind: 'continue' }) }
