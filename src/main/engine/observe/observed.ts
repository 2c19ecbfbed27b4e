/** Field names and values in turn, as on the wire. */
export type RawHeaders = readonly string[]

/** As much of an exchange as is told of it. */
export interface ObservedExchange {
  /** of the gateway's own making, unique */
  readonly id: string
  /** the client's, or the gateway's own */
  requestId: string
  /** owner of the host; null when none is */
  readonly app: { readonly name: string } | null
  readonly route: ObservedRoute | null
  readonly host: string
  readonly method: string
  /** path and query as received */
  readonly target: string
  /** path and query for the backend, before the route's prefixes */
  readonly sentTarget: string
  readonly protocol: string
  readonly isPanel: boolean
  readonly connection: { readonly client: string; readonly trusted: boolean; readonly encrypted: boolean }
  readonly headers: RawHeaders
  readonly responseHeaders: RawHeaders | null
  readonly reply: { readonly lowerCaseNames: boolean }
  /** milliseconds since the epoch */
  readonly time: number
  /** milliseconds since the head arrived */
  readonly totalMs: number
  readonly firstByteMs: number | null
  readonly attemptStartedMs: number
  readonly attempts: number
  readonly failedAttempts: readonly ObservedAttempt[] | null
  readonly answeredBy: string | null
  /** 0 when the client went away before one was sent */
  readonly status: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly openEnded: boolean
  readonly notes: readonly { readonly policy: string; readonly outcome: string }[] | null
  readonly error: string | null
  trace: ExchangeTrace | null
  /** Changes fields of each request to a backend. */
  editRequest(edit: (headers: string[]) => string[]): void
  /** Changes fields of the answer in place. */
  editAnswer(edit: (headers: string[]) => void): void
}

export interface ObservedRoute {
  /** as the config has it */
  readonly pattern: string
  readonly stripPrefix: string | null
  readonly addPrefix: string | null
}

export interface ObservedAttempt {
  readonly backend: string
  readonly error: string
  readonly startedMs: number
  readonly ms: number
  readonly status: number | null
}

/** The place of an exchange in a trace (W3C Trace Context). */
export interface ExchangeTrace {
  /** 32 hex digits */
  readonly traceId: string
  /** 16 hex digits; null when the trace begins here */
  readonly parentId: string | null
  readonly spanId: string
  readonly sampled: boolean
  readonly state: string | null
  /** the span of each attempt, by its number from 0 */
  readonly attemptIds: string[]
}

/** The last value of a field; undefined without. @param name in lower case */
export function fieldValue(headers: RawHeaders, name: string): string | undefined {
  return fieldValues(headers, name).at(-1)
}

/** @param name in lower case */
export function fieldValues(headers: RawHeaders, name: string): string[] {
  const values: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const field = headers[i] as string
    if (field.length === name.length && field.toLowerCase() === name) values.push(headers[i + 1] as string)
  }
  return values
}

/** The fields with one of that name in place of all of its name. @param name as it is to be written; null removes */
export function withField(headers: string[], name: string, value: string | null): string[] {
  const lower = name.toLowerCase()
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    const field = headers[i] as string
    if (field.length === lower.length && field.toLowerCase() === lower) headers.splice(i, 2)
  }
  if (value !== null) headers.push(name, value)
  return headers
}
