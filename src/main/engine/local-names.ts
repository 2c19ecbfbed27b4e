import type { Snapshot } from './gateway/snapshot.js'

/** The names of ours that mDNS can tell: hosts under `.local`, without wildcards. */
export function localNames({ table, panel }: Snapshot): string[] {
  const names = table.apps.flatMap(({ hosts, lanHost }) => (lanHost === null ? hosts : [...hosts, lanHost]))
  return [...new Set([...names, ...(panel?.lan === true ? [panel.host] : [])])].filter(isLocalName)
}

/** RFC 6762 section 3. */
export function isLocalName(host: string): boolean {
  return host.endsWith('.local') && !host.startsWith('*.')
}
