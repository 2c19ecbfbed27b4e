import { createHash } from 'node:crypto'
import path from 'node:path'
import { durationMs } from '../../../../../shared/duration.js'
import type { CacheSettings } from '../../../../../shared/policies/content-schemas.js'
import type { PolicyScope } from '../policy.js'
import type { FreshnessDefaults } from './freshness.js'

const MIB = 1024 * 1024

export interface CacheLimits {
  memoryBytes: number
  diskBytes: number
  maxEntryBytes: number
}

export function limitsOf({ memoryBytes, diskBytes, maxEntryBytes }: CacheSettings): CacheLimits {
  return { memoryBytes: memoryBytes ?? 64 * MIB, diskBytes: diskBytes ?? 0, maxEntryBytes: maxEntryBytes ?? 16 * MIB }
}

export function defaultsOf(settings: CacheSettings): FreshnessDefaults {
  const { defaultTtl, staleWhileRevalidate, staleIfError } = settings
  return {
    ttl: defaultTtl === undefined ? null : durationMs(defaultTtl),
    staleWhileRevalidate: staleWhileRevalidate === undefined ? 0 : durationMs(staleWhileRevalidate),
    staleIfError: staleIfError === undefined ? 0 : durationMs(staleIfError),
  }
}

/** What the directories of caches are called; there may be others beside them. */
export const FOLDER_NAME = /^[0-9a-f]{32}$/

/** The directory that all of them are in. */
export function foldersIn(dataDir: string): string {
  return path.join(dataDir, 'cache')
}

/** The directory of one cache: the same for the same place in the config, whatever its names look like. */
export function directoryOf({ app, route, services }: PolicyScope): string {
  const name = createHash('sha256')
    .update(JSON.stringify([app, route]))
    .digest('hex')
    .slice(0, 32)
  return path.join(foldersIn(services.dataDir), name)
}
