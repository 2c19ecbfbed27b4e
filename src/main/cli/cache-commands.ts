import type { AppCache } from '../../shared/cache-schemas.js'
import { plain, plainJson } from './escape.js'
import { withEngine } from './locate.js'
import { print } from './output.js'
import type { CommonOptions } from './program.js'
import { formatTable } from './table.js'

/** `portico cache list`. */
export async function listCaches(app: string | undefined, options: CommonOptions & { json?: boolean }): Promise<void> {
  const caches = await withEngine(options, (engine) => engine.call('cache.list', app === undefined ? {} : { app }))
  if (options.json === true) print(plainJson(caches))
  else for (const line of formatCaches(caches)) print(line)
}

/** `portico cache purge`. */
export async function purgeCaches(
  app: string | undefined,
  path: string | undefined,
  options: CommonOptions,
): Promise<void> {
  const place = path?.endsWith('*') ? { prefix: path.slice(0, -1) } : path === undefined ? {} : { path }
  const params = { ...(app === undefined ? {} : { app }), ...place }
  const { removed } = await withEngine(options, (engine) => engine.call('cache.purge', params))
  print(removed === 1 ? 'One answer was removed.' : `${removed} answers were removed.`)
}

export function formatCaches(caches: readonly AppCache[]): string[] {
  if (caches.length === 0) return ['No app has a cache.']
  const rows = caches.map(({ app, entries, memoryBytes, diskBytes, hits, misses }) => [
    plain(app),
    String(entries),
    String(memoryBytes),
    String(diskBytes),
    String(hits),
    String(misses),
  ])
  const lines = formatTable(['APP', 'ANSWERS', 'BYTES IN MEMORY', 'BYTES ON DISK', 'HITS', 'MISSES'], rows)
  const latest = caches.flatMap(({ answers }) => answers?.latest ?? [])
  if (latest.length === 0) return lines
  const answers = latest.map(({ url, status, bytes, freshMs }) => [
    plain(url),
    String(status),
    String(bytes),
    freshMs > 0 ? `${Math.round(freshMs / 1000)} s` : 'stale',
  ])
  return [...lines, '', ...formatTable(['URL', 'STATUS', 'BYTES', 'FRESH FOR'], answers)]
}
