import { z } from 'zod'

const column = z.array(z.number())
/** null where a step had nothing to measure */
const gappy = z.array(z.number().nullable())

/**
 * The last hour of one app, or of all together, as columns of equal length with one number per step, oldest first. The
 * last step is still under way.
 */
export const historySchema = z.object({
  /** null for all apps together */
  app: z.string().nullable(),
  stepSeconds: z.int(),
  /** beginning of each step, in seconds since the epoch */
  times: column,
  /** false where the gateway did not run: it had not been started, was turned off, or the machine slept */
  running: z.array(z.boolean()),
  /** that ended in the step */
  requests: column,
  /** of these, answers of status 400 to 499 */
  clientErrors: column,
  /** answers of status 500 and up */
  serverErrors: column,
  /** the client went away before a status was sent */
  abandoned: column,
  /** milliseconds; event streams and tunnels count with their first byte */
  p50Ms: gappy,
  p95Ms: gappy,
  p99Ms: gappy,
  /** of bodies, from clients and to them */
  bytesIn: column,
  bytesOut: column,
  /** most exchanges that were in progress at once */
  inFlightPeak: column,
  /** attempts after the first */
  retries: column,
  rateLimited: column,
  /** answered out of the cache */
  cacheHits: column,
  /** the gateway's own process, null where it did not run; null for an app */
  gateway: z
    .object({
      /** resident */
      memoryBytes: gappy,
      /** part of one core that all of its threads took, 1 for a whole one */
      cpu: gappy,
    })
    .nullable(),
})

/** The last hour of one app in one number of each. */
export const busyAppSchema = z.object({
  app: z.string(),
  requests: z.int(),
  /** of these, answers of status 400 to 499 */
  clientErrors: z.int(),
  /** answers of status 500 and up */
  serverErrors: z.int(),
  /** milliseconds, over the last 50 to 60 minutes; null when nothing was measured */
  p95Ms: z.number().nullable(),
  /** of bodies, to clients */
  bytesOut: z.number(),
})

export type History = z.output<typeof historySchema>
export type BusyApp = z.output<typeof busyAppSchema>
