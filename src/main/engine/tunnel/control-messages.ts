import { z } from 'zod'

/** JSON messages about a connection as a whole, in `control` frames; see docs/tunnel-protocol.md. Unknown keys are ignored. */

/** Where agents connect to on a relay. */
export const AGENT_PATH = '/agent'
/** The header in which an agent says who it is; its token goes into `Authorization: Bearer …`. */
export const AGENT_HEADER = 'portico-agent'
/** The header in which an agent says what this connection of it connects: `tcp`, `apps`, both, or `none`; both without it. */
export const SERVES_HEADER = 'portico-serves'

/** A DNS label: a published app is a host below the relay's domain. */
export const publishedNameSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be a host label: a-z, 0-9 and "-" within')
  // Browsers show "xn--…" as letters that may look like another name (RFC 5891 section 4.2.3.1).
  .regex(/^(?!..--)/, 'must not have "--" as its third and fourth letter')

/** What a relay tells an agent. */
export const relayMessageSchema = z.discriminatedUnion('type', [
  /** the first message: the agent is taken */
  z.object({ type: z.literal('welcome'), agent: z.string(), streams: z.int() }),
  z.object({
    type: z.literal('published'),
    name: z.string(),
    url: z.string(),
    expires: z.iso.datetime().nullable(),
    /** milliseconds until then: the agent's clock may be another one */
    lifetimeMs: z.int().nullable().optional(),
  }),
  z.object({ type: z.literal('refused'), name: z.string(), reason: z.string() }),
  /** the name's time is over, or the operator took it away */
  z.object({ type: z.literal('unpublished'), name: z.string(), reason: z.string() }),
  /** TCP ports that lead to this agent now */
  z.object({
    type: z.literal('proxies'),
    proxies: z.array(
      z.object({ id: z.string(), address: z.string(), remoteHost: z.string(), remotePort: z.int().min(1).max(65_535) }),
    ),
  }),
])

/** What an agent tells a relay. */
export const agentMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('publish'),
    name: publishedNameSchema,
    /** milliseconds that it shall live; the relay may allow less; null: as long as the agent is connected */
    lifetimeMs: z.int().positive().nullable(),
    /** who may see it: Basic authentication (RFC 7617), the password hashed as `portico hash-password` does; null: everybody */
    login: z.object({ user: z.string().min(1).max(255), passwordHash: z.string().max(255) }).nullable(),
    /** it was published before the connection was lost: nothing newer of the same agent is to end for it */
    again: z.boolean().optional(),
  }),
  z.object({ type: z.literal('unpublish'), name: publishedNameSchema }),
])

export type RelayMessage = z.output<typeof relayMessageSchema>
export type AgentMessage = z.output<typeof agentMessageSchema>
