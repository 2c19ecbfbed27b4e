import type { History } from '../../../../shared/history-schemas.js'
import type { ObservedExchange } from '../observed.js'
import { type Ended, HourColumns, STEP_SECONDS, STEPS } from './hour-columns.js'

/** Apps whose last hour is kept; the others count in the total alone. */
const MAX_APPS = 500

/** The last hour of each app and of all together, in steps. */
export class TrafficHistory {
  readonly #now: () => number
  /** milliseconds since the epoch when the monotonic clock was 0 */
  readonly #epoch: number
  readonly #apps = new Map<string, HourColumns>()
  readonly #total: HourColumns
  #known: ReadonlySet<string> = new Set()

  /** @param now monotonic, in milliseconds @param wall milliseconds since the epoch, at this moment */
  constructor(now: () => number = () => performance.now(), wall = Date.now()) {
    this.#now = now
    this.#epoch = wall - now()
    this.#total = new HourColumns(this.#step())
  }

  /** @param apps names of the apps of the config in use; others are forgotten */
  apply(apps: readonly string[]): void {
    this.#known = new Set(apps)
    for (const app of this.#apps.keys()) if (!this.#known.has(app)) this.#apps.delete(app)
  }

  /** An exchange for an app's host begins. */
  begin(app: string): void {
    const step = this.#step()
    this.#total.begin(step)
    this.#of(app, step)?.begin(step)
  }

  end(exchange: ObservedExchange): void {
    const step = this.#step()
    const { app, status, openEnded, firstByteMs, totalMs, bytesIn, bytesOut } = exchange
    const latency = status === 0 ? null : openEnded ? firstByteMs : totalMs
    const ended: Ended = { status, latency, bytesIn, bytesOut }
    this.#total.end(step, ended, app !== null)
    if (app !== null) this.#of(app.name, step)?.end(step, ended, true)
  }

  /** @param app null for all together */
  read(app: string | null): History {
    const step = this.#step()
    const columns = app === null ? this.#total : (this.#apps.get(app) ?? new HourColumns(step))
    const first = step - STEPS + 1
    return {
      app,
      stepSeconds: STEP_SECONDS,
      times: Array.from({ length: STEPS }, (_, i) => (first + i) * STEP_SECONDS),
      ...columns.read(step),
    }
  }

  #of(app: string, step: number): HourColumns | null {
    const there = this.#apps.get(app)
    if (there !== undefined) return there
    if (this.#apps.size >= MAX_APPS || !this.#known.has(app)) return null
    const columns = new HourColumns(step)
    this.#apps.set(app, columns)
    return columns
  }

  #step(): number {
    return Math.floor((this.#epoch + this.#now()) / 1000 / STEP_SECONDS)
  }
}
