import { z } from 'zod'
import { durationSchema } from '../duration.js'
import { headerNameSchema, headerValueSchema, nameSchema } from '../field-schemas.js'

const SHARE = z.number().min(0).max(1)

/** What goes wrong on purpose. Shares are of the requests, from 0 to 1; all of them unless told. */
export const faultsSchema = z.strictObject({
  /** false: kept for later. true unless told */
  enabled: z.boolean().optional(),
  delay: z
    .strictObject({ time: durationSchema, jitter: durationSchema.optional(), share: SHARE.optional() })
    .optional(),
  /** the connection is reset instead of an answer */
  abort: z.strictObject({ share: SHARE.optional() }).optional(),
  error: z.strictObject({ status: z.int().min(400).max(599), share: SHARE.optional() }).optional(),
  /** bytes a second of each answer */
  bandwidth: z.int().min(1).optional(),
})

/** A copy of each request goes to another upstream; its answer is read and forgotten. */
export const mirrorSchema = z
  .strictObject({
    app: nameSchema.optional(),
    url: z
      .string()
      .regex(/^https?:\/\/[^\s/?#]+$/, 'must be an origin such as "http://127.0.0.1:8000"')
      .optional(),
    share: SHARE.optional(),
    /** bytes; requests with larger bodies are not copied. 1 MiB unless told */
    maxBodyBytes: z.int().min(0).optional(),
  })
  .refine(({ app, url }) => (app === undefined) !== (url === undefined), 'must have either "app" or "url"')

/** A fixed answer instead of the backend's. */
export const respondSchema = z
  .strictObject({
    status: z.int().min(200).max(599).optional(),
    headers: z.record(headerNameSchema, headerValueSchema).optional(),
    body: z.string().optional(),
    /** relative to the config file; read on each request */
    file: z.string().min(1, 'must name a file').optional(),
  })
  .refine(({ body, file }) => body === undefined || file === undefined, 'may not have both "body" and "file"')

export type FaultsSettings = z.output<typeof faultsSchema>
export type MirrorSettings = z.output<typeof mirrorSchema>
export type RespondSettings = z.output<typeof respondSchema>
