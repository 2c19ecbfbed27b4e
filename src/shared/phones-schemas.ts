import { z } from 'zod'

/** The page that brings the local CA to phones. */
export const phonesStatusSchema = z.object({
  open: z.boolean(),
  /** the same page at each address of this machine, the likeliest first; whoever has one may read it */
  urls: z.array(z.string()),
  /** ISO 8601, when it closes by itself; null while it is closed */
  expiresAt: z.string().nullable(),
  /** the setting of the config: whether the network reaches the apps */
  lan: z.object({ enabled: z.boolean(), mdns: z.boolean() }),
})

export type PhonesStatus = z.output<typeof phonesStatusSchema>
