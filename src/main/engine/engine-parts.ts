import { EventEmitter } from 'node:events'
import path from 'node:path'
import type { Config } from '../../shared/config.js'
import { httpsPortOf } from '../../shared/https-port.js'
import type { CertificateStatus, Stats } from '../../shared/window-schemas.js'
import { openProcesses, type ProcessParts } from './app-processes.js'
import { Caches } from './caches.js'
import { acmeDemand, demandFor, demands } from './certificate-demands.js'
import { certificateStatuses } from './certificate-status.js'
import { ConfigStore } from './config/config-store.js'
import { withoutApp } from './config/edit-apps.js'
import { resolveConfigPaths } from './config/paths.js'
import { Panel } from './control/panel/panel.js'
import type { PortDiscovery } from './discovery/port-discovery.js'
import { DnsResponder } from './dns/dns-responder.js'
import { dnsZone } from './dns-zone.js'
import type { EngineOptions } from './engine-options.js'
import { EventSources } from './event-sources.js'
import { Gateway } from './gateway/gateway.js'
import type { PolicyServices } from './gateway/policies/policy.js'
import { PolicyPool } from './gateway/policies/policy-pool.js'
import { compileSnapshot, type Snapshot } from './gateway/snapshot.js'
import { SubRequestSender } from './gateway/sub-requests.js'
import { Lan } from './lan.js'
import { systemAddresses } from './network-addresses.js'
import { Observe } from './observe/observe.js'
import { observeSettings } from './observe-settings.js'
import { openDiscovery } from './open-discovery.js'
import type { LazyShares } from './open-shares.js'
import { openSharing } from './open-sharing.js'
import type { LazyTunnels } from './open-tunnels.js'
import { openUpstreams } from './open-upstreams.js'
import { EverySecond, OnChange } from './paced-events.js'
import { TemporaryApps } from './temporary-apps.js'
import { Certificates } from './tls/certificates.js'
import { Traffic } from './traffic/traffic.js'
import { upstreamRoutesOf } from './upstream-routes.js'
import type { Upstreams } from './upstreams/upstreams.js'

/** What the engine is made of, wired together. */
export interface EngineParts {
  store: ConfigStore
  certificates: Certificates
  gateway: Gateway
  upstreams: Upstreams
  processes: ProcessParts
  panel: Panel
  traffic: Traffic
  /** rates and latencies of the last minute */
  stats(): Stats
  events: EventEmitter
  sources: EventSources
  discovery: PortDiscovery
  dns: DnsResponder
  lan: Lan
  shares: LazyShares
  tunnels: LazyTunnels
  temporary: TemporaryApps
  policies: PolicyPool
  caches: Caches
  observe: Observe
  /** Has the logs, metrics and traces follow a config that was compiled. */
  observeConfig(config: Config, snapshot: Snapshot): Promise<void>
  /** Compiles a config of the store, whose paths are relative to its file. */
  compile(config: Config): Snapshot
}

/** Opens config and CA and makes the gateway, which listens nowhere yet. Nothing stays open when it throws. */
export async function openParts(options: EngineOptions): Promise<EngineParts> {
  const store = await ConfigStore.open({ file: options.configFile, log: options.log })
  try {
    return await openAround(store, options)
  } catch (error) {
    await store.close()
    throw error
  }
}

export function appNames({ table }: Snapshot): string[] {
  return table.apps.map(({ name }) => name)
}

/** What is served, and the hosts that have no certificate yet. */
export function listCertificates({ certificates, gateway }: EngineParts): Promise<CertificateStatus[]> {
  return certificateStatuses(certificates, demands(gateway.snapshot()), Date.now())
}

/** Issues the certificate of a name anew. @throws Fault when there is none that can be */
export async function renewCertificate(parts: EngineParts, name: string): Promise<CertificateStatus> {
  const { leafName } = await parts.certificates.renew(name)
  const statuses = await listCertificates(parts)
  return statuses.find((one) => one.name === leafName) as CertificateStatus
}

async function openAround(store: ConfigStore, options: EngineOptions): Promise<EngineParts> {
  const requests = new SubRequestSender({
    table: () => snapshot().table,
    upstreams: () => upstreams,
    processes: () => processes.processes,
  })
  const refetch: PolicyServices['refetch'] = async (exchange, prepare) => gateway?.refetch(exchange, prepare)
  const policies = new PolicyPool({ dataDir: options.dataDir, log: options.log, requests, refetch })
  const compile = (config: Config) => {
    policies.begin()
    return compileSnapshot(resolveConfigPaths(config, path.dirname(store.file)), policies)
  }
  const first = compile(store.current)
  const events = new EventEmitter().setMaxListeners(0)
  const traffic = new Traffic()
  traffic.apply(appNames(first))
  const backends = new OnChange(() => events.emit('backends', upstreams.list()))
  const upstreams = openUpstreams(options, events, () => backends.changed())
  upstreams.apply(upstreamRoutesOf(first))
  let gateway: Gateway | null = null
  const snapshot = () => gateway?.snapshot() ?? first
  const httpsPort = () => httpsPortOf(gateway?.listeners.open ?? [])
  const observe = new Observe({
    facts: {
      version: options.version,
      inFlight: () => gateway?.inFlightByApp() ?? new Map(),
      backends: () => upstreams.list(),
      processes: () => processes.processes.list(),
      certificates: async () => certificateStatuses(certificates, demands(snapshot()), Date.now()),
      configIsServed: () => store.error === null,
      shares: () => shares.figures(),
      tunnels: () => tunnels.figures(),
    },
    changed: () => events.emit('observe-changed'),
    ...(options.stdout === undefined ? {} : { stdout: options.stdout }),
  })
  const observeConfig = (config: Config, compiled: Snapshot) =>
    observe.apply(observeSettings(resolveConfigPaths(config, path.dirname(store.file)), compiled))
  const panel = await Panel.open({
    dataDir: options.dataDir,
    rendererDir: options.rendererDir ?? null,
    log: options.log,
    httpsPort,
    settings: () => store.current.panel,
    scrape: () => observe.scrape,
    isOtherUsers: options.host?.isOtherUsers,
  })
  const certificates = await Certificates.open({
    dataDir: options.dataDir,
    demandFor: (host) => demandFor(snapshot(), host),
    demands: () => demands(snapshot()),
    unknownHosts: () => store.current.tls.unknownHosts,
    acme: () => acmeDemand(store, snapshot()),
    listening: () => (gateway?.listeners.open.length ?? 0) > 0,
    onChange: () => events.emit('certificates-changed'),
    vault: options.host?.keyVault,
    log: options.log,
  })
  let processes: ProcessParts
  try {
    const authority = () => certificates.authority
    const config = () => store.current
    processes = await openProcesses(options, { events, upstreams, config, httpsPort, authority })
    gateway = await Gateway.create({
      snapshot: first,
      tls: {
        serverOptions: { ...Certificates.secureOptions, SNICallback: certificates.sniCallback },
        attach: (server) => certificates.attach(server),
      },
      challenges: certificates.challenges,
      upstreams,
      processes: processes.processes,
      panel,
      observer: observe,
      record: (entry, exchange) => {
        traffic.add(entry, exchange?.isPanel === true ? null : exchange)
        observe.record(entry, exchange)
        events.emit('exchange', entry)
      },
    })
  } catch (error) {
    certificates.close()
    throw error
  }
  const { listeners } = gateway
  const { discovery, portWatch } = openDiscovery(options, { store, listeners, events })
  const opened = gateway
  const stats = () => traffic.stats.read(appNames(opened.snapshot()), opened.inFlightForApps)
  const backendsSource = {
    start: () => {
      backends.start()
      upstreams.looked()
    },
    stop: () => backends.stop(),
  }
  const { shares, tunnels } = openSharing(options, { store, certificates, listeners, snapshot, processes, events })
  const everySecond = new EverySecond(() => events.emit('stats', stats()))
  const sources = new EventSources(events, {
    ports: portWatch,
    backends: backendsSource,
    stats: everySecond,
    processes: processes.source,
    shares: shares.source,
    tunnels: tunnels.source,
  })
  const temporary = await TemporaryApps.open({
    file: path.join(options.dataDir, 'temporary-apps.json'),
    log: options.log,
    processes: options.host?.processSystem ?? null,
    apps: () => store.current.apps,
    remove: async (name) => void (await store.edit((document) => withoutApp(document, name))),
  })
  return {
    store,
    certificates,
    gateway,
    upstreams,
    processes,
    panel,
    traffic,
    stats,
    events,
    sources,
    discovery,
    dns: new DnsResponder(dnsZone(snapshot, () => listeners.open)),
    lan: new Lan({
      config: () => store.current,
      snapshot,
      listeners: () => listeners.open,
      authority: () => certificates.authority,
      addresses: options.networkAddresses ?? systemAddresses,
      changed: () => events.emit('warnings-changed'),
    }),
    shares,
    tunnels,
    temporary,
    policies,
    caches: new Caches(() => policies.all()),
    observe,
    observeConfig,
    compile,
  }
}
