import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'

/**
 * The rules of opentelemetry-proto's trace service for its JSON encoding: ids in hex, 64-bit numbers as numbers or decimal
 * text, enums as numbers, and no field that the messages do not have.
 */
const uint64 = z.union([z.string().regex(/^\d{1,20}$/), z.int().min(0)]).transform(BigInt)
const count = z
  .int()
  .min(0)
  .max(2 ** 32 - 1)
const notZero = (id: string) => !/^0+$/.test(id)
const traceId = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .refine(notZero)
const spanId = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .refine(notZero)

type AnyValue = string | boolean | number | AnyValue[]
const anyValue: z.ZodType<AnyValue> = z.lazy(() =>
  z.union([
    z.strictObject({ stringValue: z.string() }).transform((value) => value.stringValue),
    z.strictObject({ boolValue: z.boolean() }).transform((value) => value.boolValue),
    z
      .strictObject({ intValue: z.union([z.int(), z.string().regex(/^-?\d+$/)]) })
      .transform((value) => Number(value.intValue)),
    z.strictObject({ doubleValue: z.number() }).transform((value) => value.doubleValue),
    z
      .strictObject({ arrayValue: z.strictObject({ values: z.array(anyValue) }) })
      .transform((value) => value.arrayValue.values),
  ]),
)
const attributes = z
  .array(z.strictObject({ key: z.string().min(1), value: anyValue }))
  .refine((list) => new Set(list.map(({ key }) => key)).size === list.length, 'keys must be unique')
  .transform((list): Record<string, AnyValue> => Object.fromEntries(list.map(({ key, value }) => [key, value])))

const spanSchema = z
  .strictObject({
    ...{ traceId, spanId, parentSpanId: spanId.optional(), traceState: z.string().optional(), flags: count.optional() },
    name: z.string().min(1),
    kind: z.int().min(1).max(5),
    startTimeUnixNano: uint64,
    endTimeUnixNano: uint64,
    attributes,
    droppedAttributesCount: count,
    events: z.array(z.never()),
    droppedEventsCount: count,
    links: z.array(z.never()),
    droppedLinksCount: count,
    status: z.strictObject({ code: z.int().min(0).max(2), message: z.string().optional() }),
  })
  .refine((span) => span.endTimeUnixNano >= span.startTimeUnixNano, 'must not end before its start')

const requestSchema = z.strictObject({
  resourceSpans: z
    .array(
      z.strictObject({
        resource: z.strictObject({
          attributes,
          droppedAttributesCount: count,
          entityRefs: z.array(z.unknown()).optional(),
        }),
        scopeSpans: z
          .array(
            z.strictObject({
              scope: z.strictObject({ name: z.string(), version: z.string().optional() }),
              spans: z.array(spanSchema).min(1),
              schemaUrl: z.string().optional(),
            }),
          )
          .min(1),
        schemaUrl: z.string().optional(),
      }),
    )
    .min(1),
})

export type ReceivedSpan = z.output<typeof spanSchema> & { service: AnyValue | undefined }

export interface Collector {
  readonly url: string
  readonly spans: ReceivedSpan[]
  /** what did not hold to the rules, in sentences */
  readonly flaws: string[]
  /** fields of the requests */
  readonly headers: http.IncomingHttpHeaders[]
  /** status of its answers; 200 unless set */
  status: number
  close(): Promise<void>
}

/** A collector of traces by OTLP over HTTP that takes nothing but what the protocol allows. */
export async function startCollector(): Promise<Collector> {
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    collector.headers.push(request.headers)
    if (collector.status === 200) take(collector, request, Buffer.concat(chunks).toString())
    response.writeHead(collector.status, { 'Content-Type': 'application/json' }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  const collector: Collector = { url, spans: [], flaws: [], headers: [], status: 200, close }
  return collector
}

function take({ spans, flaws }: Collector, request: http.IncomingMessage, body: string): void {
  if (request.method !== 'POST' || request.url !== '/v1/traces') flaws.push(`${request.method} ${request.url}`)
  if (request.headers['content-type'] !== 'application/json') flaws.push(`it is ${request.headers['content-type']}`)
  const parsed = requestSchema.safeParse(JSON.parse(body))
  if (!parsed.success) {
    flaws.push(z.prettifyError(parsed.error))
    return
  }
  for (const { resource, scopeSpans } of parsed.data.resourceSpans) {
    const service = resource.attributes['service.name']
    for (const scope of scopeSpans) spans.push(...scope.spans.map((span) => ({ ...span, service })))
  }
}
