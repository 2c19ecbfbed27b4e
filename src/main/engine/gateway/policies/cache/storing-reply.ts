import type { Exchange } from '../../exchange.js'
import { headerValue, type RawHeaders } from '../../headers.js'
import type { Reply } from '../../reply.js'
import { PassedReply } from '../passed-reply.js'
import { type CacheRequest, withStatus } from './cache-request.js'
import type { CacheStatus } from './cache-status.js'
import { confirms, isConditional, mergedFields } from './conditions.js'
import type { CacheEntry } from './entry.js'
import type { Flight } from './flight.js'
import { type AnswerHead, ageAt, type Freshness } from './freshness.js'
import { isServerError, servesOnError } from './judge.js'
import { type Sent, sendStored } from './send-stored.js'

/** What the answer to a request that went to the backend may change. */
export interface Keeper {
  /** How long an answer may be used; null when it is not to be stored. */
  assess(head: AnswerHead, request: CacheRequest): Freshness | null
  /** The head of an answer that is to be kept: what others may have too. */
  opened(flight: Flight, head: AnswerHead, freshness: Freshness, request: CacheRequest): void
  keep(flight: Flight, body: Buffer): void
  /** The stored answer has been confirmed. @returns what it is now */
  confirmed(entry: CacheEntry, head: AnswerHead, body: Buffer, request: CacheRequest): Freshness
  /** An answer that is not kept has come; @param entry that it was to replace */
  notKept(request: CacheRequest, entry: CacheEntry | null, status: number): void
}

/** The stored answer about which the backend is asked, body included. */
export interface Asked {
  entry: CacheEntry
  body: Buffer
}

/**
 * The way back of a request that the cache could not answer: keeps what may be kept as it passes, serves the stored
 * answer when the backend confirms it, and, where that is permitted, when the backend fails.
 */
export class StoringReply extends PassedReply {
  readonly #exchange: Exchange
  readonly #request: CacheRequest
  readonly #flight: Flight
  readonly #asked: Asked | null
  readonly #keeper: Keeper
  readonly #requestedAt = Date.now()
  #expected: number | null = null
  #received = 0
  /** the stored answer was sent instead; what comes from the backend is not passed on */
  #sent: Sent | null = null
  #blocked = false
  #onDrain: (() => void) | null = null

  constructor(
    next: Reply,
    exchange: Exchange,
    request: CacheRequest,
    flight: Flight,
    asked: Asked | null,
    keeper: Keeper,
  ) {
    super(next)
    this.#exchange = exchange
    this.#request = request
    this.#flight = flight
    this.#asked = asked
    this.#keeper = keeper
    flight.onChange = () => this.#look()
    exchange.outlives = () => flight.wanted
    void next.closed.then(() => this.#clientLeft())
  }

  override get gone(): boolean {
    return this.next.gone && !this.#flight.wanted
  }

  override head(
    status: number,
    reason: string,
    headers: RawHeaders,
    options: { bodiless: boolean; trailers: boolean },
  ): void {
    const head = this.#headOf(status, reason, headers)
    const asked = this.#asked
    if (asked !== null && status === 304 && this.#isOurs(headers, asked)) {
      this.#confirm(asked, head)
      return
    }
    if (asked !== null && this.#standsIn(asked, status)) {
      this.#standIn(asked, status)
      return
    }
    const freshness = this.#exchange.answeredBy === null ? null : this.#keeper.assess(head, this.#request)
    this.#tell(headers, freshness !== null, status)
    this.next.head(status, reason, headers, options)
    this.#exchange.note('cache', 'miss')
    if (freshness === null) {
      this.#flight.settle('pass')
      this.#keeper.notKept(this.#request, asked?.entry ?? null, status)
      return
    }
    const length = headerValue(headers, 'content-length')
    this.#expected = length === undefined || options.bodiless ? null : Number(length)
    this.#keeper.opened(this.#flight, head, freshness, this.#request)
  }

  override write(chunk: Uint8Array): boolean {
    if (this.#replaced()) return true
    this.#received += chunk.length
    this.#blocked = !this.next.write(chunk)
    this.#flight.push(chunk)
    return this.#hasRoom()
  }

  override onDrain(listener: () => void): void {
    this.#onDrain = listener
    this.next.onDrain(() => {
      this.#blocked = false
      this.#look()
    })
  }

  override end(chunk?: Uint8Array, trailers?: RawHeaders): void {
    if (this.#replaced()) return
    this.next.end(chunk, trailers)
    if (chunk !== undefined) {
      this.#received += chunk.length
      this.#flight.push(chunk)
    }
    if (this.#flight.shared === null) return
    if (this.#expected !== null && this.#expected !== this.#received) {
      this.#flight.break()
      return
    }
    const body = this.#flight.finish()
    if (body !== null) this.#keeper.keep(this.#flight, body)
  }

  override destroy(resetCode?: number): void {
    this.#flight.break()
    if (!this.#replaced()) this.next.destroy(resetCode)
  }

  /** The answer as it is kept: before anything that policies further out add to it. */
  #headOf(status: number, reason: string, headers: RawHeaders): AnswerHead {
    const kept = this.#request.withoutOwnCookie(headers)
    const receivedAt = Date.now()
    // RFC 9110 section 6.6.1: whoever keeps an answer without a date gives it one.
    if (headerValue(kept, 'date') === undefined) kept.push('Date', new Date(receivedAt).toUTCString())
    return { status, reason, headers: kept, requestedAt: this.#requestedAt, receivedAt }
  }

  #confirm({ entry, body }: Asked, update: AnswerHead): void {
    const head = { ...update, status: entry.head.status, reason: entry.head.reason }
    head.headers = mergedFields(entry.head.headers, update.headers)
    const freshness = this.#keeper.confirmed(entry, head, body, this.#request)
    this.#exchange.note('cache', 'revalidated')
    this.#send({ head, freshness, body }, { fwd: this.#request.fwd(entry), fwdStatus: 304 })
  }

  /** A 304 is for a condition of the client's only where it made one. */
  #isOurs(headers: RawHeaders, { entry }: Asked): boolean {
    return !isConditional(this.#exchange.headers) || confirms(headers, entry.freshness)
  }

  #standsIn({ entry }: Asked, status: number): boolean {
    return isServerError(status) && servesOnError(entry.freshness, this.#request.directives, Date.now())
  }

  #standIn({ entry, body }: Asked, status: number): void {
    this.#exchange.note('cache', 'stale')
    const { head, freshness } = entry
    this.#send({ head, freshness, body }, { hit: true, fwd: 'stale', fwdStatus: status, detail: 'stale-if-error' })
  }

  #send(stored: { head: AnswerHead; freshness: Freshness; body: Buffer }, status: CacheStatus): void {
    this.#sent = sendStored(this.#exchange, this.next, stored, this.#request.tells ? status : null)
    this.#flight.settle('again')
  }

  #tell(headers: RawHeaders, stored: boolean, fwdStatus: number): void {
    const entry = this.#asked?.entry ?? null
    const fwd = this.#request.fwd(entry)
    withStatus(this.#request, headers, { fwd, stored, ...(entry === null ? {} : { fwdStatus }) }, this.lowerCaseNames)
  }

  /** Whoever forwards has set what the backend sent; the log tells what the client got. */
  #replaced(): boolean {
    if (this.#sent === null) return false
    const exchange = this.#exchange
    exchange.status = this.#sent.status
    exchange.responseHeaders = this.#sent.headers
    exchange.bytesOut = this.#sent.bytes
    return true
  }

  #hasRoom(): boolean {
    const { collecting, wanted, lagging } = this.#flight
    return !lagging && (!this.#blocked || (wanted && collecting) || this.next.gone)
  }

  #look(): void {
    this.#clientLeft()
    if (this.#hasRoom()) this.#onDrain?.()
  }

  /** Others have the answer to its end; without them nobody does. */
  #clientLeft(): void {
    if (this.next.gone && !this.#flight.wanted) this.#exchange.abandon()
  }
}

/** Milliseconds for which a stored answer stays fresh; negative when it is stale. */
export function leftOf(freshness: Freshness): number {
  return freshness.lifetime - ageAt(freshness, Date.now())
}
