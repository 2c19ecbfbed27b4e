import type { Backend } from './backend.js'
import type { Demand } from './backend-group.js'
import { checkBackend } from './check-backend.js'
import type { HealthCheck } from './target.js'

/** A target that had no request, and nobody who looks at the backends, for this long is not asked any more. */
const REST_AFTER_MS = 5 * 60_000
/** Checks are spread by so much of their interval either way, so that they do not fall together. */
const JITTER = 0.1

/** A backend to ask, and how. */
export interface CheckedBackend {
  backend: Backend
  check: HealthCheck
  /** the Host that requests carry there */
  host: string
  demand: Demand
}

interface Entry extends CheckedBackend {
  /** when the next check is due, on the monotonic clock */
  dueAt: number
  /** gives up the check under way */
  cancel: (() => void) | null
}

export interface HealthCheckOptions {
  /** monotonic, in milliseconds */
  now: () => number
  random: () => number
  /** whether somebody looks at the backends */
  followed: () => boolean
}

/** Asks the backends of a config whether they work: one timer for all, and none while nobody needs to know. */
export class HealthChecks {
  readonly #options: HealthCheckOptions
  #entries = new Map<Backend, Entry>()
  #timer: NodeJS.Timeout | null = null
  #running = false

  constructor(options: HealthCheckOptions) {
    this.#options = options
  }

  /** Asks every backend at once, and then at its interval. */
  start(): void {
    if (this.#running) return
    this.#running = true
    for (const entry of this.#entries.values()) entry.dueAt = this.#options.now()
    this.#schedule()
  }

  /** Asks nobody until `start`. */
  stop(): void {
    this.#running = false
    for (const entry of this.#entries.values()) this.#interrupt(entry)
    this.#schedule()
  }

  /** From now on these are asked. One that is asked as before keeps its turn. */
  replace(backends: Iterable<CheckedBackend>): void {
    const former = this.#entries
    this.#entries = new Map()
    for (const checked of backends) {
      const known = former.get(checked.backend)
      if (known !== undefined && sameWay(known, checked)) {
        this.#entries.set(checked.backend, Object.assign(known, { demand: checked.demand }))
        former.delete(checked.backend)
        if (known.dueAt === Number.POSITIVE_INFINITY) known.dueAt = this.#options.now()
      } else this.#entries.set(checked.backend, { ...checked, dueAt: this.#options.now(), cancel: null })
    }
    for (const entry of former.values()) this.#interrupt(entry)
    this.#schedule()
  }

  /** A request is sent to a target. */
  wanted(demand: Demand): void {
    demand.at = this.#options.now()
    if (demand.resting) this.#wake([demand])
  }

  /** Somebody looks at the backends. */
  looked(): void {
    const demands = [...this.#entries.values()].map(({ demand }) => demand)
    for (const demand of demands) demand.at = this.#options.now()
    this.#wake(demands.filter(({ resting }) => resting))
  }

  /** When a backend is asked next, in milliseconds from now; null when it is not. */
  nextIn(backend: Backend): number | null {
    const entry = this.#entries.get(backend)
    if (entry === undefined || !this.#running || entry.dueAt === Number.POSITIVE_INFINITY) return null
    return Math.max(0, entry.dueAt - this.#options.now())
  }

  #wake(demands: Demand[]): void {
    for (const demand of demands) demand.resting = false
    for (const entry of this.#entries.values()) {
      if (demands.includes(entry.demand)) entry.dueAt = this.#options.now()
    }
    this.#schedule()
  }

  #schedule(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (!this.#running) return
    let next = Number.POSITIVE_INFINITY
    for (const { dueAt, cancel } of this.#entries.values()) if (cancel === null) next = Math.min(next, dueAt)
    if (next === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(() => this.#checkDue(), Math.max(0, next - this.#options.now())).unref()
  }

  #checkDue(): void {
    const now = this.#options.now()
    const followed = this.#options.followed()
    for (const entry of this.#entries.values()) {
      if (entry.cancel !== null || entry.dueAt > now) continue
      if (!followed && now - entry.demand.at > REST_AFTER_MS) this.#rest(entry)
      else this.#check(entry)
    }
    this.#schedule()
  }

  #check(entry: Entry): void {
    const { backend } = entry
    entry.cancel = checkBackend(
      { ...entry, url: backend.backend.url, dial: () => backend.pool.dialTarget },
      (result) => {
        entry.cancel = null
        entry.dueAt = this.#options.now() + entry.check.intervalMs * (1 + JITTER * (2 * this.#options.random() - 1))
        backend.state.checked(result)
        this.#schedule()
      },
    )
  }

  #rest(entry: Entry): void {
    entry.dueAt = Number.POSITIVE_INFINITY
    entry.demand.resting = true
    entry.backend.state.rested()
  }

  #interrupt(entry: Entry): void {
    entry.cancel?.()
    entry.cancel = null
    entry.backend.state.rested()
  }
}

function sameWay(a: CheckedBackend, b: CheckedBackend): boolean {
  return a.host === b.host && JSON.stringify(a.check) === JSON.stringify(b.check)
}
