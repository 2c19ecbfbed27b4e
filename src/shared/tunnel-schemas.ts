import { z } from 'zod'

/** TCP services that users of a relay reach here. */

/** A port of the relay that leads here, and what has passed through it. */
export const tunnelProxySchema = z.object({
  id: z.string(),
  /** where users of the relay find it */
  address: z.string(),
  /** what it leads to, as this machine finds it */
  host: z.string(),
  port: z.int(),
  /** as far as can be told before its name is looked up */
  allowed: z.boolean(),
  /** why it is refused; null when it is allowed */
  refusal: z
    .object({
      reason: z.string(),
      /** nobody should allow it without a thought: Portico itself, or what a network has for its machines */
      guarded: z.boolean(),
    })
    .nullable(),
  /** users' connections: open now, made since the start, and those that were not made; ports with one target share them */
  open: z.int(),
  total: z.int(),
  failed: z.int(),
  /** from users, and to them */
  bytesIn: z.number(),
  bytesOut: z.number(),
  /** of the latest connection to the target, in milliseconds; null before one */
  connectMs: z.number().nullable(),
})

/** Connections of users that were not made, of one kind. */
export const tunnelRefusalSchema = z.object({
  target: z.string(),
  reason: z.string(),
  /** ISO 8601, of the latest */
  time: z.string(),
  count: z.int(),
})

export const tunnelStatusSchema = z.object({
  /** address of the saved relay */
  relay: z.string(),
  /** as whom the relay knows this machine; null before it has let it in */
  agent: z.string().nullable(),
  /** `waiting`: tried again by itself; `ended`: for good, kept to tell why */
  state: z.enum(['connecting', 'connected', 'waiting', 'ended']),
  /** why users reach nothing; null while nothing is wrong */
  reason: z.object({ message: z.string(), hint: z.string().optional() }).nullable(),
  /** what users may reach besides the ports of the user's own apps, as written */
  allow: z.array(z.string()),
  proxies: z.array(tunnelProxySchema),
  /** round trip to the relay in milliseconds; null when it is not known */
  latencyMs: z.number().nullable(),
  /** the latest twenty, newest first */
  refusals: z.array(tunnelRefusalSchema),
})

export const tunnelOpenSchema = z.strictObject({
  /** address of a saved relay */
  relay: z.string(),
  /** one rule each, as `db.lan:5432`; empty lines count for nothing */
  allow: z.array(z.string().max(300)).max(200),
})

export type TunnelProxy = z.output<typeof tunnelProxySchema>
export type TunnelRefusal = z.output<typeof tunnelRefusalSchema>
export type TunnelStatus = z.output<typeof tunnelStatusSchema>
export type TunnelOpen = z.output<typeof tunnelOpenSchema>
