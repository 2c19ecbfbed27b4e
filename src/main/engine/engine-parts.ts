import { EventEmitter } from 'node:events'
import path from 'node:path'
import type { Config } from '../../shared/config.js'
import type { ExchangeEntry } from '../../shared/contract.js'
import type { CertificateStatus } from '../../shared/window-schemas.js'
import { certificateStatuses } from './certificate-status.js'
import { ConfigStore } from './config/config-store.js'
import { resolveConfigPaths } from './config/paths.js'
import { PortDiscovery } from './discovery/port-discovery.js'
import { PortWatch } from './discovery/port-watch.js'
import type { EngineOptions } from './engine-options.js'
import { EventSources } from './event-sources.js'
import { Gateway } from './gateway/gateway.js'
import type { RouteBackend } from './gateway/route-table.js'
import { compileSnapshot, type Snapshot } from './gateway/snapshot.js'
import { type CertificateDemand, Certificates } from './tls/certificates.js'
import { Ring } from './traffic/ring.js'
import { UpstreamPools } from './upstreams/upstream-pools.js'

/** How many access-log entries are kept in memory. */
const RING_SIZE = 10_000

/** What the engine is made of, wired together. */
export interface EngineParts {
  store: ConfigStore
  certificates: Certificates
  gateway: Gateway
  pools: UpstreamPools
  entries: Ring<ExchangeEntry>
  events: EventEmitter
  sources: EventSources
  discovery: PortDiscovery
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

/** Every backend that a snapshot may forward to. */
export function* backendsOf({ table }: Snapshot): Generator<{ spec: RouteBackend; connectTimeoutMs: number }> {
  for (const app of table.apps) {
    for (const { target, timeouts } of app.routes) {
      if (target.kind !== 'upstream') continue
      for (const spec of target.backends) yield { spec, connectTimeoutMs: timeouts.connect }
    }
  }
}

/** What is served, as far as handshakes have asked for it. */
export async function listCertificates({ certificates, gateway }: EngineParts): Promise<CertificateStatus[]> {
  return certificateStatuses(await certificates.list(), demands(gateway.snapshot()))
}

async function openAround(store: ConfigStore, options: EngineOptions): Promise<EngineParts> {
  const compile = (config: Config) => compileSnapshot(resolveConfigPaths(config, path.dirname(store.file)))
  const first = compile(store.current)
  const entries = new Ring<ExchangeEntry>(RING_SIZE)
  const events = new EventEmitter().setMaxListeners(0)
  const pools = new UpstreamPools()
  let gateway: Gateway | null = null
  const snapshot = () => gateway?.snapshot() ?? first
  const certificates = await Certificates.open({
    dataDir: options.dataDir,
    demandFor: (host) => demandFor(snapshot(), host),
    demands: () => demands(snapshot()),
    unknownHosts: () => store.current.tls.unknownHosts,
    log: options.log,
  })
  try {
    gateway = await Gateway.create({
      snapshot: first,
      tls: {
        serverOptions: { ...Certificates.secureOptions, SNICallback: certificates.sniCallback },
        attach: (server) => certificates.attach(server),
      },
      upstreams: pools,
      record: (entry) => {
        entries.push(entry)
        events.emit('exchange', entry)
      },
    })
  } catch (error) {
    certificates.close()
    throw error
  }
  const { listeners } = gateway
  const discovery = new PortDiscovery({
    scanner: options.host?.portScanner ?? null,
    apps: () => store.current.apps,
    own: () => ({ pid: process.pid, ports: listeners.open.map(({ port }) => port) }),
  })
  const portWatch = new PortWatch({
    list: () => discovery.list(),
    onChange: (ports) => events.emit('ports', ports),
    log: options.log,
  })
  const sources = new EventSources(events, { ports: portWatch })
  return { store, certificates, gateway, pools, entries, events, sources, discovery, compile }
}

/** Which certificate a host wants: that of the app which owns it; null when none does. */
function demandFor({ table }: Snapshot, host: string): CertificateDemand | null {
  const app = table.find(host)
  const leafName = table.pattern(host)
  return app === null || leafName === null ? null : { source: app.certificate, leafName }
}

function demands({ table }: Snapshot): CertificateDemand[] {
  return table.apps.flatMap((app) => app.hosts.map((leafName) => ({ source: app.certificate, leafName })))
}
