/**
 * A bucket of bytes that fills at a rate. Whoever takes more than is in it waits until that is paid back, behind those
 * who took before.
 */
export class Bandwidth {
  readonly #rate: number
  #level: number
  #at: number

  /**
   * @param rate bytes per second; the bucket holds those of one second
   * @param now milliseconds of a clock that does not jump
   */
  constructor(rate: number, now = performance.now()) {
    this.#rate = rate
    this.#level = rate
    this.#at = now
  }

  /** Takes bytes. @returns milliseconds to wait before they may pass */
  take(bytes: number, now = performance.now()): number {
    this.#level = Math.min(this.#rate, this.#level + ((now - this.#at) * this.#rate) / 1000)
    this.#at = now
    this.#level -= bytes
    return this.#level >= 0 ? 0 : (-this.#level * 1000) / this.#rate
  }
}
