import { z } from 'zod'
import { durationSchema } from './duration.js'

export const processSchema = z.strictObject({
  command: z.union([z.string().min(1), z.array(z.string()).min(1)]),
  cwd: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
  port: z.union([z.literal('auto'), z.int().min(1).max(65535)]).optional(),
  start: z.enum(['boot', 'request', 'manual']).optional(),
  idleStop: durationSchema.optional(),
  dependsOn: z.array(z.string()).optional(),
})
