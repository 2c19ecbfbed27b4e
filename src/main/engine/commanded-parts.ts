import type { CommandHost } from './commands.js'
import { type EngineParts, listCertificates, renewCertificate } from './engine-parts.js'

/** What commands ask of the parts themselves, without the engine. */
export function commandedParts(parts: EngineParts) {
  return {
    store: parts.store,
    traffic: parts.traffic,
    upstreams: parts.upstreams,
    processes: parts.processes.processes,
    stats: parts.stats,
    caches: parts.caches,
    history: parts.observe.history,
    authority: () => parts.certificates.authority,
    temporary: parts.temporary,
    panel: parts.panel,
    ports: () => parts.discovery.list(),
    certificates: () => listCertificates(parts),
    renewCertificate: (name) => renewCertificate(parts, name),
    phones: parts.lan.phones,
    shares: parts.shares,
    tunnels: parts.tunnels,
  } satisfies Partial<CommandHost>
}
