import { z } from 'zod'
import {
  appCacheSchema,
  cacheListParamsSchema,
  cachePurgeParamsSchema,
  cachePurgeResultSchema,
} from './cache-schemas.js'
import { appSchema } from './config.js'
import { doctorProgressSchema, doctorReportSchema } from './doctor-schemas.js'
import { busyAppSchema, historySchema } from './history-schemas.js'
import { phonesStatusSchema } from './phones-schemas.js'
import { shareRelaySchema, shareStartSchema, shareStatusSchema, shareWaySchema } from './share-schemas.js'
import { systemListSchema, systemOutcomeSchema, systemPlanSchema, systemWishSchema } from './system-schemas.js'
import {
  caInfoSchema,
  trustActionSchema,
  trustOutcomeSchema,
  trustPlanSchema,
  trustSelectionSchema,
  trustStatusSchema,
} from './trust-schemas.js'
import { tunnelOpenSchema, tunnelStatusSchema } from './tunnel-schemas.js'
import {
  backendStatusSchema,
  certificateStatusSchema,
  discoveredPortSchema,
  exchangeDetailSchema,
  outputLineSchema,
  panelSessionSchema,
  policyNoteSchema,
  processStatusSchema,
  statsSchema,
} from './window-schemas.js'

/**
 * Every command and event that crosses into the engine, with the schema of what goes in and what comes out. The CLI,
 * the preload bridge, the browser panel and the tests all speak this and nothing else. Payloads are validated where
 * they arrive.
 */

const none = z.strictObject({})

export const listenerSchema = z.object({
  address: z.string(),
  port: z.int(),
  protocol: z.enum(['https', 'http']),
  /** the port by which this machine reaches it, where the system redirects that one to `port` */
  publicPort: z.int().optional(),
})

export const appStatusSchema = z.object({
  name: z.string(),
  enabled: z.boolean(),
  hosts: z.array(z.string()),
  urls: z.array(z.string()),
  target: z.string(),
  app: appSchema,
  /** the process that the app is there for, and with which it goes; one that is there for good has none */
  whilePid: z.int().optional(),
})

export const problemSchema = z.object({
  /** where in the config file, as `apps[2].routes[0].path`; empty for the file as a whole */
  path: z.string(),
  message: z.string(),
})

export const statusSchema = z.object({
  /** paused: it runs and listens nowhere */
  state: z.enum(['starting', 'running', 'paused', 'stopping']),
  version: z.string(),
  pid: z.int(),
  /** milliseconds since the engine started */
  uptimeMs: z.number(),
  dataDir: z.string(),
  configFile: z.string(),
  listeners: z.array(listenerSchema),
  apps: z.array(appStatusSchema),
  /** why the config file as it is on disk is not the one being served; null when it is */
  configError: z.object({ message: z.string(), problems: z.array(problemSchema) }).nullable(),
  /** what the config asks for that this version does not do */
  warnings: z.array(problemSchema),
  caFile: z.string(),
})

export const exchangeEntrySchema = z.object({
  /** ISO 8601, when the request head had arrived */
  time: z.string(),
  id: z.string(),
  /** null when no app owned the host */
  app: z.string().nullable(),
  host: z.string(),
  method: z.string(),
  /** path and query, secrets in the query masked */
  path: z.string(),
  /** 0 when the client went away before a status was sent */
  status: z.int(),
  bytesIn: z.number(),
  bytesOut: z.number(),
  /** milliseconds since the request head arrived; null when it never came to that */
  connectMs: z.number().nullable(),
  firstByteMs: z.number().nullable(),
  totalMs: z.number(),
  client: z.string(),
  protocol: z.enum(['http/1.0', 'http/1.1', 'h2', 'websocket', 'h2-websocket']),
  backend: z.string().nullable(),
  /** at backends; 0 when the gateway answered by itself */
  attempts: z.int(),
  error: z.string().nullable(),
  /** what policies did with it, in order; left out when they did nothing worth telling */
  notes: z.array(policyNoteSchema).optional(),
})

const entryFilter = z.strictObject({ app: z.string().optional(), limit: z.int().min(1).max(10_000).optional() })
const named = z.strictObject({ name: z.string() })
const configCheckResult = z.object({ ok: z.boolean(), problems: z.array(problemSchema) })

export const COMMANDS = {
  status: { params: none, result: statusSchema },
  'app.list': { params: none, result: z.array(appStatusSchema) },
  /**
   * `at` is its place among the apps, from 0; at the end without. With `whilePid` the app is removed when that process
   * has ended, unless somebody has changed it.
   */
  'app.add': {
    params: z.strictObject({
      app: appSchema,
      at: z.int().min(0).optional(),
      whilePid: z.int().min(1).optional(),
    }),
    result: appStatusSchema,
  },
  /** the app takes the place of the one called `name`; its own name may be another */
  'app.update': { params: z.strictObject({ name: z.string(), app: appSchema }), result: appStatusSchema },
  'app.remove': { params: named, result: appStatusSchema },
  'app.setEnabled': { params: z.strictObject({ name: z.string(), enabled: z.boolean() }), result: appStatusSchema },
  /** Starts the app's process, and first those it depends on; resolves when it is ready. */
  'app.start': { params: named, result: processStatusSchema },
  /** Resolves when its whole process group has ended. */
  'app.stop': { params: named, result: processStatusSchema },
  'app.restart': { params: named, result: processStatusSchema },
  'processes.list': { params: none, result: z.array(processStatusSchema) },
  /** the latest lines of an app's output, oldest first; `after` leaves out those up to that `seq` */
  'output.list': {
    params: z.strictObject({
      app: z.string(),
      after: z.int().optional(),
      limit: z.int().min(1).max(5_000).optional(),
    }),
    result: z.array(outputLineSchema),
  },
  'exchanges.list': { params: entryFilter, result: z.array(exchangeEntrySchema) },
  /** an exchange in full; null when it is not among the latest thousand, or their fields were too long to keep */
  'exchange.get': { params: z.strictObject({ id: z.string() }), result: exchangeDetailSchema.nullable() },
  /** Forgets the exchanges that have ended. */
  'exchanges.clear': { params: none, result: none },
  /** rates and latencies of the last minute */
  stats: { params: none, result: statsSchema },
  /** the last hour of an app, or of all together, in steps */
  history: { params: z.strictObject({ app: z.string().optional() }), result: historySchema },
  /** the apps with the most requests in the last hour */
  'history.apps': {
    params: z.strictObject({ limit: z.int().min(1).max(500).optional() }),
    result: z.array(busyAppSchema),
  },
  /** what the caches keep, app by app; of one app, its answers too */
  'cache.list': { params: cacheListParamsSchema, result: z.array(appCacheSchema) },
  /** Forgets answers that are kept: all of them, or those of an app, of a path, or below a prefix. */
  'cache.purge': { params: cachePurgeParamsSchema, result: cachePurgeResultSchema },
  'backends.list': { params: none, result: z.array(backendStatusSchema) },
  /** Stops or resumes sending new requests to a backend of an app, on one route or on all that have it. */
  'backend.drain': {
    params: z.strictObject({
      app: z.string(),
      url: z.string(),
      route: z.string().optional(),
      draining: z.boolean(),
    }),
    result: z.array(backendStatusSchema),
  },
  /** Closes the listeners, and lets requests under way end; processes go on. */
  'gateway.pause': { params: none, result: statusSchema },
  'gateway.resume': { params: none, result: statusSchema },
  /** the config in use as its file has it: nothing filled in */
  'config.get': { params: none, result: z.object({ file: z.string(), document: z.unknown() }) },
  'config.reload': { params: none, result: configCheckResult },
  'ca.info': { params: none, result: caInfoSchema },
  /**
   * Replaces the local CA by a new one, which may vouch for these domains and addresses too. Who trusts the former has to
   * trust the new one: `trust.plan` with the action `replace` tells how.
   */
  'ca.rotate': {
    params: z.strictObject({
      addDomains: z.array(z.string()).optional(),
      removeDomains: z.array(z.string()).optional(),
    }),
    result: caInfoSchema,
  },
  /**
   * Moves the key of the local CA into the keychain of the operating system, or back into a file. Only the desktop app
   * reaches the keychain.
   */
  'ca.seal': { params: z.strictObject({ sealed: z.boolean() }), result: caInfoSchema },
  /** how each trust store of this machine stands to the local CA */
  'trust.status': { params: none, result: trustStatusSchema },
  /** what an action would change, without changing it */
  'trust.plan': {
    params: z.strictObject({ action: trustActionSchema, stores: trustSelectionSchema }),
    result: trustPlanSchema,
  },
  /** Does what a plan has told, by the `id` of that plan; asks for an administrator's approval where needed. */
  'trust.apply': {
    params: z.strictObject({ action: trustActionSchema, stores: trustSelectionSchema, id: z.string() }),
    result: trustOutcomeSchema,
  },
  /** the settings by which this machine finds the hosts and permits low ports */
  'system.list': { params: none, result: systemListSchema },
  /** what an action would change, without changing it */
  'system.plan': { params: systemWishSchema, result: systemPlanSchema },
  /** Does what a plan has told, by the `id` of that plan; asks for an administrator's approval where needed. */
  'system.apply': { params: systemWishSchema.extend({ id: z.string() }), result: systemOutcomeSchema },
  /**
   * Looks at trust, names, ports and all else that has to be right, with real clients; takes some seconds. With `topics`,
   * at those alone whose id is one of them, or goes on with a colon after it.
   */
  'doctor.run': { params: z.strictObject({ topics: z.array(z.string()).optional() }), result: doctorReportSchema },
  /** what listens on this machine and could be an app */
  'ports.list': { params: none, result: z.array(discoveredPortSchema) },
  /**
   * a link that logs one browser in to the panel, once, within five minutes; with `sameUser` no browser of another user
   * of this machine, where that can be told
   */
  'panel.open': {
    params: z.strictObject({ sameUser: z.boolean().optional() }),
    result: z.object({ url: z.string() }),
  },
  'panel.sessions': { params: none, result: z.array(panelSessionSchema) },
  'panel.revoke': { params: z.strictObject({ id: z.string() }), result: none },
  /** Opens the page that brings the local CA to phones, at this machine's addresses in its networks, for ten minutes. */
  'phones.open': { params: none, result: phonesStatusSchema },
  'phones.close': { params: none, result: phonesStatusSchema },
  'phones.status': { params: none, result: phonesStatusSchema },
  /** by what an app can be shared: saved relays, then the programs that Portico knows, whether installed or not */
  'share.ways': { params: none, result: z.array(shareWaySchema) },
  /** newest first; of those that have ended the latest twenty */
  'share.list': { params: none, result: z.array(shareStatusSchema) },
  /** Begins to show an app outside, until it is stopped, its time is over or the gateway ends; `shares` tells how it goes on. */
  'share.start': { params: shareStartSchema, result: shareStatusSchema },
  /** Ends a share; one that has ended already is taken from the list. */
  'share.stop': { params: z.strictObject({ id: z.string() }), result: shareStatusSchema },
  /** Keeps a relay and its token, once the relay has accepted them; one that was kept by this address is replaced. */
  'share.relay.save': { params: shareRelaySchema, result: z.array(shareWaySchema) },
  'share.relay.forget': { params: z.strictObject({ url: z.string() }), result: z.array(shareWaySchema) },
  /** the relays whose users reach TCP services of this machine; of one that has ended by itself, why */
  'tunnel.list': { params: none, result: z.array(tunnelStatusSchema) },
  /**
   * Lets users of a saved relay reach TCP services, until it is closed or the gateway ends: the ports of this machine on
   * which enabled apps listen, and what is allowed besides. Of one that is open, what is allowed is replaced; users'
   * connections that still are stay. `tunnels` tells how it goes on.
   */
  'tunnel.open': { params: tunnelOpenSchema, result: tunnelStatusSchema },
  /** Ends it, with every user's connection; one that has ended already is taken from the list. */
  'tunnel.close': { params: z.strictObject({ relay: z.string() }), result: z.array(tunnelStatusSchema) },
  /** Turns LAN mode on or off, in the config: whether the network reaches the apps. */
  'lan.set': { params: z.strictObject({ enabled: z.boolean() }), result: statusSchema },
  /** what is served, and the hosts that have no certificate yet */
  'certificates.list': { params: none, result: z.array(certificateStatusSchema) },
  /** What the config keeps of a password; neither is stored or logged. */
  'password.hash': {
    params: z.strictObject({ password: z.string().min(1).max(1_024) }),
    result: z.object({ hash: z.string() }),
  },
  /** Issues the certificate of a name anew; refused for one that Portico does not issue itself. */
  'certificates.renew': { params: named, result: certificateStatusSchema },
  stop: { params: none, result: none },
} as const satisfies Record<string, { params: z.ZodType; result: z.ZodType }>

export const EVENTS = {
  /** one access-log entry, sent when the exchange has ended */
  exchange: exchangeEntrySchema,
  /** the status has changed: config applied or refused, listeners opened or closed */
  status: statusSchema,
  /** the ports on which apps may listen: when somebody begins to watch them, and on each change */
  ports: z.array(discoveredPortSchema),
  /** once a second while somebody follows */
  stats: statsSchema,
  /** all of them, when one turned healthy or unhealthy or the config has others */
  backends: z.array(backendStatusSchema),
  /** all of them, when one changed, and every two seconds with fresh figures while somebody follows */
  processes: z.array(processStatusSchema),
  /** how the trust stores stand: when Portico itself has changed one, or the CA */
  trust: trustStatusSchema,
  /** what the doctor knows so far, with each topic that is done; the last one has none running */
  doctor: doctorProgressSchema,
  /** all of them, on each change, and every second with fresh figures while one is open and somebody follows */
  shares: z.array(shareStatusSchema),
  /** all of them, on each change, and every second with fresh figures while one is open and somebody follows */
  tunnels: z.array(tunnelStatusSchema),
  /** new lines of an app's output */
  output: z.object({ app: z.string(), lines: z.array(outputLineSchema) }),
} as const satisfies Record<string, z.ZodType>

export type CommandName = keyof typeof COMMANDS
export type CommandParams<N extends CommandName> = z.input<(typeof COMMANDS)[N]['params']>
export type CommandResult<N extends CommandName> = z.output<(typeof COMMANDS)[N]['result']>
export type EventName = keyof typeof EVENTS
export type EventPayload<N extends EventName> = z.output<(typeof EVENTS)[N]>

export type Listener = z.output<typeof listenerSchema>
export type AppStatus = z.output<typeof appStatusSchema>
export type Status = z.output<typeof statusSchema>
export type Problem = z.output<typeof problemSchema>
export type ExchangeEntry = z.output<typeof exchangeEntrySchema>

/** What every transport offers: the engine itself, the control client, the preload bridge, the panel's bridge. */
export interface Portal {
  /** Rejects with a Fault when the command was refused or failed. */
  call<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>>
  /** Returns the function that ends the subscription. */
  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void
}
