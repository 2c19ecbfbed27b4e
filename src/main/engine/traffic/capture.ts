import type { ExchangeDetail } from '../../../shared/window-schemas.js'

/** Field names and values in turn, as on the wire. */
type RawHeaders = readonly string[]

/** What an exchange that has ended says of itself beyond its access-log entry. */
export interface CapturedExchange {
  readonly id: string
  readonly headers: RawHeaders
  /** null when no answer was begun */
  readonly responseHeaders: RawHeaders | null
  readonly route: { readonly pattern: string } | null
  readonly connection: { readonly tls: ExchangeDetail['tls'] }
  /** attempts that brought no answer, in order */
  readonly failedAttempts: readonly FailedAttempt[] | null
  /** the backend that answered; null when none did */
  readonly answeredBy: string | null
  /** milliseconds from the head's arrival to the beginning of the latest attempt */
  readonly attemptStartedMs: number
  readonly totalMs: number
  readonly status: number
  readonly requestId: string
  /** what policies did; null when nothing worth telling */
  readonly notes: readonly { readonly policy: string; readonly outcome: string }[] | null
  /** what came behind the request body */
  readonly requestTrailers: RawHeaders
  /** what went to the client behind the body; null when nothing did */
  readonly sentTrailers: RawHeaders | null
  readonly trace: { readonly traceId: string } | null
}

interface FailedAttempt {
  backend: string
  error: string
  startedMs: number
  ms: number
  status: number | null
}

/** How many exchanges can be looked at in full, unless their fields are very long. */
export const CAPTURED = 1_000
/** characters of field names and values that are kept altogether, plus those of one exchange */
export const CAPTURED_LENGTH = 16 * 1024 * 1024

/**
 * The latest exchanges in full. Each leaves references in a slot made beforehand, and nothing is copied until somebody
 * asks, because this happens with every request. Clients that send fields as long as they may cannot fill the memory.
 */
export class Capture {
  readonly #slots: Slot[] = Array.from({ length: CAPTURED }, () => new Slot())
  /** how many came, and which of these is the oldest that is kept */
  #added = 0
  #oldest = 0
  #length = 0

  add(exchange: CapturedExchange): void {
    if (this.#added - this.#oldest === CAPTURED) this.#forgetOldest()
    const slot = this.#slot(this.#added)
    this.#added += 1
    slot.id = exchange.id
    slot.route = exchange.route === null ? null : exchange.route.pattern
    slot.requestHeaders = exchange.headers
    slot.responseHeaders = exchange.responseHeaders
    slot.tls = exchange.connection.tls
    slot.failedAttempts = exchange.failedAttempts
    slot.answeredBy = exchange.answeredBy
    slot.attemptStartedMs = exchange.attemptStartedMs
    slot.totalMs = exchange.totalMs
    slot.status = exchange.status
    slot.requestId = exchange.requestId
    slot.notes = exchange.notes
    slot.requestTrailers = exchange.requestTrailers
    slot.sentTrailers = exchange.sentTrailers
    slot.traceId = exchange.trace === null ? null : exchange.trace.traceId
    slot.length = lengthOf(exchange.headers) + lengthOf(exchange.responseHeaders ?? NONE)
    this.#length += slot.length
    while (this.#length > CAPTURED_LENGTH && this.#oldest < this.#added - 1) this.#forgetOldest()
  }

  /** One exchange in full; null when it is not among the latest, or never was an exchange. */
  get(id: string): ExchangeDetail | null {
    const slot = this.#slots.find((one) => one.id === id)
    if (slot === undefined || id === '') return null
    return {
      id,
      route: slot.route,
      requestHeaders: pairs(slot.requestHeaders),
      responseHeaders: slot.responseHeaders === null ? null : pairs(slot.responseHeaders),
      tls: slot.tls,
      attempts: attemptsOf(slot),
      requestTrailers: pairs(slot.requestTrailers),
      responseTrailers: pairs(slot.sentTrailers ?? NONE),
      requestId: slot.requestId,
      traceId: slot.traceId,
      notes: (slot.notes ?? []).map(({ policy, outcome }) => ({ policy, outcome })),
    }
  }

  /** Forgets all. */
  clear(): void {
    while (this.#oldest < this.#added) this.#forgetOldest()
  }

  #slot(number: number): Slot {
    return this.#slots[number % CAPTURED] as Slot
  }

  #forgetOldest(): void {
    const slot = this.#slot(this.#oldest)
    this.#oldest += 1
    this.#length -= slot.length
    slot.clear()
  }
}

class Slot {
  id = ''
  route: string | null = null
  requestHeaders: RawHeaders = NONE
  responseHeaders: RawHeaders | null = null
  tls: ExchangeDetail['tls'] = null
  failedAttempts: CapturedExchange['failedAttempts'] = null
  answeredBy: string | null = null
  attemptStartedMs = 0
  totalMs = 0
  status = 0
  requestId = ''
  notes: CapturedExchange['notes'] = null
  requestTrailers: RawHeaders = NONE
  sentTrailers: RawHeaders | null = null
  traceId: string | null = null
  /** of the fields of both heads */
  length = 0

  clear(): void {
    this.id = ''
    this.route = null
    this.requestHeaders = NONE
    this.responseHeaders = null
    this.tls = null
    this.failedAttempts = null
    this.answeredBy = null
    this.requestId = ''
    this.notes = null
    this.requestTrailers = NONE
    this.sentTrailers = null
    this.traceId = null
    this.length = 0
  }
}

const NONE: RawHeaders = []

function lengthOf(raw: RawHeaders): number {
  let length = 0
  for (const text of raw) length += text.length
  return length
}

/** The last one answered, unless it carries an error. */
function attemptsOf({
  failedAttempts,
  answeredBy,
  attemptStartedMs,
  totalMs,
  status,
}: Slot): ExchangeDetail['attempts'] {
  const failed = (failedAttempts ?? []).map((one) => ({
    ...one,
    startedMs: rounded(one.startedMs),
    ms: rounded(one.ms),
  }))
  if (answeredBy === null) return failed
  const ms = rounded(totalMs - attemptStartedMs)
  return [...failed, { backend: answeredBy, error: null, startedMs: rounded(attemptStartedMs), ms, status }]
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100
}

function pairs(raw: RawHeaders): [string, string][] {
  const out: [string, string][] = []
  for (let i = 0; i < raw.length; i += 2) out.push([raw[i] as string, raw[i + 1] as string])
  return out
}
