import { z } from 'zod'

/** What the window shows beyond the status: schemas of the contract, kept apart for their number. */

/** Somebody listens on a loopback port: an app that could be added. */
export const discoveredPortSchema = z.object({
  port: z.int(),
  addresses: z.array(z.string()),
  pid: z.int().nullable(),
  /** name of the process, without arguments */
  command: z.string().nullable(),
  /** its working directory */
  folder: z.string().nullable(),
  /** such as "Vite" or "Next.js"; null when not recognised */
  framework: z.string().nullable(),
  /** a name for the app that is free and valid */
  proposedName: z.string(),
  /** the app that leads there already; null when none does */
  app: z.string().nullable(),
})

/** What a policy did with an exchange: its key and a word such as "limited" or "hit". */
export const policyNoteSchema = z.object({ policy: z.string(), outcome: z.string() })

const headerPairs = z.array(z.tuple([z.string(), z.string()]))

/** One exchange in full; kept for the latest exchanges only. */
export const exchangeDetailSchema = z.object({
  id: z.string(),
  /** as client and backend know it; the same as `id` unless the client's own was taken over */
  requestId: z.string(),
  /** 32 hex digits; null while there is no tracing */
  traceId: z.string().nullable(),
  /** what policies did with it, in order */
  notes: z.array(policyNoteSchema),
  /** path of the route that matched; null when none did */
  route: z.string().nullable(),
  requestHeaders: headerPairs,
  /** null when no answer was begun */
  responseHeaders: headerPairs.nullable(),
  /** what came behind the bodies: from the client, and to it */
  requestTrailers: headerPairs,
  responseTrailers: headerPairs,
  tls: z
    .object({
      protocol: z.string(),
      cipher: z.string(),
      alpn: z.string().nullable(),
      serverName: z.string().nullable(),
    })
    .nullable(),
  /** in order; the last one answered, unless it carries an error */
  attempts: z.array(
    z.object({
      backend: z.string(),
      error: z.string().nullable(),
      /** milliseconds from the arrival of the request head to its beginning */
      startedMs: z.number(),
      /** milliseconds until its answer had been passed on, or it failed */
      ms: z.number(),
      /** null when it brought no answer */
      status: z.int().nullable(),
    }),
  ),
})

export const appStatsSchema = z.object({
  app: z.string(),
  /** requests per second of the last 60 seconds, oldest first */
  rates: z.array(z.number()),
  /** milliseconds over the last minute; null without requests */
  p95Ms: z.number().nullable(),
  /** answers of status 500 and up in the last minute */
  errors: z.int(),
})

export const statsSchema = z.object({
  apps: z.array(appStatsSchema),
  total: appStatsSchema.omit({ app: true }),
  inFlight: z.int(),
})

/** What is known of a backend from its health checks and the requests that went there. */
export const backendStatusSchema = z.object({
  app: z.string(),
  route: z.string(),
  url: z.string(),
  health: z.enum(['unknown', 'healthy', 'unhealthy']),
  /** why it is unhealthy, in a sentence */
  reason: z.string().nullable(),
  /** ISO 8601, when `health` last changed */
  since: z.string().nullable(),
  weight: z.int(),
  breaker: z.enum(['closed', 'open', 'half-open']),
  /** ISO 8601, when a backend that gets no requests now is tried again; null while it gets them */
  retryAt: z.string().nullable(),
  /** requests and tunnels under way */
  inFlight: z.int(),
  /** it gets no new requests, by a person's wish */
  draining: z.boolean(),
  /** the latest health check; null when none is made */
  check: z
    .object({
      /** ISO 8601 */
      at: z.string(),
      ok: z.boolean(),
      ms: z.number(),
      /** such as "200 OK" or "connection refused" */
      result: z.string(),
    })
    .nullable(),
})

export const processStateSchema = z.enum([
  'stopped',
  /** for an app that it depends on */
  'waiting',
  'starting',
  'running',
  'stopping',
  /** it crashed and is started again in a moment */
  'backing-off',
  /** it is not started again by itself */
  'failed',
])

/** The process of one app. */
export const processStatusSchema = z.object({
  app: z.string(),
  state: processStateSchema,
  pid: z.int().nullable(),
  /** that it listens on, or will */
  port: z.int().nullable(),
  /** starts after a crash since it was last started by a person or the config */
  restarts: z.int(),
  /** how its latest run ended; null while there was none */
  exit: z
    .object({
      code: z.int().nullable(),
      signal: z.string().nullable(),
      /** ISO 8601 */
      at: z.string(),
      /** the last lines of its output, without control sequences */
      lastLines: z.array(z.string()),
    })
    .nullable(),
  /** the process has ended by itself but left something that answers on its port */
  detached: z.boolean(),
  /** why it is in this state, in a sentence; null when nothing needs saying */
  reason: z.string().nullable(),
  /** the name of an app that this one waits for */
  waitingFor: z.string().nullable(),
  /** ISO 8601 */
  startedAt: z.string().nullable(),
  /** ISO 8601, when one that crashed is started again */
  nextStartAt: z.string().nullable(),
  command: z.string(),
  /** percent of one core, over the whole group; null when not known */
  cpu: z.number().nullable(),
  /** bytes resident, over the whole group; null when not known */
  memory: z.number().nullable(),
})

export const outputLineSchema = z.object({
  /** counts up by one for each line of an app, from 1 */
  seq: z.int(),
  /** ISO 8601 */
  time: z.string(),
  /** "portico" tells what the gateway did with the process */
  stream: z.enum(['stdout', 'stderr', 'portico']),
  /** with its ANSI sequences, without the line end */
  text: z.string(),
})

/** The certificate of one host or wildcard. */
export const certificateStatusSchema = z.object({
  /** the host or wildcard it is for; "+default" for clients that name no host */
  name: z.string(),
  source: z.enum(['local', 'self-signed', 'acme', 'file']),
  /** null while it is missing, as are the next two */
  issuer: z.string().nullable(),
  /** ISO 8601 */
  notAfter: z.string().nullable(),
  fingerprint: z.string().nullable(),
  /**
   * expiring: its end is near and it has not been renewed; missing: none has been issued yet, or none can be had;
   * outside-constraints: the local CA may not vouch for the host, and a new one has to
   */
  state: z.enum(['valid', 'expiring', 'expired', 'missing', 'outside-constraints']),
  /** why it is not what the config asks for, or could not be renewed; null when nothing went wrong */
  lastError: z.string().nullable(),
})

/** A browser that is logged in to the panel. */
export const panelSessionSchema = z.object({
  id: z.string(),
  /** ISO 8601 */
  createdAt: z.string(),
  lastSeenAt: z.string(),
  client: z.string(),
  userAgent: z.string(),
})

export type DiscoveredPort = z.output<typeof discoveredPortSchema>
export type PolicyNote = z.output<typeof policyNoteSchema>
export type ExchangeDetail = z.output<typeof exchangeDetailSchema>
export type AppStats = z.output<typeof appStatsSchema>
export type Stats = z.output<typeof statsSchema>
export type BackendStatus = z.output<typeof backendStatusSchema>
export type ProcessState = z.output<typeof processStateSchema>
export type ProcessStatus = z.output<typeof processStatusSchema>
export type OutputLine = z.output<typeof outputLineSchema>
export type CertificateStatus = z.output<typeof certificateStatusSchema>
export type PanelSession = z.output<typeof panelSessionSchema>
