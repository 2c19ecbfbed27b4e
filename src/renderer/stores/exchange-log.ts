import type { ExchangeEntry } from '../../shared/contract.js'
import { type ExchangeFilter, exchangeMatcher, NO_FILTER } from './exchange-filter.js'

/** Trimmed in steps of a tenth, so that a full log does not move all its rows for every new one. */
const SLACK = 1.1
/** The engine remembers no more than this, so nothing older can be told twice. */
const OVERLAP = 10_000
/** Looked through in every frame that an app's details are shown. */
const LOOK_BACK = 20_000
/** Entries looked at between two looks at the clock. */
const STRIDE = 256

/**
 * The latest exchanges, bounded, and the rows among them that a filter lets through. Mutable: it changes 60 times a
 * second. A new filter is taken in by `select`, in slices; until it is through, the rows are those of the one before.
 */
export class ExchangeLog {
  /** rows that the filter lets through, oldest first */
  rows: ExchangeEntry[] = []
  /** rows that have gone from the front since the filter was set */
  dropped = 0
  /** grows with each filter that has been taken in, and whenever the log is made anew */
  selection = 0
  /** entries that there have been since the log was made or made anew, those that have gone included */
  everHeld = 0
  #entries: ExchangeEntry[] = []
  #matches = exchangeMatcher(NO_FILTER)
  /** while a filter is being taken in: the rows found so far, and the entry to look at next */
  #found: { rows: ExchangeEntry[]; next: number } | null = null
  readonly #capacity: number

  /** @param capacity entries kept at least, once there were as many */
  constructor(capacity = 100_000) {
    this.#capacity = capacity
  }

  get total(): number {
    return this.#entries.length
  }

  /** The entry at a place, from 0 for the oldest. */
  at(index: number): ExchangeEntry | undefined {
    return this.#entries[index]
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
      this.everHeld++
      if (this.#found === null && this.#matches(entry)) this.rows.push(entry)
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
    this.everHeld += fresh.length
    this.#found = { rows: [], next: 0 }
  }

  clear(): void {
    this.#entries = []
    this.#found = { rows: [], next: 0 }
    this.select(() => false)
  }

  /** Sets the filter; `select` takes it in. */
  filter(filter: ExchangeFilter): void {
    this.#matches = exchangeMatcher(filter)
    this.#found = { rows: [], next: 0 }
  }

  /**
   * Goes on with taking in what `filter` or `merge` has begun.
   *
   * @param isOver asked every few hundred entries whether to stop for now
   * @returns true when nothing is left to do
   */
  select(isOver: () => boolean): boolean {
    const found = this.#found
    if (found === null) return true
    while (found.next < this.#entries.length) {
      const entry = this.#entries[found.next++]!
      if (this.#matches(entry)) found.rows.push(entry)
      if (found.next % STRIDE === 0 && isOver()) return false
    }
    this.rows = found.rows
    this.dropped = 0
    this.selection++
    this.#found = null
    return true
  }

  #trim(): void {
    const gone = this.#entries.splice(0, this.#entries.length - this.#capacity)
    let goneRows = 0
    for (const entry of gone) if (this.rows[goneRows] === entry) goneRows++
    this.rows.splice(0, goneRows)
    this.dropped += goneRows
    if (this.#found !== null) this.#found = { rows: [], next: 0 }
  }
}

/** The log is in the order in which exchanges end. */
function endOf(entry: ExchangeEntry): number {
  return Date.parse(entry.time) + entry.totalMs
}
