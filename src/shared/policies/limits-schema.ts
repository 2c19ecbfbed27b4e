import { z } from 'zod'
import { timeLimitSchema } from '../field-schemas.js'

const METHOD = z.string().regex(/^[A-Z]+$/, 'must be an upper-case method such as "GET"')

/** Bounds on each request, and on how many there are at once. */
export const policyLimitsSchema = z.strictObject({
  /** others get 405 */
  methods: z.array(METHOD).min(1, 'must name at least one method').optional(),
  /** bytes; more gets 413 before it is read */
  bodyBytes: z.int().min(0).optional(),
  /** requests at once; more wait in the queue */
  concurrency: z.int().min(1).optional(),
  /** that may wait; more get 503. 0 unless told */
  queue: z.int().min(0).max(100_000).optional(),
  /** how long one waits at most, then 503; 10s unless told */
  queueTimeout: timeLimitSchema.optional(),
})

export type PolicyLimitsSettings = z.output<typeof policyLimitsSchema>
