import { z } from 'zod'
import { durationSchema } from './duration.js'
import { headerNameSchema, timeLimitSchema } from './field-schemas.js'

/** How requests are sent to the backends; WebSockets and health checks go over HTTP/1.1 in any case. */
export const upstreamProtocolSchema = z.enum(['auto', 'http1', 'h2'])

export const balanceSchema = z.enum(['round-robin', 'least-connections', 'ip-hash', 'random', 'first'])

const STATUS_RANGE = 'must be a status such as 204, a class such as "2xx" or a range such as "200-399"'

/** Statuses that count as a good answer: 204, "2xx", "200-399". */
export const statusSetSchema = z
  .array(
    z.union(
      [
        z.int().min(100, STATUS_RANGE).max(599, STATUS_RANGE),
        z.string().regex(/^([1-5]xx|[1-5]\d\d-[1-5]\d\d)$/, STATUS_RANGE),
      ],
      STATUS_RANGE,
    ),
  )
  .min(1, 'must name at least one status')

export const healthSchema = z
  .strictObject({
    path: z.string().startsWith('/', 'must begin with "/"').optional(),
    tcp: z.boolean().optional(),
    expect: statusSetSchema.optional(),
    interval: timeLimitSchema.optional(),
    timeout: timeLimitSchema.optional(),
    unhealthyAfter: z.int().min(1).optional(),
    healthyAfter: z.int().min(1).optional(),
  })
  .refine(
    (health) => health.tcp !== true || (health.path === undefined && health.expect === undefined),
    'asks for nothing with "tcp": leave out "path" and "expect", or "tcp"',
  )

/** What the requests themselves say of a backend. */
export const passiveHealthSchema = z.strictObject({
  failures: z.int().min(1).optional(),
  errorRate: z.number().min(0.01).max(1).optional(),
  window: timeLimitSchema.optional(),
  cooldown: timeLimitSchema.optional(),
})

export const retrySchema = z.strictObject({
  attempts: z.int().min(1).max(10).optional(),
  backoff: durationSchema.optional(),
  budget: z.number().min(0).max(1).optional(),
})

export const breakerSchema = z.strictObject({
  failures: z.int().min(1).optional(),
  cooldown: timeLimitSchema.optional(),
})

export const stickySchema = z.union(
  [z.boolean(), z.strictObject({ cookie: headerNameSchema.optional(), maxAge: timeLimitSchema.optional() })],
  'must be true, or {"cookie": …, "maxAge": …}',
)

export const connectionsSchema = z.strictObject({
  max: z.int().min(1).max(65_535).optional(),
  idle: timeLimitSchema.optional(),
})
