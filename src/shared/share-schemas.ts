import { z } from 'zod'

/** Apps that are shown outside of this machine, and by what. */

/** Programs by which an app can be shared, when they are installed. */
export const shareToolSchema = z.enum(['cloudflared', 'ngrok', 'tailscale'])

/** By what an app is shared: a relay that was saved, by its address, or a program of this machine. */
export const shareViaSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('relay'), url: z.string() }),
  z.strictObject({ kind: z.literal('tool'), tool: shareToolSchema }),
])

/** What a person may choose from to share an app. */
export const shareWaySchema = z.discriminatedUnion('kind', [
  /** a saved relay; its token is never told */
  z.object({ kind: z.literal('relay'), url: z.string(), customCa: z.boolean() }),
  z.object({
    kind: z.literal('tool'),
    tool: shareToolSchema,
    /** as people call it: `Cloudflare Tunnel` */
    title: z.string(),
    /** where its program was found; null when it is not installed */
    program: z.string().nullable(),
    version: z.string().nullable(),
    /** what keeps it from being used as things stand, and what to do about it; null when nothing is known to */
    obstacle: z.object({ message: z.string(), hint: z.string() }).nullable(),
  }),
])

export const shareStatsSchema = z.object({
  /** connections of visitors, as they arrive here: open now, and since the start */
  open: z.int(),
  total: z.int(),
  requests: z.int(),
  /** from visitors, and to them */
  bytesIn: z.number(),
  bytesOut: z.number(),
  /** round trip to the relay in milliseconds; null when it is not known */
  latencyMs: z.number().nullable(),
})

export const shareStatusSchema = z.object({
  id: z.string(),
  app: z.string(),
  via: shareViaSchema,
  /** below the relay's domain; null by a tool, which chooses it */
  name: z.string().nullable(),
  /** `waiting`: it was there, or may be soon, and is tried again; `ended`: for good, kept to tell why */
  state: z.enum(['starting', 'open', 'waiting', 'ended']),
  /** where visitors find it; null before it is known */
  url: z.string().nullable(),
  /** ISO 8601 */
  startedAt: z.string(),
  /** ISO 8601; null when only a person ends it */
  expiresAt: z.string().nullable(),
  /** the user name that visitors give together with the password; null when everybody is let in */
  user: z.string().nullable(),
  /** why it is not open; null while nothing is wrong */
  reason: z.object({ message: z.string(), hint: z.string().optional() }).nullable(),
  stats: shareStatsSchema,
})

export const shareStartSchema = z.strictObject({
  app: z.string(),
  via: shareViaSchema,
  /** the name below the relay's domain; that of the app unless told; no tool has it */
  name: z.string().optional(),
  /** milliseconds until it ends by itself */
  lifetimeMs: z.int().positive().max(2_147_483_647).optional(),
  /** whom to let in; the password is hashed before it goes anywhere */
  login: z.strictObject({ user: z.string().min(1).max(255), password: z.string().min(1).max(1_024) }).optional(),
})

export const shareRelaySchema = z.strictObject({
  /** `wss://relay.example.com` */
  url: z.string(),
  token: z.string(),
  /** PEM of who signed the relay's certificate, when the system does not trust it */
  ca: z.string().optional(),
})

export type ShareTool = z.output<typeof shareToolSchema>
export type ShareVia = z.output<typeof shareViaSchema>
export type ShareWay = z.output<typeof shareWaySchema>
export type ShareStats = z.output<typeof shareStatsSchema>
export type ShareStatus = z.output<typeof shareStatusSchema>
export type ShareStart = z.output<typeof shareStartSchema>
export type ShareRelay = z.output<typeof shareRelaySchema>
