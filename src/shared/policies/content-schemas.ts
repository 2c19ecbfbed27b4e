import { z } from 'zod'
import { durationSchema } from '../duration.js'
import { headerNameSchema, regexSchema, timeLimitSchema } from '../field-schemas.js'

/** Bodies are compressed on their way to the client. */
export const compressionSchema = z.strictObject({
  /** in order of preference; zstd, br, gzip unless told */
  encodings: z
    .array(z.enum(['zstd', 'br', 'gzip']))
    .min(1)
    .optional(),
  /** bytes; smaller bodies stay as they are. 1024 unless told */
  minBytes: z.int().min(0).optional(),
  /** media types, as "text/*"; text, JSON, JavaScript, SVG, WebAssembly and their like unless told */
  types: z
    .array(z.string().regex(/^[\w.+-]+\/[\w.+*-]+$/, 'must be a media type such as "text/*"'))
    .min(1)
    .optional(),
})

/** A shared cache (RFC 9111). */
export const cacheSchema = z.strictObject({
  /** bytes kept in memory; 64 MiB unless told */
  memoryBytes: z.int().min(0).optional(),
  /** bytes kept on disk; none unless told */
  diskBytes: z.int().min(0).optional(),
  /** bytes of one answer; 16 MiB unless told */
  maxEntryBytes: z.int().min(1).optional(),
  /** for answers that say nothing of their freshness; heuristics of RFC 9111 section 4.2.2 unless told */
  defaultTtl: durationSchema.optional(),
  /** unless the answer says so itself (RFC 5861) */
  staleWhileRevalidate: durationSchema.optional(),
  staleIfError: durationSchema.optional(),
  /** query keys that make no difference */
  ignoreQuery: z.array(z.string()).optional(),
  /** an X-Cache-like field on answers: Cache-Status (RFC 9211). true unless told */
  statusHeader: z.boolean().optional(),
})

const HEADER_EDITS = z.strictObject({
  set: z.record(headerNameSchema, z.string()).optional(),
  append: z.record(headerNameSchema, z.string()).optional(),
  remove: z.array(headerNameSchema).optional(),
})

/** The request on its way to the backend, and the answer on its way back. */
export const rewriteSchema = z.strictObject({
  /** the first whose pattern matches the path changes it; `$1`, `$<name>` are captures */
  path: z
    .array(
      z.strictObject({
        match: regexSchema.min(1),
        to: z.string().startsWith('/', 'must begin with "/"'),
      }),
    )
    .min(1)
    .optional(),
  query: z
    .strictObject({ set: z.record(z.string(), z.string()).optional(), remove: z.array(z.string()).optional() })
    .optional(),
  /** values may hold {host}, {client_ip}, {request_id}, {method}, {path}, {query}, {scheme}, {app}, {http.NAME} */
  request: HEADER_EDITS.optional(),
  response: HEADER_EDITS.optional(),
  /** put into HTML pages */
  inject: z
    .strictObject({ head: z.string().optional(), body: z.string().optional(), toolbar: z.boolean().optional() })
    .optional(),
  /** A/B: clients are spread over variants, and keep theirs by a cookie */
  split: z
    .strictObject({
      cookie: z
        .string()
        .regex(/^[A-Za-z0-9_-]+$/, 'must be a cookie name')
        .optional(),
      maxAge: timeLimitSchema.optional(),
      variants: z
        .array(
          z.strictObject({
            name: z.string().regex(/^[\w-]+$/),
            weight: z.int().min(0).max(1000),
            app: z.string().optional(),
          }),
        )
        .min(2, 'must have at least two variants'),
    })
    .optional(),
})

export type CompressionSettings = z.output<typeof compressionSchema>
export type CacheSettings = z.output<typeof cacheSchema>
export type RewriteSettings = z.output<typeof rewriteSchema>
