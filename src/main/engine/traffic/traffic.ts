import type { ExchangeEntry } from '../../../shared/contract.js'
import { BackendHealth, type BackendPlace } from './backend-health.js'
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
  readonly health: BackendHealth

  /** @param backendsChanged called when a backend turned healthy or unhealthy, or the config has others */
  constructor(backendsChanged: () => void) {
    this.health = new BackendHealth(backendsChanged)
  }

  /** @param exchange null for a request that was refused before it became one */
  add(entry: ExchangeEntry, exchange: (CapturedExchange & CountedExchange) | null): void {
    this.entries.push(entry)
    if (exchange === null) return
    this.capture.add(exchange)
    this.stats.add(exchange, entry.totalMs)
  }

  /** A config is in use from now on. @param apps names of its apps; @param backends theirs, in order */
  apply(apps: readonly string[], backends: Iterable<BackendPlace>): void {
    this.stats.retain(apps)
    this.health.apply(backends)
  }

  /** Forgets the exchanges; figures and health stay, for they are not about single ones. */
  clear(): void {
    this.entries.clear()
    this.capture.clear()
  }
}
