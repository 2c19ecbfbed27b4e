import type { AppCache, CachedAnswer, CachePurgeParams } from '../../shared/cache-schemas.js'
import { CachePolicy } from './gateway/policies/cache/cache-policy.js'
import type { CacheStore } from './gateway/policies/cache/cache-store.js'
import type { CacheEntry } from './gateway/policies/cache/entry.js'
import { leftOf } from './gateway/policies/cache/storing-reply.js'
import { removeUnusedFolders } from './gateway/policies/cache/unused-folders.js'
import type { Policy } from './gateway/policies/policy.js'

/** Of each cache, in a list; and the largest of an app. */
const LISTED = 20

/** The caches of the config in use, for whoever looks at them or empties them. */
export class Caches {
  readonly #policies: () => readonly Policy[]

  constructor(policies: () => readonly Policy[]) {
    this.#policies = policies
  }

  /** What the caches of each app keep. @param app of this one alone, with its answers */
  async list(app?: string): Promise<AppCache[]> {
    const apps = new Map<string, AppCache>()
    for (const cache of this.#of(app)) {
      await cache.ready()
      const { store } = cache
      const sum = apps.get(cache.app) ?? {
        app: cache.app,
        entries: 0,
        memoryBytes: 0,
        diskBytes: 0,
        hits: 0,
        misses: 0,
      }
      sum.entries += store.entries
      sum.memoryBytes += store.memoryBytes
      sum.diskBytes += store.diskBytes
      sum.hits += cache.hits
      sum.misses += cache.misses
      apps.set(cache.app, sum)
    }
    const asked = app === undefined ? undefined : apps.get(app)
    if (asked !== undefined) asked.answers = this.#answers(asked.app)
    return [...apps.values()]
  }

  /** Removes stored answers; all of them when nothing is said. @returns how many */
  async purge({ app, path, prefix, url }: CachePurgeParams): Promise<{ removed: number }> {
    const fits = (target: string, whole: string) =>
      (path === undefined || target === path || target.split('?', 1)[0] === path) &&
      (prefix === undefined || target.startsWith(prefix)) &&
      (url === undefined || whole === url)
    let removed = 0
    for (const cache of this.#of(app)) {
      await cache.ready()
      removed += cache.purge(fits)
    }
    return { removed }
  }

  /** Removes what caches of former configs left on disk. */
  async forgetFormer(dataDir: string): Promise<void> {
    await removeUnusedFolders(dataDir, () => new Set(this.#of().flatMap(({ folder }) => folder ?? [])))
  }

  #of(app?: string): CachePolicy[] {
    return this.#policies()
      .filter((policy) => policy instanceof CachePolicy)
      .filter((cache) => app === undefined || cache.app === app)
  }

  #answers(app: string): NonNullable<AppCache['answers']> {
    const stores = this.#of(app).map(({ store }) => store)
    const latest = stores.flatMap((store) => store.latest(LISTED).map((entry) => describe(entry, store)))
    const all = stores.flatMap((store) => store.latest(Number.MAX_SAFE_INTEGER).map((entry) => ({ entry, store })))
    return { latest, largest: largestOf(all, LISTED).map(({ entry, store }) => describe(entry, store)) }
  }
}

/** The largest of very many, largest first. */
function largestOf<T extends { entry: CacheEntry }>(all: readonly T[], count: number): T[] {
  const found: T[] = []
  for (const one of all) {
    const least = found.at(-1)
    if (found.length === count && least !== undefined && one.entry.bytes <= least.entry.bytes) continue
    const at = found.findIndex(({ entry }) => entry.bytes < one.entry.bytes)
    found.splice(at === -1 ? found.length : at, 0, one)
    if (found.length > count) found.pop()
  }
  return found
}

function describe(entry: CacheEntry, store: CacheStore): CachedAnswer {
  const { url, head, bytes, freshness, body, vary } = entry
  return {
    url,
    status: head.status,
    bytes,
    stored: new Date(head.receivedAt).toISOString(),
    freshMs: leftOf(freshness),
    memory: body !== null,
    disk: store.isOnDisk(entry),
    vary: [...vary],
  }
}
