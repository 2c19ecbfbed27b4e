import type { EventEmitter } from 'node:events'
import type { ProcessParts } from './app-processes.js'
import type { ConfigStore } from './config/config-store.js'
import type { EngineOptions } from './engine-options.js'
import type { Gateway } from './gateway/gateway.js'
import type { Snapshot } from './gateway/snapshot.js'
import { LazyShares } from './open-shares.js'
import { LazyTunnels } from './open-tunnels.js'
import type { Certificates } from './tls/certificates.js'

/** What sharing needs of the gateway. */
export interface SharingParts {
  store: ConfigStore
  certificates: Certificates
  listeners: Gateway['listeners']
  snapshot(): Snapshot
  processes: ProcessParts
  events: EventEmitter
}

/** What others reach from outside: apps, and TCP services. Nothing of it is loaded before it is asked for. */
export function openSharing(
  { dataDir, log, host }: EngineOptions,
  { store, certificates, listeners, snapshot, processes, events }: SharingParts,
): { shares: LazyShares; tunnels: LazyTunnels } {
  const outward = {
    dataDir,
    log,
    listeners: () => listeners.open,
    environment: async () => (await host?.environment?.()) ?? process.env,
  }
  const shares = new LazyShares(events, {
    ...outward,
    apps: () => snapshot().table.apps,
    identity: {
      ca: () => certificates.authority.pem,
      isOwn: async (shown) => (await certificates.list()).some(({ fingerprint }) => fingerprint === shown),
    },
    programs: processes.programs,
    platform: host?.platform ?? null,
  })
  const tunnels = new LazyTunnels(events, {
    ...outward,
    apps: () => store.current.apps.map((app) => ({ name: app.name, enabled: app.enabled ?? true, app })),
    processes: () => store.current.apps.flatMap(({ name }) => processes.processes.status(name) ?? []),
  })
  return { shares, tunnels }
}
