import type { ExchangeEntry } from '../../shared/contract.js'

/** Seconds that are shown. */
export const HISTORY_SECONDS = 60
/** Entries looked back through at first; at 2,000 a second it is a minute. */
const LOOK_BACK = 120_000

/**
 * The 95th percentile of the time that exchanges took, by the second in which they ended. Each entry is looked at once;
 * what a second held is forgotten a minute later.
 */
export class LatencyHistory {
  readonly #app: string | null
  readonly #seconds = new Map<number, number[]>()
  #seen = 0

  /** @param app its name; null for all */
  constructor(app: string | null) {
    this.#app = app
  }

  /**
   * Takes in what the log has that was not there the last time.
   *
   * @param total entries that there have been, those that have gone included
   * @param at the entry by its number among those that have been
   */
  take(total: number, at: (number: number) => ExchangeEntry | undefined): void {
    const oldest = Math.max(this.#seen, total - LOOK_BACK)
    for (let number = oldest; number < total; number++) {
      const entry = at(number)
      if (entry !== undefined && (this.#app === null || entry.app === this.#app)) this.#add(entry)
    }
    this.#seen = total
  }

  /** The percentile of each of the last 60 seconds, oldest first; null for one without requests. @param now milliseconds since 1970 */
  p95s(now: number): (number | null)[] {
    const last = Math.floor(now / 1_000)
    for (const second of this.#seconds.keys()) if (second <= last - HISTORY_SECONDS) this.#seconds.delete(second)
    return Array.from({ length: HISTORY_SECONDS }, (_, at) => p95(this.#seconds.get(last - HISTORY_SECONDS + 1 + at)))
  }

  #add({ time, totalMs }: ExchangeEntry): void {
    const second = Math.floor((Date.parse(time) + totalMs) / 1_000)
    const times = this.#seconds.get(second)
    if (times === undefined) this.#seconds.set(second, [totalMs])
    else times.push(totalMs)
  }
}

function p95(times: number[] | undefined): number | null {
  if (times === undefined) return null
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null
}
