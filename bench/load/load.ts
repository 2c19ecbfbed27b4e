import type { Metrics } from '../model.ts'

/** What a load generator reported of one run. */
export interface LoadResult {
  readonly requests: number
  readonly metrics: Metrics
}

/** The load generator saw errors, answers other than 2xx, or none at all: nothing it measured counts. */
export class LoadInvalid extends Error {
  override readonly name = 'LoadInvalid'
}

/** Names the counters that are not zero, as `3 timeout, 1 status`; empty when all are. */
export function describeErrors(counters: Readonly<Record<string, number>>): string {
  return Object.entries(counters)
    .filter(([, count]) => count !== 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
}
