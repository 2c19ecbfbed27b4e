import { z } from 'zod'

/** One answer that a cache keeps. */
export const cachedAnswerSchema = z.object({
  /** scheme, host, port, path and query */
  url: z.string(),
  status: z.int(),
  /** of the body */
  bytes: z.number(),
  /** ISO 8601: when it came from the backend, or was confirmed by it */
  stored: z.string(),
  /** milliseconds for which it stays fresh; negative when it is stale */
  freshMs: z.number(),
  memory: z.boolean(),
  disk: z.boolean(),
  /** request fields by which it was chosen */
  vary: z.array(z.string()),
})

/** What the caches of an app keep together, and how often they could answer since the gateway started. */
export const appCacheSchema = z.object({
  app: z.string(),
  entries: z.int(),
  memoryBytes: z.number(),
  diskBytes: z.number(),
  hits: z.int(),
  misses: z.int(),
  /** those used last, and the largest; only where one app was asked for */
  answers: z.object({ latest: z.array(cachedAnswerSchema), largest: z.array(cachedAnswerSchema) }).optional(),
})

export const cacheListParamsSchema = z.strictObject({ app: z.string().optional() })

/**
 * `path` removes the answers to this path with whatever query, or this path and query; `prefix` all that begin so; `url`
 * those to one URL, as `cache.list` has it.
 */
export const cachePurgeParamsSchema = z.strictObject({
  app: z.string().optional(),
  path: z.string().startsWith('/').optional(),
  prefix: z.string().startsWith('/').optional(),
  url: z.string().optional(),
})

export const cachePurgeResultSchema = z.object({ removed: z.int() })

export type CachedAnswer = z.output<typeof cachedAnswerSchema>
export type AppCache = z.output<typeof appCacheSchema>
export type CachePurgeParams = z.output<typeof cachePurgeParamsSchema>
