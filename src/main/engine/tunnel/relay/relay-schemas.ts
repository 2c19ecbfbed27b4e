import { z } from 'zod'
import { hostNameSchema, listenPortSchema, portSchema } from '../../../../shared/field-schemas.js'

/** What a relay keeps in its files, and what its API takes and gives; see docs/tunnels.md. */

export const agentIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/, 'must be 1 to 64 letters, digits or inner ".", "_", "-"')

export const portRangeSchema = z
  .strictObject({ from: portSchema, to: portSchema })
  .refine(({ from, to }) => from <= to, 'must not end before it begins')

export const tokenLimitsSchema = z.strictObject({
  /** users' connections at once */
  connections: z.int().min(1),
  proxies: z.int().min(1),
  /** bytes per second, both directions of all connections together; null for no limit */
  bandwidth: z.int().min(1024, 'must be at least 1024 bytes per second').nullable(),
})

export const DEFAULT_LIMITS: TokenLimits = { connections: 1_000, proxies: 100, bandwidth: null }

/** A token as it is kept: never the token itself. */
export const tokenRecordSchema = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{12}$/),
  /** SHA-256 of the token, in hexadecimal digits: of 256 random bits, so nobody can search for what has it */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** whose it is; null for a token that only administers */
  agent: agentIdSchema.nullable(),
  /** may use the API over the network */
  admin: z.boolean(),
  /** local ports of proxies that may lead to the agent; null for any */
  ports: portRangeSchema.nullable(),
  limits: tokenLimitsSchema,
  created: z.iso.datetime(),
  expires: z.iso.datetime().nullable(),
})

export const proxyRecordSchema = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{12}$/),
  agent: agentIdSchema,
  /** address of this machine that it listens on */
  address: z.union([z.ipv4(), z.ipv6()]),
  localPort: portSchema,
  /** as the agent reaches it */
  remoteHost: hostNameSchema,
  remotePort: portSchema,
})

export const tokenWishSchema = z.strictObject({
  client_id: agentIdSchema.nullable().default(null),
  admin: z.boolean().default(false),
  ports: portRangeSchema.nullable().default(null),
  expires_at: z.iso.datetime().nullable().default(null),
  max_connections: tokenLimitsSchema.shape.connections.default(DEFAULT_LIMITS.connections),
  max_proxies: tokenLimitsSchema.shape.proxies.default(DEFAULT_LIMITS.proxies),
  max_bandwidth: tokenLimitsSchema.shape.bandwidth.default(DEFAULT_LIMITS.bandwidth),
})

export const proxyWishSchema = z.strictObject({
  client_id: agentIdSchema,
  remote_host: hostNameSchema,
  remote_port: portSchema,
  /** 0 for any that is free */
  local_port: listenPortSchema,
  local_address: proxyRecordSchema.shape.address.default('127.0.0.1'),
  protocol: z.literal('tcp').optional(),
})

export const idWishSchema = z.strictObject({ id: z.string().min(1).max(64) })

export const tokenViewSchema = z.object({
  id: z.string(),
  client_id: z.string().nullable(),
  admin: z.boolean(),
  ports: portRangeSchema.nullable(),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  expired: z.boolean(),
  max_connections: z.int(),
  max_proxies: z.int(),
  max_bandwidth: z.int().nullable(),
})

/** The only time that a token is told. */
export const tokenMadeSchema = tokenViewSchema.extend({ token: z.string() })

export const proxyViewSchema = z.object({
  id: z.string(),
  client_id: z.string(),
  remote_host: z.string(),
  remote_port: z.int(),
  local_address: z.string(),
  local_port: z.int(),
  state: z.enum(['listening', 'failed', 'relay-not-running']),
  /** why it does not listen */
  error: z.string().nullable(),
  /** connections of the agent that it may use now */
  agents: z.int(),
})

const connectionViewSchema = z.object({
  client: z.string(),
  opened_at: z.string(),
  /** bytes from the user */
  bytes_in: z.int(),
  /** bytes to the user */
  bytes_out: z.int(),
  /** milliseconds until the agent had connected; null while it has not */
  connect_ms: z.number().nullable(),
})

export const proxyStatsSchema = z.object({
  id: z.string(),
  client_id: z.string(),
  local_port: z.int(),
  open: z.int(),
  total: z.int(),
  refused: z.int(),
  bytes_in: z.int(),
  bytes_out: z.int(),
  /** milliseconds until the agent had connected, of the latest connection; null before the first */
  connect_ms: z.number().nullable(),
  /** the latest of those that are open, at most 100 */
  connections: z.array(connectionViewSchema),
})

export const relayStatusSchema = z.object({
  version: z.string(),
  pid: z.int(),
  started_at: z.string(),
  url: z.string(),
  proxies: z.int(),
  tokens: z.int(),
  /** what somebody has to do something about, in sentences */
  troubles: z.array(z.string()).default([]),
  agents: z.array(
    z.object({
      client_id: z.string(),
      address: z.string(),
      protocol: z.string(),
      token_id: z.string(),
      connected_at: z.string(),
      streams: z.int(),
      /** round trip in milliseconds */
      latency_ms: z.number().nullable(),
    }),
  ),
  published: z.array(
    z.object({
      name: z.string(),
      url: z.string(),
      client_id: z.string(),
      expires_at: z.string().nullable(),
      /** that have ended, since it was published */
      requests: z.int(),
      bytes_in: z.int(),
      bytes_out: z.int(),
    }),
  ),
})

export type TokenLimits = z.output<typeof tokenLimitsSchema>
export type TokenRecord = z.output<typeof tokenRecordSchema>
export type ProxyRecord = z.output<typeof proxyRecordSchema>
export type TokenWish = z.output<typeof tokenWishSchema>
export type ProxyWish = z.output<typeof proxyWishSchema>
export type TokenView = z.output<typeof tokenViewSchema>
export type TokenMade = z.output<typeof tokenMadeSchema>
export type ProxyView = z.output<typeof proxyViewSchema>
export type ProxyStats = z.output<typeof proxyStatsSchema>
export type ConnectionView = z.output<typeof connectionViewSchema>
export type RelayStatus = z.output<typeof relayStatusSchema>
