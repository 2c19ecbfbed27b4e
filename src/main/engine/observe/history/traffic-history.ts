import type { BusyApp, History } from '../../../../shared/history-schemas.js'
import type { ObservedExchange } from '../observed.js'
import { GatewayHour, OWN_VITALS, type Vitals } from './gateway-hour.js'
import { HistoryClock } from './history-clock.js'
import { type Ended, HourColumns, STEP_SECONDS, STEPS } from './hour-columns.js'

/** Apps whose last hour is kept; the others count in the total alone. */
const MAX_APPS = 500

/** The last hour of each app and of all together, in steps. */
export class TrafficHistory {
  readonly #clock: HistoryClock
  readonly #apps = new Map<string, HourColumns>()
  readonly #total: HourColumns
  readonly #gateway: GatewayHour
  #known: ReadonlySet<string> = new Set()
  #serving = true
  #timer: NodeJS.Timeout | null = null

  constructor(clock = new HistoryClock(), vitals: Vitals = OWN_VITALS) {
    this.#clock = clock
    this.#total = new HourColumns(clock.step())
    this.#gateway = new GatewayHour(clock.step(), vitals)
  }

  /** Notes once a step that the gateway runs, and what it takes, until `close`. */
  start(): void {
    this.#timer ??= setInterval(() => this.look(), STEP_SECONDS * 1000).unref()
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  /** It is turned off or on. */
  serve(serving: boolean): void {
    this.look()
    this.#serving = serving
    this.look()
  }

  /** Notes that the gateway runs. */
  look(): void {
    this.#clock.follow()
    this.#gateway.look(this.#clock.step(), this.#serving)
  }

  /** @param apps names of the apps of the config in use; others are forgotten */
  apply(apps: readonly string[]): void {
    this.#known = new Set(apps)
    for (const app of this.#apps.keys()) if (!this.#known.has(app)) this.#apps.delete(app)
  }

  /** An exchange for an app's host begins. */
  begin(app: string): void {
    const step = this.#clock.step()
    this.#total.begin(step)
    this.#of(app, step)?.begin(step)
  }

  end(exchange: ObservedExchange): void {
    const step = this.#clock.step()
    const { app } = exchange
    const ended = endedOf(exchange)
    this.#total.end(step, ended, app !== null)
    if (app !== null) this.#of(app.name, step)?.end(step, ended, true)
  }

  /** @param app null for all together */
  read(app: string | null): History {
    this.look()
    const step = this.#clock.step()
    const columns = app === null ? this.#total : (this.#apps.get(app) ?? new HourColumns(step))
    const { running, gateway } = this.#gateway.read()
    return {
      app,
      stepSeconds: STEP_SECONDS,
      times: Array.from({ length: STEPS }, (_, i) => this.#clock.timeOf(step - STEPS + 1 + i)),
      running,
      ...columns.read(step),
      gateway: app === null ? gateway : null,
    }
  }

  /** Those with the most requests first; apps without any are left out. @param limit most of them */
  busiest(limit: number): BusyApp[] {
    this.look()
    const step = this.#clock.step()
    return [...this.#apps]
      .map(([app, columns]) => ({ app, ...columns.totals(step) }))
      .filter(({ requests }) => requests > 0)
      .sort((a, b) => b.requests - a.requests)
      .slice(0, limit)
  }

  #of(app: string, step: number): HourColumns | null {
    const there = this.#apps.get(app)
    if (there !== undefined) return there
    if (this.#apps.size >= MAX_APPS || !this.#known.has(app)) return null
    const columns = new HourColumns(step)
    this.#apps.set(app, columns)
    return columns
  }
}

function endedOf(exchange: ObservedExchange): Ended {
  const { status, openEnded, firstByteMs, totalMs, bytesIn, bytesOut, attempts, notes } = exchange
  return {
    status,
    latency: status === 0 ? null : openEnded ? firstByteMs : totalMs,
    bytesIn,
    bytesOut,
    retries: Math.max(0, attempts - 1),
    rateLimited: hasNote(notes, 'rateLimit', LIMITED),
    cacheHit: hasNote(notes, 'cache', HITS),
  }
}

const LIMITED = ['limited']
/** What is kept too long is an answer of the cache nonetheless. */
const HITS = ['hit', 'stale']

function hasNote(notes: ObservedExchange['notes'], policy: string, outcomes: readonly string[]): boolean {
  if (notes === null) return false
  for (const note of notes) if (note.policy === policy && outcomes.includes(note.outcome)) return true
  return false
}
