import type { AppStats, Stats } from '../../../shared/window-schemas.js'
import { LatencyHistogram } from './latency-histogram.js'
import { SecondCounter } from './second-counter.js'

/** What an exchange that has ended adds to the figures. */
export interface CountedExchange {
  /** the app that owned the host; null when none did */
  readonly appName: string | null
  /** 0 when the client went away before a status was sent */
  readonly status: number
  /** an event stream or tunnel, whose length says nothing of the app's speed */
  readonly openEnded: boolean
  /** milliseconds since the request head arrived; null when no answer came */
  readonly firstByteMs: number | null
}

/** Rates, latencies and errors of the last minute, per app and in all. */
export class TrafficStats {
  readonly #now: () => number
  readonly #total = new Figures()
  readonly #apps = new Map<string, Figures>()

  /** @param now milliseconds, never less than before */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** @param totalMs how long it took */
  add(exchange: CountedExchange, totalMs: number): void {
    const second = this.#second()
    const { appName, status } = exchange
    const latency = status === 0 ? null : exchange.openEnded ? exchange.firstByteMs : totalMs
    this.#total.add(second, status, latency)
    if (appName !== null) this.#figures(appName).add(second, status, latency)
  }

  /**
   * @param apps names of the apps to tell of
   * @param inFlight exchanges in progress
   */
  read(apps: readonly string[], inFlight: number): Stats {
    const second = this.#second()
    return {
      apps: apps.map((app) => ({ app, ...(this.#apps.get(app)?.read(second) ?? QUIET) })),
      total: this.#total.read(second),
      inFlight,
    }
  }

  /** Forgets the apps that are not named. */
  retain(apps: readonly string[]): void {
    for (const app of this.#apps.keys()) if (!apps.includes(app)) this.#apps.delete(app)
  }

  #figures(app: string): Figures {
    let figures = this.#apps.get(app)
    if (figures === undefined) {
      figures = new Figures()
      this.#apps.set(app, figures)
    }
    return figures
  }

  #second(): number {
    return Math.floor(this.#now() / 1000)
  }
}

type Read = Omit<AppStats, 'app'>

const QUIET: Read = { rates: new Array<number>(60).fill(0), p95Ms: null, errors: 0 }

class Figures {
  readonly #requests = new SecondCounter()
  readonly #errors = new SecondCounter()
  readonly #latencies = new LatencyHistogram()

  add(second: number, status: number, latency: number | null): void {
    this.#requests.add(second)
    if (status >= 500) this.#errors.add(second)
    if (latency !== null) this.#latencies.add(latency, second)
  }

  read(second: number): Read {
    return {
      rates: this.#requests.complete(second),
      p95Ms: this.#latencies.quantile(0.95, second),
      errors: this.#errors.sum(second),
    }
  }
}
