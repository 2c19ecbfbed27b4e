import type { JSONWebKeySet } from 'jose'

export type KeySet = JSONWebKeySet

export interface KeyLoading {
  /** how long keys are used without another look, in milliseconds */
  freshMs: number
  /** the least time between two looks, in milliseconds */
  cooldownMs: number
  load(): Promise<KeySet>
  /** @param kept there are keys from before */
  onFailure(error: unknown, kept: boolean): void
  /** what to throw when there are no keys at all */
  unavailable(error: unknown): Error
}

/** Keys that are loaded when needed, and again when they are old or lack one. Those that are known outlive every failure. */
export class RenewedKeys {
  readonly #loading: KeyLoading
  #keys: KeySet | null = null
  #loadedAt = Number.NEGATIVE_INFINITY
  #triedAt = Number.NEGATIVE_INFINITY
  #failure: unknown = null
  #running: Promise<void> | null = null

  constructor(loading: KeyLoading) {
    this.#loading = loading
  }

  /**
   * The keys as they are known. With old ones nobody waits: they are renewed meanwhile.
   *
   * @param now milliseconds that only grow
   * @throws what `unavailable` makes
   */
  async current(now: number): Promise<KeySet> {
    const { freshMs, cooldownMs, unavailable } = this.#loading
    if (this.#keys !== null) {
      if (now - this.#loadedAt > freshMs && now - this.#triedAt > cooldownMs) void this.#load(now)
      return this.#keys
    }
    if (this.#running !== null || this.#failure === null || now - this.#triedAt > cooldownMs) await this.#load(now)
    if (this.#keys === null) throw unavailable(this.#failure)
    return this.#keys
  }

  /**
   * Looks again, for a key that is not among those known; but not for each token that names one.
   *
   * @returns null when that has been done a moment ago, or brought nothing new
   */
  async renewed(now: number): Promise<KeySet | null> {
    const before = this.#keys
    if (this.#running === null && now - this.#triedAt <= this.#loading.cooldownMs) return null
    await this.#load(now)
    return this.#keys === before ? null : this.#keys
  }

  #load(now: number): Promise<void> {
    this.#running ??= this.#renew(now).finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #renew(now: number): Promise<void> {
    this.#triedAt = now
    try {
      this.#keys = await this.#loading.load()
      this.#loadedAt = now
      this.#failure = null
    } catch (error) {
      this.#failure = error
      this.#loading.onFailure(error, this.#keys !== null)
    }
  }
}
