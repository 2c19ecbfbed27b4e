import { z } from 'zod'

export const policiesSchema = z.strictObject({
  rateLimit: z
    .strictObject({
      rate: z.string().regex(/^\d+\/(s|m|h)$/, 'must be a rate such as "100/m"'),
      burst: z.int().min(0).optional(),
    })
    .optional(),
  cors: z.strictObject({ origins: z.array(z.string()).min(1, 'must name at least one origin') }).optional(),
})
