import path from 'node:path'
import type { ConfigStore } from './config/config-store.js'
import { resolveConfigPaths } from './config/paths.js'
import type { Snapshot } from './gateway/snapshot.js'
import type { AcmeDemand } from './tls/acme/acme-certificates.js'
import { acmeSettings } from './tls/acme/settings.js'
import type { CertificateDemand } from './tls/certificates.js'

/** Which certificate a host wants: that of the app which owns it; null when none does. */
export function demandFor({ table, panel }: Snapshot, host: string): CertificateDemand | null {
  if (host === panel?.host) return { source: 'local', leafName: host }
  const app = table.find(host)
  const leafName = table.pattern(host)
  if (app === null || leafName === null) return null
  return { source: leafName === app.lanHost ? 'local' : app.certificate, leafName }
}

/** What all hosts of the config want. */
export function demands({ table, panel }: Snapshot): CertificateDemand[] {
  const own: CertificateDemand[] = panel === null ? [] : [{ source: 'local', leafName: panel.host }]
  return [
    ...own,
    ...table.apps.flatMap(({ hosts, certificate, lanHost }): CertificateDemand[] => [
      ...hosts.map((leafName) => ({ source: certificate, leafName })),
      ...(lanHost === null ? [] : [{ source: 'local' as const, leafName: lanHost }]),
    ]),
  ]
}

/** What apps that are enabled want of the ACME authority. */
export function acmeDemand(store: ConfigStore, { table }: Snapshot): AcmeDemand {
  const { tls } = resolveConfigPaths(store.current, path.dirname(store.file))
  const apps = table.apps.filter(({ enabled, certificate }) => enabled && certificate === 'acme')
  return { settings: acmeSettings(tls.acme), names: apps.flatMap(({ hosts }) => hosts) }
}
