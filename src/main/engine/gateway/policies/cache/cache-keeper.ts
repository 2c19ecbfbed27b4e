import { headerValue } from '../../headers.js'
import type { CacheRequest } from './cache-request.js'
import type { CacheLimits } from './cache-settings.js'
import type { CacheStore } from './cache-store.js'
import type { CacheEntry } from './entry.js'
import { CollectingRoom, Flight } from './flight.js'
import { type AnswerHead, type Freshness, type FreshnessDefaults, freshnessOf } from './freshness.js'
import { isServerError, storable } from './judge.js'
import { selectingKey, varyNames } from './selecting.js'
import type { Keeper } from './storing-reply.js'

/** Of all answers under way, where the cache itself may not use that much. */
const COLLECTING_BYTES = 64 * 1024 * 1024
/** URLs whose answers could not be kept when last asked for: nobody waits for the answer of another one to these. */
const MAX_PASSING = 4_000

/** What comes from the backend, on its way into the store; and who asks for the same at the same time. */
export class CacheKeeper implements Keeper {
  readonly #store: CacheStore
  readonly #limits: CacheLimits
  readonly #defaults: FreshnessDefaults
  readonly #room: CollectingRoom
  /** those that others may wait for */
  readonly #flights = new Map<string, Flight>()
  readonly #underWay = new Set<Flight>()
  readonly #passing = new Set<string>()

  constructor(store: CacheStore, limits: CacheLimits, defaults: FreshnessDefaults) {
    this.#store = store
    this.#limits = limits
    this.#defaults = defaults
    this.#room = new CollectingRoom(Math.max(COLLECTING_BYTES, limits.maxEntryBytes))
  }

  /** The request under way whose answer may be this one's too; null without. */
  flight(request: CacheRequest): Flight | null {
    return this.#flights.get(keyOf(request)) ?? null
  }

  /** A request goes to the backend. @param leads others may wait for its answer */
  begin(request: CacheRequest, leads: boolean): Flight {
    const flight = new Flight(request.url, this.#room, this.#limits.maxEntryBytes)
    const key = keyOf(request)
    this.#underWay.add(flight)
    const led = leads && !this.#passing.has(key) && !this.#flights.has(key)
    if (led) this.#flights.set(key, flight)
    flight.onOver = () => {
      this.#underWay.delete(flight)
      if (led) this.#flights.delete(key)
    }
    return flight
  }

  /** Whether the answer that a flight brings is the one for this request. */
  fits({ shared, outdated }: Flight, request: CacheRequest): boolean {
    if (shared === null || outdated || shared.freshness.noCache) return false
    return shared.served === request.served && selectingKey(shared.vary, request.headers) === shared.selected
  }

  assess(head: AnswerHead, request: CacheRequest): Freshness | null {
    const length = Number(headerValue(head.headers, 'content-length') ?? 0)
    return length > this.#limits.maxEntryBytes ? null : storable(head, request, this.#defaults)
  }

  opened(flight: Flight, head: AnswerHead, freshness: Freshness, request: CacheRequest): void {
    this.#passing.delete(keyOf(request))
    const { url, served } = request
    const vary = varyNames(head.headers)
    flight.open({ url, served, vary, selected: selectingKey(vary, request.headers), head, freshness })
  }

  keep(flight: Flight, body: Buffer): void {
    const { shared } = flight
    if (shared === null || flight.outdated) return
    this.#store.add({ ...shared, bytes: body.length, body, file: null })
  }

  confirmed(entry: CacheEntry, head: AnswerHead, body: Buffer, request: CacheRequest): Freshness {
    const freshness = storable(head, request, this.#defaults)
    this.#store.remove(entry)
    if (freshness === null) return freshnessOf(head, this.#defaults)
    const vary = varyNames(head.headers)
    const selected = selectingKey(vary, request.headers)
    this.#store.add({ ...entry, vary, selected, head, freshness, body, file: null })
    return freshness
  }

  notKept(request: CacheRequest, entry: CacheEntry | null, status: number): void {
    const key = keyOf(request)
    if (this.#passing.size >= MAX_PASSING) this.#passing.clear()
    if (!isServerError(status)) this.#passing.add(key)
    // The stored answer is not what the backend says now; an error or a condition of the client's says nothing of it.
    if (entry !== null && status !== 304 && status < 500) this.#store.remove(entry)
  }

  /** Removes what fits, and sees that none that is under way takes its place. @returns how many */
  removeWhere(fits: (url: string) => boolean): number {
    this.#outdate(fits)
    return this.#store.removeWhere(({ url }) => fits(url))
  }

  invalidate(url: string): void {
    this.#outdate((one) => one === url)
    this.#store.removeUrl(url)
  }

  #outdate(fits: (url: string) => boolean): void {
    for (const flight of this.#underWay) {
      if (fits(flight.url)) flight.outdated = true
    }
  }
}

function keyOf({ url, served }: CacheRequest): string {
  return `${url} ${served}`
}
