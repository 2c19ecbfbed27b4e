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
})

export type History = z.output<typeof historySchema>
