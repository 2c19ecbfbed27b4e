import { z } from 'zod'

/** What Windows tells of adapters and VPNs, as the doctor asks it. */
export const windowsTunnelsSchema = z.object({
  adapters: z.array(z.object({ name: z.string(), about: z.string(), route: z.boolean(), servers: z.number() })),
  own: z.array(z.object({ name: z.string(), split: z.boolean() })),
})
