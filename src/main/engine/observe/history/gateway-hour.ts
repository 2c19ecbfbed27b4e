import type { History } from '../../../../shared/history-schemas.js'
import { STEPS } from './hour-columns.js'

/** What can be asked of a process about itself. */
export interface Vitals {
  /** resident */
  memoryBytes(): number
  /** milliseconds that its threads have computed since it began, together */
  cpuMs(): number
  /** monotonic, in milliseconds */
  now(): number
}

export const OWN_VITALS: Vitals = {
  memoryBytes: () => process.memoryUsage.rss(),
  cpuMs: () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
  now: () => performance.now(),
}

/** A look that comes so many steps after the last one is merely late; after more the machine has slept. */
const LATE_STEPS = 2

/** The last hour of the gateway's process: when it ran, and what it took. */
export class GatewayHour {
  readonly #vitals: Vitals
  readonly #ran = new Uint8Array(STEPS)
  readonly #memory = new Float64Array(STEPS)
  readonly #cpu = new Float32Array(STEPS)
  #step: number
  #before: { cpuMs: number; at: number }

  /** @param step that is under way */
  constructor(step: number, vitals: Vitals = OWN_VITALS) {
    this.#vitals = vitals
    this.#step = step
    this.#before = { cpuMs: vitals.cpuMs(), at: vitals.now() }
    this.#note(step, Number.NaN)
  }

  /** Takes down how it is, at least once a step. @param serving false while it is turned off */
  look(step: number, serving: boolean): void {
    const passed = step - this.#step
    if (passed <= 0) {
      if (serving) this.#ran[step % STEPS] = 1
      return
    }
    const cpu = this.#cpuSince()
    for (let at = Math.max(this.#step, step - STEPS) + 1; at <= step; at++) {
      if (serving && (at === step || passed <= LATE_STEPS)) this.#note(at, cpu)
      else this.#ran[at % STEPS] = 0
    }
    this.#step = step
  }

  /** The steps up to the one that was looked at last, oldest first. */
  read(): Pick<History, 'running'> & { gateway: NonNullable<History['gateway']> } {
    const ordered = Array.from({ length: STEPS }, (_, i) => (this.#step + 1 + i) % STEPS)
    const running = ordered.map((at) => this.#ran[at] === 1)
    const gappy = (column: ArrayLike<number>) =>
      ordered.map((at, i) => (running[i] && !Number.isNaN(column[at]) ? (column[at] as number) : null))
    const cpu = gappy(this.#cpu).map((part) => (part === null ? null : Math.round(part * 10_000) / 10_000))
    return { running, gateway: { memoryBytes: gappy(this.#memory), cpu } }
  }

  /** Part of one core, from the last step's first look to now. */
  #cpuSince(): number {
    const now = { cpuMs: this.#vitals.cpuMs(), at: this.#vitals.now() }
    const part = (now.cpuMs - this.#before.cpuMs) / Math.max(1, now.at - this.#before.at)
    this.#before = now
    return part
  }

  #note(step: number, cpu: number): void {
    const at = step % STEPS
    this.#ran[at] = 1
    this.#memory[at] = this.#vitals.memoryBytes()
    this.#cpu[at] = cpu
  }
}
