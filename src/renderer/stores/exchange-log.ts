import type { ExchangeEntry } from '../../shared/contract.js'
import { type ExchangeFilter, exchangeMatcher, NO_FILTER } from './exchange-filter.js'

/** Trimmed in steps of a tenth, so that a full log does not move all its rows for every new one. */
const SLACK = 1.1
/** The engine remembers no more than this, so nothing older can be told twice. */
const OVERLAP = 10_000
/** Looked through in every frame that an app's details are shown. */
const LOOK_BACK = 20_000

/** The latest exchanges, bounded, and the rows among them that a filter lets through. Mutable: it changes 60 times a second. */
export class ExchangeLog {
  /** rows that the filter lets through, oldest first */
  rows: ExchangeEntry[] = []
  /** rows that have gone from the front since the filter was set */
  dropped = 0
  #entries: ExchangeEntry[] = []
  #matches = exchangeMatcher(NO_FILTER)
  readonly #capacity: number

  /** @param capacity entries kept at least, once there were as many */
  constructor(capacity = 100_000) {
    this.#capacity = capacity
  }

  get total(): number {
    return this.#entries.length
  }

  /** The latest of an app, newest first, whatever the filter. */
  latestOf(app: string, limit: number): ExchangeEntry[] {
    const found: ExchangeEntry[] = []
    const oldest = Math.max(0, this.#entries.length - LOOK_BACK)
    for (let at = this.#entries.length - 1; at >= oldest && found.length < limit; at--) {
      const entry = this.#entries[at]
      if (entry?.app === app) found.push(entry)
    }
    return found
  }

  append(batch: readonly ExchangeEntry[]): void {
    for (const entry of batch) {
      this.#entries.push(entry)
      if (this.#matches(entry)) this.rows.push(entry)
    }
    if (this.#entries.length > this.#capacity * SLACK) this.#trim()
  }

  /** Takes in what the engine remembers; what is known already is passed over. */
  merge(remembered: readonly ExchangeEntry[]): void {
    const known = new Set(this.#entries.slice(-OVERLAP).map(({ id }) => id))
    const fresh = remembered.filter(({ id }) => !known.has(id))
    if (fresh.length === 0) return
    this.#entries = [...this.#entries, ...fresh].sort((a, b) => endOf(a) - endOf(b))
    if (this.#entries.length > this.#capacity) this.#entries = this.#entries.slice(-this.#capacity)
    this.#select()
  }

  clear(): void {
    this.#entries = []
    this.#select()
  }

  filter(filter: ExchangeFilter): void {
    this.#matches = exchangeMatcher(filter)
    this.#select()
  }

  #select(): void {
    this.rows = this.#entries.filter(this.#matches)
    this.dropped = 0
  }

  #trim(): void {
    const gone = this.#entries.splice(0, this.#entries.length - this.#capacity)
    const goneRows = gone.reduce((count, entry) => count + (this.#matches(entry) ? 1 : 0), 0)
    this.rows.splice(0, goneRows)
    this.dropped += goneRows
  }
}

/** The log is in the order in which exchanges end. */
function endOf(entry: ExchangeEntry): number {
  return Date.parse(entry.time) + entry.totalMs
}
