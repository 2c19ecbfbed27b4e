import { z } from 'zod'
import { durationSchema } from './duration.js'
import { portSchema } from './field-schemas.js'

export const processSchema = z.strictObject({
  command: z.union(
    [z.string().min(1, 'must be a command'), z.array(z.string()).min(1, 'must hold the program and its arguments')],
    'must be a command line such as "npm run dev", or a list of the program and its arguments',
  ),
  cwd: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
  port: z.union([z.literal('auto'), portSchema], 'must be "auto" or a port from 1 to 65535').optional(),
  start: z.enum(['boot', 'request', 'manual']).optional(),
  idleStop: durationSchema.optional(),
  dependsOn: z.array(z.string()).optional(),
})
