import {
  type Attributes,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type TraceState,
} from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { maskedTarget } from '../../gateway/mask.js'
import { upstreamTarget } from '../../gateway/upstream-request.js'
import { type ExchangeTrace, fieldValue, type ObservedExchange } from '../observed.js'

/** What every span of this gateway has in common. */
export interface SpanScope {
  resource: Resource
  instrumentationScope: ReadableSpan['instrumentationScope']
}

/** Methods of RFC 9110 and RFC 5789; others are `_OTHER`, as the semantic conventions ask. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE'])

/** The spans of an exchange that has ended: its own, and one for each attempt at a backend. */
export function exchangeSpans(exchange: ObservedExchange, trace: ExchangeTrace, scope: SpanScope): ReadableSpan[] {
  const failed = exchange.failedAttempts ?? []
  const attempts = failed.map((attempt, index) =>
    attemptSpan(exchange, trace, scope, { ...attempt, index, error: attempt.error }),
  )
  const { answeredBy, attemptStartedMs: startedMs, totalMs, status } = exchange
  if (answeredBy !== null) {
    const answered = { backend: answeredBy, startedMs, ms: totalMs - startedMs, status, error: null }
    attempts.push(attemptSpan(exchange, trace, scope, { ...answered, index: failed.length }))
  }
  return [serverSpan(exchange, trace, scope), ...attempts]
}

function serverSpan(exchange: ObservedExchange, trace: ExchangeTrace, scope: SpanScope): ReadableSpan {
  const { status, error, route, method } = exchange
  const failed = status === 0 || status >= 500
  return span(scope, {
    name: route === null ? spanMethod(method) : `${spanMethod(method)} ${route.pattern}`,
    kind: SpanKind.SERVER,
    context: contextOf(trace, trace.spanId),
    parent: trace.parentId === null ? undefined : { ...contextOf(trace, trace.parentId), isRemote: true },
    startMs: exchange.time,
    endMs: exchange.time + exchange.totalMs,
    attributes: { ...serverAttributes(exchange), ...(failed ? { 'error.type': errorType(status) } : {}) },
    status: failed ? { code: SpanStatusCode.ERROR, message: error ?? undefined } : { code: SpanStatusCode.UNSET },
  })
}

interface Attempt {
  backend: string
  /** its number, from 0 */
  index: number
  error: string | null
  startedMs: number
  ms: number
  /** null when it brought no answer */
  status: number | null
}

function attemptSpan(
  exchange: ObservedExchange,
  trace: ExchangeTrace,
  scope: SpanScope,
  attempt: Attempt,
): ReadableSpan {
  const { index, error, status, startedMs, ms } = attempt
  const failed = error !== null || (status ?? 0) >= 400
  const startMs = exchange.time + startedMs
  return span(scope, {
    name: spanMethod(exchange.method),
    kind: SpanKind.CLIENT,
    context: contextOf(trace, attemptId(trace, index)),
    parent: contextOf(trace, trace.spanId),
    startMs,
    endMs: startMs + ms,
    attributes: {
      ...attemptAttributes(exchange, attempt),
      ...(failed ? { 'error.type': status === null ? 'no_answer' : String(status) } : {}),
    },
    status: failed ? { code: SpanStatusCode.ERROR, message: error ?? undefined } : { code: SpanStatusCode.UNSET },
  })
}

/** An attempt that never came to sending its request has no id yet. */
function attemptId(trace: ExchangeTrace, index: number): string {
  const known = trace.attemptIds[index]
  if (known !== undefined) return known
  const base = BigInt(`0x${trace.spanId}`) + BigInt(index + 1)
  return BigInt.asUintN(64, base).toString(16).padStart(16, '0')
}

function serverAttributes(exchange: ObservedExchange): Attributes {
  const { connection, host, status, route, requestId, app, protocol, notes } = exchange
  const masked = maskedTarget(exchange.target)
  const query = masked.indexOf('?')
  const attributes: Attributes = {
    ...methodAttributes(exchange.method),
    'url.scheme': connection.encrypted ? 'https' : 'http',
    'url.path': query === -1 ? masked : masked.slice(0, query),
    'server.address': host,
    'client.address': connection.client,
    'network.protocol.name': 'http',
    'network.protocol.version': protocol === 'http/1.0' ? '1.0' : protocol.startsWith('h2') ? '2' : '1.1',
    'portico.request_id': requestId,
  }
  if (query !== -1) attributes['url.query'] = masked.slice(query + 1)
  if (route !== null) attributes['http.route'] = route.pattern
  if (app !== null) attributes['portico.app'] = app.name
  if (status !== 0) attributes['http.response.status_code'] = status
  const userAgent = fieldValue(exchange.headers, 'user-agent')
  if (userAgent !== undefined) attributes['user_agent.original'] = userAgent
  for (const { policy, outcome } of notes ?? []) {
    const key = `portico.policy.${policy}`
    attributes[key] = [...((attributes[key] as string[] | undefined) ?? []), outcome]
  }
  return attributes
}

function attemptAttributes({ method, sentTarget, route }: ObservedExchange, attempt: Attempt): Attributes {
  const { backend, index, status } = attempt
  const url = URL.parse(backend)
  const path = maskedTarget(route === null ? sentTarget : upstreamTarget(sentTarget, route))
  const attributes: Attributes = { ...methodAttributes(method), 'url.full': `${url?.origin ?? backend}${path}` }
  if (url !== null) {
    attributes['server.address'] = url.hostname
    attributes['server.port'] = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  }
  if (status !== null && status !== 0) attributes['http.response.status_code'] = status
  if (index > 0) attributes['http.request.resend_count'] = index
  return attributes
}

function methodAttributes(method: string): Attributes {
  return METHODS.has(method)
    ? { 'http.request.method': method }
    : { 'http.request.method': '_OTHER', 'http.request.method_original': method }
}

/** Where a method is not known the name of a span has `HTTP` in its place. */
function spanMethod(method: string): string {
  return METHODS.has(method) ? method : 'HTTP'
}

function errorType(status: number): string {
  return status === 0 ? 'client_gone' : String(status)
}

function contextOf({ traceId, state, sampled }: ExchangeTrace, spanId: string): SpanContext {
  const context: SpanContext = { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE }
  return state === null ? context : { ...context, traceState: new PassedState(state) }
}

/** The state as it came: it is told, and never changed. */
class PassedState implements TraceState {
  constructor(readonly text: string) {}

  serialize(): string {
    return this.text
  }

  get(key: string): string | undefined {
    const member = this.text.split(',').find((one) => one.startsWith(`${key}=`))
    return member?.slice(key.length + 1)
  }

  set(): TraceState {
    return this
  }

  unset(): TraceState {
    return this
  }
}

interface SpanParts {
  name: string
  kind: SpanKind
  context: SpanContext
  parent: SpanContext | undefined
  /** milliseconds since the epoch */
  startMs: number
  endMs: number
  attributes: Attributes
  status: { code: SpanStatusCode; message?: string | undefined }
}

function span(scope: SpanScope, parts: SpanParts): ReadableSpan {
  const { name, kind, context, parent, startMs, endMs, attributes, status } = parts
  return {
    ...{ name, kind, attributes, ended: true, links: [], events: [] },
    spanContext: () => context,
    ...(parent === undefined ? {} : { parentSpanContext: parent }),
    startTime: hrTime(startMs),
    endTime: hrTime(endMs),
    duration: hrTime(endMs - startMs),
    status: status.message === undefined ? { code: status.code } : { code: status.code, message: status.message },
    ...scope,
    ...{ droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
  }
}

/** Seconds and nanoseconds of milliseconds, rounded to the microsecond, which is what the clock has. */
function hrTime(ms: number): [number, number] {
  const micros = Math.round(ms * 1000)
  const seconds = Math.floor(micros / 1e6)
  return [seconds, (micros - seconds * 1e6) * 1000]
}
