import { z } from 'zod'
import { durationSchema } from '../duration.js'
import { headerNameSchema, headerValueSchema, regexSchema } from '../field-schemas.js'

const ORIGIN =
  'must be an origin such as "https://app.localhost", a wildcard "https://*.app.localhost", {"regex": …} or "*"'

/** Which pages of other origins may read the answers (Fetch standard, CORS protocol). */
export const corsSchema = z
  .strictObject({
    origins: z
      .array(
        z.union(
          [
            z.string().regex(/^(\*|https?:\/\/[^\s/?#]+|[a-z][a-z0-9+.-]*:\/\/[^\s/?#*]+)$/i, ORIGIN),
            z.strictObject({ regex: regexSchema }),
          ],
          {
            error: ORIGIN,
          },
        ),
      )
      .min(1, 'must name at least one origin'),
    methods: z.array(z.string().regex(/^[A-Z]+$/, 'must be an upper-case method such as "GET"')).optional(),
    headers: z.array(z.union([z.literal('*'), headerNameSchema])).optional(),
    exposeHeaders: z.array(z.union([z.literal('*'), headerNameSchema])).optional(),
    credentials: z.boolean().optional(),
    maxAge: durationSchema.optional(),
    /** Private Network Access: pages of public sites may ask too */
    privateNetwork: z.boolean().optional(),
  })
  .refine(({ origins, credentials }) => credentials !== true || !origins.includes('*'), {
    path: ['credentials'],
    error: 'may not be true with the origin "*": name the origins',
  })

/** Fields that tell a browser to be careful. */
export const securityHeadersSchema = z.strictObject({
  preset: z.enum(['development', 'production-like']).optional(),
  /** Strict-Transport-Security; on localhost names only with "onLocalhost" */
  hsts: z
    .union([
      z.literal(false),
      z.strictObject({
        maxAge: durationSchema,
        includeSubDomains: z.boolean().optional(),
        preload: z.boolean().optional(),
        onLocalhost: z.boolean().optional(),
      }),
    ])
    .optional(),
  csp: z.union([z.literal(false), headerValueSchema.min(1)]).optional(),
  cspReportOnly: z.boolean().optional(),
  frame: z.union([z.literal(false), z.enum(['deny', 'same-origin'])]).optional(),
  nosniff: z.boolean().optional(),
  referrer: z.union([z.literal(false), headerValueSchema.min(1)]).optional(),
  permissions: z.union([z.literal(false), headerValueSchema.min(1)]).optional(),
  crossOriginOpener: z
    .union([z.literal(false), z.enum(['same-origin', 'same-origin-allow-popups', 'unsafe-none'])])
    .optional(),
})

export type CorsSettings = z.output<typeof corsSchema>
export type SecurityHeadersSettings = z.output<typeof securityHeadersSchema>
