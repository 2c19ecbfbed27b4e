import { STATUS_CODES } from 'node:http'
import type { ObservedExchange } from '../observed.js'

/** Upper bounds of the duration histogram, in seconds. */
export const DURATION_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** Methods that have a label of their own; a client can make up any number of others. */
const COUNTED_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE'] as const
export const OTHER_METHOD = 'OTHER'
/** What an app's backend answers may be any number; what HTTP has no name for counts as one. */
const OTHER_STATUS = 1000
/** stands for app and route where there is none */
export const NONE = '-'
/** A policy has a handful of outcomes; more would be a defect, and must not fill the memory. */
const MAX_OUTCOMES = 32
/** Backends of one app, while nobody asks for the metrics. */
const MAX_BACKENDS = 1_000

/** Apps and routes of the config in use; others are not told apart. */
export type KnownRoutes = ReadonlyMap<string, ReadonlySet<string>>

/**
 * Counts exchanges by what the metrics tell them apart by. Its size depends on the config, never on what clients send, and
 * an exchange that is like one before allocates nothing.
 */
export class Figures {
  readonly apps = new Map<string, AppFigures>()
  #known: KnownRoutes = new Map()

  /** What is not in the config any more is forgotten. */
  apply(known: KnownRoutes): void {
    this.#known = known
    for (const [name, app] of this.apps) {
      const routes = known.get(name)
      if (name === NONE) continue
      if (routes === undefined) this.apps.delete(name)
      else for (const route of app.routes.keys()) if (route !== NONE && !routes.has(route)) app.routes.delete(route)
    }
  }

  /** @param exchange that has ended */
  add(exchange: ObservedExchange): void {
    const { app, route, status, openEnded, firstByteMs, totalMs } = exchange
    const figures = this.#app(app === null ? NONE : app.name)
    const routeFigures = figures.route(route === null ? NONE : route.pattern)
    routeFigures.count(exchange.method, status)
    const ms = openEnded ? firstByteMs : totalMs
    if (status !== 0 && ms !== null) routeFigures.durations.add(ms / 1000)
    figures.bytesIn += exchange.bytesIn
    figures.bytesOut += exchange.bytesOut
    if (exchange.attempts > 1) figures.retries += exchange.attempts - 1
    if (exchange.attempts > 0) figures.attempted(exchange)
    if (exchange.notes !== null) for (const note of exchange.notes) figures.noted(note.policy, note.outcome)
  }

  /** A request whose head could not even be read. */
  addRefused(method: string, status: number): void {
    this.#app(NONE).route(NONE).count(method, status)
  }

  #app(name: string): AppFigures {
    const known = name === NONE || this.#known.has(name) ? name : NONE
    let figures = this.apps.get(known)
    if (figures === undefined) {
      figures = new AppFigures((route) => this.#known.get(known)?.has(route) ?? false)
      this.apps.set(known, figures)
    }
    return figures
  }
}

export class AppFigures {
  bytesIn = 0
  bytesOut = 0
  retries = 0
  readonly routes = new Map<string, RouteFigures>()
  /** by policy, then outcome */
  readonly outcomes = new Map<string, Map<string, number>>()
  /** by URL */
  readonly backends = new Map<string, BackendFigures>()
  readonly #knows: (route: string) => boolean

  constructor(knows: (route: string) => boolean) {
    this.#knows = knows
  }

  route(pattern: string): RouteFigures {
    let figures = this.routes.get(pattern)
    if (figures !== undefined) return figures
    const known = this.#knows(pattern) ? pattern : NONE
    figures = this.routes.get(known) ?? new RouteFigures()
    this.routes.set(known, figures)
    return figures
  }

  attempted({ failedAttempts, answeredBy, totalMs, attemptStartedMs, firstByteMs, openEnded }: ObservedExchange): void {
    if (failedAttempts !== null) {
      for (const { backend, ms } of failedAttempts) this.#backend(backend)?.add(ms / 1000, true)
    }
    if (answeredBy === null) return
    const endMs = openEnded ? (firstByteMs ?? totalMs) : totalMs
    this.#backend(answeredBy)?.add((endMs - attemptStartedMs) / 1000, false)
  }

  noted(policy: string, outcome: string): void {
    let outcomes = this.outcomes.get(policy)
    if (outcomes === undefined) {
      outcomes = new Map()
      this.outcomes.set(policy, outcomes)
    }
    const counted = outcomes.has(outcome) || outcomes.size < MAX_OUTCOMES ? outcome : 'other'
    outcomes.set(counted, (outcomes.get(counted) ?? 0) + 1)
  }

  #backend(url: string): BackendFigures | null {
    let figures = this.backends.get(url)
    if (figures === undefined) {
      if (this.backends.size >= MAX_BACKENDS) return null
      figures = new BackendFigures()
      this.backends.set(url, figures)
    }
    return figures
  }
}

export class RouteFigures {
  readonly durations = new Durations()
  readonly #counts = new Map<number, { count: number }>()

  count(method: string, status: number): void {
    const index = (COUNTED_METHODS as readonly string[]).indexOf(method)
    const known = status === 0 || status in STATUS_CODES ? status : OTHER_STATUS
    const key = (index === -1 ? COUNTED_METHODS.length : index) * 2048 + known
    const cell = this.#counts.get(key)
    if (cell === undefined) this.#counts.set(key, { count: 1 })
    else cell.count += 1
  }

  /** `status` is "0" where the client went away before one was sent. */
  counts(): { method: string; status: string; count: number }[] {
    return [...this.#counts].map(([key, { count }]) => {
      const status = key % 2048
      return {
        method: COUNTED_METHODS[Math.floor(key / 2048)] ?? OTHER_METHOD,
        status: status === OTHER_STATUS ? 'other' : String(status),
        count,
      }
    })
  }
}

/** One histogram. */
export class Durations {
  /** of each bound alone, and of those above the last */
  readonly counts = new Float64Array(DURATION_BOUNDS.length + 1)
  sum = 0

  add(seconds: number): void {
    let at = 0
    while (at < DURATION_BOUNDS.length && seconds > (DURATION_BOUNDS[at] as number)) at += 1
    this.counts[at] = (this.counts[at] as number) + 1
    this.sum += seconds
  }
}

export class BackendFigures {
  requests = 0
  failures = 0
  readonly durations = new Durations()

  add(seconds: number, failed: boolean): void {
    this.requests += 1
    if (failed) this.failures += 1
    else this.durations.add(seconds)
  }
}
