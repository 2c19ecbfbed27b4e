import type { AppCache, CachedAnswer, CachePurgeParams } from '../../../shared/cache-schemas.js'
import type { App } from '../../../shared/config.js'

/** Whether an app, or one of its routes, has a cache. */
export function hasCache({ policies, routes = [] }: App): boolean {
  const own = policies?.cache !== undefined && policies.cache !== false
  return own || routes.some((route) => route.policies?.cache !== undefined && route.policies.cache !== false)
}

/**
 * What a person wants purged: a path, one with "*" at its end for all that begin so, or an address. Null when nothing
 * was typed.
 */
export function purgeOf(typed: string): Pick<CachePurgeParams, 'path' | 'prefix'> | null {
  const text = typed.trim()
  if (text === '') return null
  const target = URL.canParse(text) ? targetOf(text) : text.startsWith('/') ? text : `/${text}`
  return target.endsWith('*') ? { prefix: target.slice(0, -1) } : { path: target }
}

/** Path and query of an address, as it is written. */
export function targetOf(url: string): string {
  const from = url.indexOf('/', url.indexOf('//') + 2)
  return from === -1 ? '/' : url.slice(from)
}

/** How an answer is called in the list: its path; with the host where the answers are of several. */
export function answerNames(answers: readonly CachedAnswer[]): string[] {
  const hosts = new Set(answers.map(({ url }) => new URL(url).host))
  return answers.map(({ url }) => (hosts.size > 1 ? new URL(url).hostname : '') + targetOf(url))
}

/** Whole percent of the requests that the cache has answered; null while there were none. */
export function hitPercent({ hits, misses }: Pick<AppCache, 'hits' | 'misses'>): number | null {
  return hits + misses === 0 ? null : Math.round((100 * hits) / (hits + misses))
}
