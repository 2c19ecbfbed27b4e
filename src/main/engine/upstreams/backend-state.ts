import type { BackendStatus } from '../../../shared/window-schemas.js'
import { ActiveHealth, type CheckResult } from './active-health.js'
import { type Breaker, CLOSED, nextBreaker } from './breaker.js'
import { Ejection } from './ejection.js'
import type { Target } from './target.js'

/** The settings of a target that concern a single backend. */
export type BackendSettings = Pick<Target, 'passive' | 'breaker' | 'health'>

/** What is told of a backend beyond its figures. */
export interface Standing {
  health: BackendStatus['health']
  /** why it is unhealthy, in a sentence or two */
  reason: string | null
  breaker: Breaker['phase']
  draining: boolean
}

/**
 * Whether a backend may get a request: `probe` as the single one that decides whether it is back; `ejected` only when
 * there is no other.
 */
export type Admission = 'yes' | 'probe' | 'ejected' | 'no'

/** How an attempt ended: `answered` with a whole answer, of whatever status. */
export type Outcome = 'dial' | 'answer' | 'answered'

/** What is known of one backend, and whether it gets requests. */
export class BackendState implements Standing {
  health: BackendStatus['health'] = 'unknown'
  reason: string | null = null
  /** milliseconds since the epoch, when `health` last changed; null while it never did */
  since: number | null = null
  draining = false
  /** false: it gets requests like any other, and nothing else needs to be asked */
  impaired = false
  readonly ejection: Ejection
  readonly active: ActiveHealth
  #breaker: Breaker = CLOSED
  /** the request that decides whether it is back */
  #probe: object | null = null
  #settings: BackendSettings
  readonly #changed: (before: Standing | null) => void

  /** @param changed called after each change of what is told. @param changed.before null when only figures changed */
  constructor(settings: BackendSettings, changed: (before: Standing | null) => void) {
    this.#settings = settings
    this.#changed = changed
    this.ejection = new Ejection(settings.passive)
    this.active = new ActiveHealth(settings.health)
  }

  /** The config has changed; what is known stays. */
  configure(settings: BackendSettings): void {
    this.#settings = settings
    this.ejection.configure(settings.passive)
    this.active.configure(settings.health)
    if (settings.breaker === null) this.#breaker = CLOSED
    this.#assess()
  }

  get breaker(): Breaker['phase'] {
    return this.#breaker.phase
  }

  /** When the breaker lets a probe through; null unless it is open. */
  get breakerUntil(): number | null {
    return this.#breaker.phase === 'open' ? this.#breaker.until : null
  }

  /** Whether a good answer tells nothing new. */
  get settled(): boolean {
    return !this.impaired && this.health === 'healthy' && this.#breaker === CLOSED && this.ejection.clean
  }

  admission(now: number): Admission {
    if (this.draining || this.active.down) return 'no'
    const breaker = this.#breaker
    const { until } = this.ejection
    if (breaker.phase === 'half-open') return 'no'
    if (breaker.phase === 'open' && (now < breaker.until || this.#probe !== null)) return 'no'
    if (breaker.phase === 'open') return 'probe'
    if (until === null) return 'yes'
    return now < until || this.#probe !== null ? 'ejected' : 'probe'
  }

  /**
   * Draws the conclusions from an attempt that has ended.
   *
   * @param failure null when the backend did well, else what it did, in a sentence
   * @param probe it was the one that decides
   */
  conclude(outcome: Outcome, failure: string | null, probe: boolean, now: number): void {
    const { health, reason, draining } = this
    const phase = this.#breaker.phase
    const { until } = this.ejection
    if (probe) this.#probe = null
    this.#stepBreaker(failure !== null, probe, now)
    if (outcome === 'dial') this.ejection.dialFailed(probe, now)
    else this.ejection.answered(failure !== null, probe, now)
    this.#assess()
    this.#tellOutcome(outcome, failure, phase, until)
    if (health !== this.health || reason !== this.reason || phase !== this.#breaker.phase) {
      this.#changed({ health, reason, breaker: phase, draining })
    } else if (until !== this.ejection.until) this.#changed(null)
  }

  /** Takes the part of the one request that decides. @returns false when there is one already, or no need of any */
  beginProbe(probe: object, now: number): boolean {
    if (this.admission(now) !== 'probe') return false
    this.#change(() => {
      this.#probe = probe
      if (this.#settings.breaker !== null) {
        this.#breaker = nextBreaker(this.#breaker, 'probe', this.#settings.breaker, now)
      }
    })
    return true
  }

  /** The request that was to decide has ended without telling anything: another one may. */
  giveUpProbe(now: number): void {
    this.#change(() => {
      this.#probe = null
      if (this.#settings.breaker !== null) {
        this.#breaker = nextBreaker(this.#breaker, 'probe-given-up', this.#settings.breaker, now)
      }
    })
  }

  setDraining(draining: boolean): void {
    this.#change(() => {
      this.draining = draining
    })
  }

  /** A health check has ended. */
  checked(result: CheckResult): void {
    this.#change(() => {
      const verdict = this.active.note(result)
      if (result.ok) this.ejection.reached()
      if (verdict === 'bad') this.#tell('unhealthy', result.reason)
      else if (verdict === 'good' && this.#unblemished) this.#tell('healthy', null)
    })
    this.#changed(null)
  }

  /** No health checks are made for a while: what they told gets too old to keep requests away. */
  rested(): void {
    this.active.forget()
    this.#assess()
  }

  #stepBreaker(failed: boolean, probe: boolean, now: number): void {
    if (this.#settings.breaker === null) return
    const deciding = probe && this.#breaker.phase === 'half-open'
    const event = deciding ? (failed ? 'probe-failed' : 'probe-succeeded') : failed ? 'failure' : 'success'
    this.#breaker = nextBreaker(this.#breaker, event, this.#settings.breaker, now)
  }

  /** An error of the app is an answer all the same; it only counts where it takes the backend out. */
  #tellOutcome(outcome: Outcome, failure: string | null, phase: Breaker['phase'], until: number | null): void {
    const opened = phase !== 'open' && this.#breaker.phase === 'open'
    const ejected = this.ejection.cause === 'rate' && until === null && this.ejection.until !== null
    if (opened && phase === 'closed') {
      const { failures = 0 } = this.#settings.breaker ?? {}
      this.#tell('unhealthy', failures > 1 ? `${failure} That was ${failures} failures in a row.` : failure)
    } else if (ejected) this.#tell('unhealthy', `${failure} Too many of its latest answers were failures.`)
    else if (opened || (outcome !== 'answered' && phase === 'closed')) this.#tell('unhealthy', failure)
    else if (this.#unblemished) this.#tell('healthy', null)
  }

  #tell(health: 'healthy' | 'unhealthy', reason: string | null): void {
    if (this.health !== health) this.since = Date.now()
    this.health = health
    this.reason = reason
  }

  #change(make: () => void): void {
    const { health, reason, breaker, draining } = this
    make()
    this.#assess()
    const same =
      health === this.health && reason === this.reason && breaker === this.breaker && draining === this.draining
    if (!same) this.#changed({ health, reason, breaker, draining })
  }

  get #unblemished(): boolean {
    return !this.active.down && this.#breaker.phase === 'closed' && this.ejection.until === null
  }

  #assess(): void {
    this.impaired = this.draining || !this.#unblemished
  }
}
