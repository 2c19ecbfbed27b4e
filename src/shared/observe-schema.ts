import { z } from 'zod'
import { bindSchema, headerNameSchema, headerValueSchema, portSchema, timeLimitSchema } from './field-schemas.js'
import { isIpLiteral, normaliseHostname } from './hostname.js'

/** What the gateway tells of its traffic: access logs, ids of requests, metrics, traces. All of it is off unless named. */

const UNIT_BYTES = { KB: 1_000, MB: 1_000_000, GB: 1_000_000_000 } as const
const SIZE = /^([1-9]\d{0,3})(KB|MB|GB)$/

const sizeSchema = z.string().regex(SIZE, 'must be a size such as "500KB", "10MB" or "1GB"')

const namesSchema = z.array(headerNameSchema)

const logFileSchema = z
  .string()
  .min(1, 'must name a file, or be "stdout"')
  .refine((file) => !/\{(?!app\})/.test(file), 'may hold "{app}", and no other "{"')

export const logFormatSchema = z.enum(['json', 'common', 'combined'])

export const accessLogSchema = z.strictObject({
  file: logFileSchema,
  format: logFormatSchema.default('json'),
  maxSize: sizeSchema.default('10MB'),
  maxAge: timeLimitSchema.optional(),
  keep: z.int().min(0).max(1000).default(5),
  gzip: z.boolean().default(false),
  requestHeaders: namesSchema.default([]),
  responseHeaders: namesSchema.default([]),
  redactHeaders: namesSchema.default([]),
  redactQuery: z.array(z.string().min(1, 'must name a query parameter')).default([]),
})

/** Of one app: its own file, or none. */
export const appAccessLogSchema = z.union([z.literal(false), logFileSchema], {
  error: 'must be false, a file, or "stdout"',
})

export const loggingSchema = z.strictObject({
  access: accessLogSchema.optional(),
  requestId: z.enum(['trusted', 'any', 'new']).optional(),
})

export const metricsSchema = z
  .strictObject({
    port: portSchema.optional(),
    bind: bindSchema.default('127.0.0.1'),
    token: z
      .string()
      .regex(/^[A-Za-z0-9._~+/=-]{16,}$/, 'must be 16 or more letters, digits or "._~+/=-"')
      .optional(),
  })
  .refine(({ bind, token }) => token !== undefined || isLoopback(bind), {
    path: ['bind'],
    error: 'opens the metrics to the network, and then "token" must be set',
  })

export const tracingSchema = z.strictObject({
  endpoint: z.string().refine(isCollectorUrl, 'must be a URL such as "http://localhost:4318/v1/traces"'),
  headers: z.record(headerNameSchema, headerValueSchema).default({}),
  sampleRatio: z.number().min(0).max(1).default(1),
  serviceName: z.string().min(1, 'must not be empty').default('portico'),
})

export type AccessLogSettings = z.output<typeof accessLogSchema>
export type AppAccessLog = z.output<typeof appAccessLogSchema>
export type LoggingSettings = z.output<typeof loggingSchema>
export type LogFormat = z.output<typeof logFormatSchema>
export type MetricsSettings = z.output<typeof metricsSchema>
export type TracingSettings = z.output<typeof tracingSchema>

/** Bytes of a size as people write it. @param text that the schema accepted @throws RangeError for what is none */
export function sizeBytes(text: string): number {
  const match = SIZE.exec(text)
  if (match === null) throw new RangeError(`not a size: ${text}`)
  return Number(match[1]) * UNIT_BYTES[match[2] as keyof typeof UNIT_BYTES]
}

function isLoopback(bind: string): boolean {
  const host = normaliseHostname(bind)
  return host === 'localhost' || (host !== null && isIpLiteral(host) && (host === '::1' || host.startsWith('127.')))
}

function isCollectorUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '' && url.username + url.password === ''
}
