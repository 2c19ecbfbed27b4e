import { type History, historySchema } from '../../src/shared/history-schemas.js'

/** The hour of an app in which nothing happened but what is told. */
export function historyOf(more: Partial<History> & { times: number[] }): History {
  const none = () => more.times.map(() => 0)
  const gaps = () => more.times.map(() => null)
  return historySchema.parse({
    ...{ app: 'shop', stepSeconds: 10, running: more.times.map(() => true), gateway: null },
    ...{ requests: none(), clientErrors: none(), serverErrors: none(), abandoned: none() },
    ...{ p50Ms: gaps(), p95Ms: gaps(), p99Ms: gaps(), bytesIn: none(), bytesOut: none() },
    ...{ inFlightPeak: none(), retries: none(), rateLimited: none(), cacheHits: none() },
    ...more,
  })
}
