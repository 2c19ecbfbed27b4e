import type { HealthCheck } from './target.js'

/** How one health check ended. */
export interface CheckResult {
  /** milliseconds since the epoch */
  at: number
  ok: boolean
  /** how long it took, in milliseconds */
  ms: number
  /** such as "200 OK" or "connection refused" */
  result: string
  /** one sentence; null when it went well */
  reason: string | null
}

/** What the health checks of one backend have told: up and down each need as many in a row as the config says. */
export class ActiveHealth {
  /** it gets no requests */
  down = false
  latest: CheckResult | null = null
  #known = false
  #goodInRow = 0
  #badInRow = 0
  #settings: HealthCheck | null

  constructor(settings: HealthCheck | null) {
    this.#settings = settings
  }

  configure(settings: HealthCheck | null): void {
    this.#settings = settings
    if (settings !== null) return
    this.forget()
    this.latest = null
  }

  /**
   * @returns what the checks say now: the first one is believed at once, though a bad one alone keeps no request away;
   * null when there were not enough yet to say something else than before
   */
  note(result: CheckResult): 'good' | 'bad' | null {
    const { unhealthyAfter = 1, healthyAfter = 1 } = this.#settings ?? {}
    const first = !this.#known
    this.#known = true
    this.latest = result
    this.#goodInRow = result.ok ? this.#goodInRow + 1 : 0
    this.#badInRow = result.ok ? 0 : this.#badInRow + 1
    if (this.#badInRow >= unhealthyAfter) this.down = true
    else if (this.#goodInRow >= healthyAfter) this.down = false
    if (result.ok) return this.down ? null : 'good'
    return first || this.down ? 'bad' : null
  }

  /** What is known is too old. The latest result stays to be shown. */
  forget(): void {
    this.down = false
    this.#known = false
    this.#goodInRow = 0
    this.#badInRow = 0
  }
}
