import { z } from 'zod'
import { durationSchema } from './duration.js'

export const balanceSchema = z.enum(['round-robin', 'least-connections', 'ip-hash', 'random', 'first'])

export const healthSchema = z.strictObject({
  path: z.string().startsWith('/', 'must begin with "/"').optional(),
  interval: durationSchema.optional(),
  timeout: durationSchema.optional(),
  unhealthyAfter: z.int().min(1).optional(),
  healthyAfter: z.int().min(1).optional(),
})

export const retrySchema = z.strictObject({
  attempts: z.int().min(1).max(10).optional(),
  backoff: durationSchema.optional(),
})

export const breakerSchema = z.strictObject({
  failures: z.int().min(1).optional(),
  cooldown: durationSchema.optional(),
})
