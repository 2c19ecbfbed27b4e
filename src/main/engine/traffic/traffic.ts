import type { ExchangeEntry } from '../../../shared/contract.js'
import { Capture, type CapturedExchange } from './capture.js'
import { Ring } from './ring.js'
import { type CountedExchange, TrafficStats } from './traffic-stats.js'

/** How many access-log entries are kept in memory. */
const ENTRIES = 10_000

/** What is remembered of the exchanges that have ended. */
export class Traffic {
  readonly entries = new Ring<ExchangeEntry>(ENTRIES)
  readonly capture = new Capture()
  readonly stats = new TrafficStats()

  /** @param exchange null for a request that was refused before it became one */
  add(entry: ExchangeEntry, exchange: (CapturedExchange & CountedExchange) | null): void {
    this.entries.push(entry)
    if (exchange === null) return
    this.capture.add(exchange)
    this.stats.add(exchange, entry.totalMs)
  }

  /** A config is in use from now on. @param apps names of its apps */
  apply(apps: readonly string[]): void {
    this.stats.retain(apps)
  }

  /** Forgets the exchanges; figures stay, for they are not about single ones. */
  clear(): void {
    this.entries.clear()
    this.capture.clear()
  }
}
