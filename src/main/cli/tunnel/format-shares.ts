import type { ShareStatus, ShareVia } from '../../../shared/share-schemas.js'
import { plain } from '../escape.js'
import { formatBytes } from '../format-entry.js'
import { styled } from '../output.js'
import { formatTable } from '../table.js'

const HEAD = ['ID', 'APP', 'BY', 'STATE', 'ADDRESS', 'VISITORS', 'IN', 'OUT', 'UNTIL', 'WHY']
const STYLES = { starting: 'yellow', open: 'green', waiting: 'yellow', ended: 'dim' } as const

/** Newest first. */
export function formatShares(shares: readonly ShareStatus[]): string[] {
  if (shares.length === 0) return ['No app is shared. Share one: portico share APP']
  return formatTable(
    HEAD,
    shares.map(({ id, app, via, state, url, stats, expiresAt, reason }) => [
      id,
      plain(app),
      plain(viaOf(via)),
      styled(STYLES[state], state),
      plain(url ?? ''),
      state === 'ended' ? String(stats.total) : `${stats.open} of ${stats.total}`,
      formatBytes(stats.bytesIn),
      formatBytes(stats.bytesOut),
      expiresAt === null || state === 'ended' ? '' : new Date(expiresAt).toLocaleString(),
      plain(reason?.message.replace(/\.$/, '') ?? ''),
    ]),
  )
}

export function viaOf(via: ShareVia): string {
  return via.kind === 'relay' ? via.url : via.tool
}
