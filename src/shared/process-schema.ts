import { z } from 'zod'
import { durationSchema } from './duration.js'
import { portSchema, timeLimitSchema } from './field-schemas.js'
import { healthSchema } from './upstream-schema.js'

const fileSchema = z.string().min(1, 'must name a file')

export const stopSignalSchema = z.enum(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'])

export const processSchema = z.strictObject({
  command: z.union(
    [z.string().min(1, 'must be a command'), z.array(z.string()).min(1, 'must hold the program and its arguments')],
    'must be a command line such as "npm run dev", or a list of the program and its arguments',
  ),
  cwd: z.string().min(1, 'must name a directory').optional(),
  env: z.record(z.string(), z.string()).optional(),
  envFile: z.union([fileSchema, z.array(fileSchema)], 'must name a file, or a list of files').optional(),
  port: z.union([z.literal('auto'), portSchema], 'must be "auto" or a port from 1 to 65535').optional(),
  injectPort: z.boolean().optional(),
  start: z.enum(['boot', 'request', 'manual']).optional(),
  startTimeout: timeLimitSchema.optional(),
  readyWhen: z
    .string()
    .min(1, 'must be a regular expression that a line of the output matches')
    .refine(isPattern, 'must be a regular expression, as "ready in \\\\d+ ms"')
    .optional(),
  health: healthSchema.optional(),
  idleStop: timeLimitSchema.optional(),
  dependsOn: z.array(z.string()).optional(),
  watch: z.array(z.string().min(1, 'must be a glob such as "src/**/*.py"')).optional(),
  stopSignal: stopSignalSchema.optional(),
  stopTimeout: durationSchema.optional(),
  outputFile: fileSchema.optional(),
})

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u')
    return true
  } catch {
    return false
  }
}
