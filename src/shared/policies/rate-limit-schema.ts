import { z } from 'zod'
import { cidrSchema, headerNameSchema } from '../field-schemas.js'

/** A token bucket per key: so many requests a second, minute or hour, and a burst above that. */
export const rateLimitSchema = z.strictObject({
  rate: z.string().regex(/^[1-9]\d*\/(s|m|h|d)$/, 'must be a rate such as "100/m"'),
  burst: z.int().min(0).optional(),
  /** whose requests are counted together; by client unless told */
  by: z
    .union([z.enum(['client', 'all']), z.strictObject({ header: headerNameSchema })], {
      error: 'must be "client", "all" or {"header": "X-Api-Key"}',
    })
    .optional(),
  /** these are never limited */
  allow: z.array(cidrSchema).optional(),
  /** gateways that name the same server count together */
  redis: z
    .string()
    .regex(/^rediss?:\/\/\S+$/, 'must be a URL such as "redis://127.0.0.1:6379"')
    .optional(),
})

export type RateLimitSettings = z.output<typeof rateLimitSchema>
