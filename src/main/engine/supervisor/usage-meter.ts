import { setTimeout as delay } from 'node:timers/promises'
import { sampleGroup, type UsageSample, usageBetween } from './group-usage.js'
import type { Usage } from './process-status.js'
import type { ProcessSystem } from './process-system.js'

/** An older sample tells what was, not what is. */
const FRESH_MS = 10_000
/** For who asks once: long enough for the processor time of 10 ms steps to mean something. */
const BETWEEN_MS = 200

/** What the apps' processes use, looked at when somebody asks. */
export class UsageMeter {
  readonly #system: ProcessSystem
  #samples = new Map<string, UsageSample>()
  #usage = new Map<string, Usage>()
  #sampledAt = Number.NEGATIVE_INFINITY

  constructor(system: ProcessSystem) {
    this.#system = system
  }

  /** The figures of the latest look; null when they are too old or there are none. */
  of(app: string): Usage | null {
    return performance.now() - this.#sampledAt > FRESH_MS ? null : (this.#usage.get(app) ?? null)
  }

  /**
   * Looks again.
   *
   * @param leaders of the groups of each app that runs
   */
  async look(leaders: ReadonlyMap<string, readonly number[]>): Promise<void> {
    if (leaders.size === 0) return
    if (performance.now() - this.#sampledAt > FRESH_MS) {
      this.#samples = new Map()
      await this.#sample(leaders)
      await delay(BETWEEN_MS)
    }
    await this.#sample(leaders)
  }

  async #sample(leaders: ReadonlyMap<string, readonly number[]>): Promise<void> {
    const all = await this.#system.list()
    const at = performance.now()
    const samples = new Map([...leaders].map(([app, pids]) => [app, sampleGroup(all, pids, at)]))
    this.#usage = new Map([...samples].map(([app, now]) => [app, usageBetween(this.#samples.get(app) ?? null, now)]))
    this.#samples = samples
    this.#sampledAt = at
  }
}
