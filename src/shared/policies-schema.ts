import { z } from 'zod'
import { accessSchema } from './policies/access-schema.js'
import { basicAuthSchema, forwardAuthSchema, jwtSchema, oidcSchema } from './policies/auth-schemas.js'
import { corsSchema, securityHeadersSchema } from './policies/browser-schemas.js'
import { cacheSchema, compressionSchema, rewriteSchema } from './policies/content-schemas.js'
import { policyLimitsSchema } from './policies/limits-schema.js'
import { rateLimitSchema } from './policies/rate-limit-schema.js'
import { faultsSchema, mirrorSchema, respondSchema } from './policies/trial-schemas.js'

/**
 * What may be done to the requests of a route, each off unless named. A route has its own and those of its app; where
 * both name one, the route's holds. `false` turns the app's off.
 */
export const policiesSchema = z.strictObject({
  rateLimit: orOff(rateLimitSchema),
  access: orOff(accessSchema),
  basicAuth: orOff(basicAuthSchema),
  jwt: orOff(jwtSchema),
  oidc: orOff(oidcSchema),
  forwardAuth: orOff(forwardAuthSchema),
  limits: orOff(policyLimitsSchema),
  cors: orOff(corsSchema),
  securityHeaders: orOff(securityHeadersSchema),
  compression: orOff(compressionSchema),
  cache: orOff(cacheSchema),
  rewrite: orOff(rewriteSchema),
  faults: orOff(faultsSchema),
  mirror: orOff(mirrorSchema),
  respond: orOff(respondSchema),
})

function orOff<T extends z.ZodType>(schema: T) {
  return z.union([schema, z.literal(false)]).optional()
}

export type Policies = z.output<typeof policiesSchema>
export type PolicyKey = keyof Policies
/** What a policy is set to where it is on. */
export type PolicySettings<K extends PolicyKey> = Exclude<Policies[K], undefined | false>
