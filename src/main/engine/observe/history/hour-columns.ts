import type { BusyApp, History } from '../../../../shared/history-schemas.js'
import { HourLatencies } from './hour-latencies.js'
import { LatencyBuckets } from './latency-buckets.js'

export const STEP_SECONDS = 10
/** One hour, with the step that is under way. */
export const STEPS = 3600 / STEP_SECONDS

/** What an exchange that has ended adds to its step. */
export interface Ended {
  status: number
  /** milliseconds; null when its length says nothing of the app's speed */
  latency: number | null
  bytesIn: number
  bytesOut: number
  /** attempts after the first */
  retries: number
  rateLimited: boolean
  /** answered out of the cache */
  cacheHit: boolean
}

type Columns = Omit<History, 'app' | 'stepSeconds' | 'times' | 'running' | 'gateway'>
type Totals = Omit<BusyApp, 'app'>

/** The last hour of one app: a fixed amount of memory (some 27 KB), and no allocation per request. */
export class HourColumns {
  readonly #requests = new Uint32Array(STEPS)
  readonly #clientErrors = new Uint32Array(STEPS)
  readonly #serverErrors = new Uint32Array(STEPS)
  readonly #abandoned = new Uint32Array(STEPS)
  readonly #retries = new Uint32Array(STEPS)
  readonly #rateLimited = new Uint32Array(STEPS)
  readonly #cacheHits = new Uint32Array(STEPS)
  readonly #peaks = new Uint32Array(STEPS)
  readonly #bytesIn = new Float64Array(STEPS)
  readonly #bytesOut = new Float64Array(STEPS)
  readonly #counts = [
    ...[this.#requests, this.#clientErrors, this.#serverErrors, this.#abandoned, this.#bytesIn, this.#bytesOut],
    ...[this.#retries, this.#rateLimited, this.#cacheHits],
  ]
  readonly #quantiles = { p50: gaps(), p95: gaps(), p99: gaps() }
  readonly #latencies = new LatencyBuckets()
  readonly #hour = new HourLatencies()
  #step: number
  #inFlight = 0

  /** @param step that is under way */
  constructor(step: number) {
    this.#step = step
  }

  /** An exchange begins. @param step never less than before */
  begin(step: number): void {
    this.#advance(step)
    this.#inFlight += 1
    const at = step % STEPS
    if (this.#inFlight > (this.#peaks[at] as number)) this.#peaks[at] = this.#inFlight
  }

  /** @param counted whether its beginning was */
  end(step: number, ended: Ended, counted: boolean): void {
    const { status, latency, bytesIn, bytesOut, retries, rateLimited, cacheHit } = ended
    this.#advance(step)
    const at = step % STEPS
    if (counted && this.#inFlight > 0) this.#inFlight -= 1
    increment(this.#requests, at)
    if (status === 0) increment(this.#abandoned, at)
    else if (status >= 500) increment(this.#serverErrors, at)
    else if (status >= 400) increment(this.#clientErrors, at)
    this.#bytesIn[at] = (this.#bytesIn[at] as number) + bytesIn
    this.#bytesOut[at] = (this.#bytesOut[at] as number) + bytesOut
    if (retries > 0) this.#retries[at] = (this.#retries[at] as number) + retries
    if (rateLimited) increment(this.#rateLimited, at)
    if (cacheHit) increment(this.#cacheHits, at)
    if (latency !== null) this.#latencies.add(latency)
  }

  /** The steps up to this one, oldest first. */
  read(step: number): Columns {
    this.#advance(step)
    this.#measure()
    const ordered = (column: ArrayLike<number>) =>
      Array.from({ length: STEPS }, (_, i) => column[(step + 1 + i) % STEPS] as number)
    const gappy = (column: Float32Array) =>
      ordered(column).map((ms) => (Number.isNaN(ms) ? null : Math.round(ms * 100) / 100))
    return {
      requests: ordered(this.#requests),
      clientErrors: ordered(this.#clientErrors),
      serverErrors: ordered(this.#serverErrors),
      abandoned: ordered(this.#abandoned),
      p50Ms: gappy(this.#quantiles.p50),
      p95Ms: gappy(this.#quantiles.p95),
      p99Ms: gappy(this.#quantiles.p99),
      bytesIn: ordered(this.#bytesIn),
      bytesOut: ordered(this.#bytesOut),
      inFlightPeak: ordered(this.#peaks),
      retries: ordered(this.#retries),
      rateLimited: ordered(this.#rateLimited),
      cacheHits: ordered(this.#cacheHits),
    }
  }

  /** The hour up to this step in one number of each. */
  totals(step: number): Totals {
    this.#advance(step)
    const p95 = this.#hour.quantile(step, 0.95, this.#latencies)
    return {
      requests: sum(this.#requests),
      clientErrors: sum(this.#clientErrors),
      serverErrors: sum(this.#serverErrors),
      p95Ms: Number.isNaN(p95) ? null : Math.round(p95 * 100) / 100,
      bytesOut: sum(this.#bytesOut),
    }
  }

  /** Closes the step under way and empties those that time has passed over, in which nothing began or ended. */
  #advance(step: number): void {
    if (step <= this.#step) return
    this.#measure()
    this.#hour.add(this.#step, this.#latencies)
    this.#latencies.clear()
    for (let passed = Math.max(this.#step, step - STEPS) + 1; passed <= step; passed++) {
      const at = passed % STEPS
      for (const column of this.#counts) column[at] = 0
      for (const column of Object.values(this.#quantiles)) column[at] = Number.NaN
      this.#peaks[at] = this.#inFlight
    }
    this.#step = step
  }

  #measure(): void {
    const at = this.#step % STEPS
    this.#quantiles.p50[at] = this.#latencies.quantile(0.5)
    this.#quantiles.p95[at] = this.#latencies.quantile(0.95)
    this.#quantiles.p99[at] = this.#latencies.quantile(0.99)
  }
}

function gaps(): Float32Array {
  return new Float32Array(STEPS).fill(Number.NaN)
}

function increment(column: Uint32Array, at: number): void {
  column[at] = (column[at] as number) + 1
}

function sum(column: Uint32Array | Float64Array): number {
  let all = 0
  for (let at = 0; at < column.length; at++) all += column[at] as number
  return all
}
