/** One more than the seconds told of: the current one is not over yet. */
const SLOTS = 61

/** Counts events by the second, for the last minute: a fixed amount of memory, and no allocation per event. */
export class SecondCounter {
  readonly #counts = new Uint32Array(SLOTS)
  #second = 0

  /** @param second since any origin, never less than before */
  add(second: number): void {
    this.#advance(second)
    const index = second % SLOTS
    this.#counts[index] = (this.#counts[index] as number) + 1
  }

  /** The counts of the 60 seconds before `second`, oldest first. */
  complete(second: number): number[] {
    this.#advance(second)
    return Array.from({ length: SLOTS - 1 }, (_, i) => this.#counts[(second + 1 + i) % SLOTS] as number)
  }

  /** The sum of the 60 seconds before `second` and of what has passed of itself. */
  sum(second: number): number {
    this.#advance(second)
    return this.#counts.reduce((sum, count) => sum + count, 0)
  }

  /** Empties the seconds that have passed. */
  #advance(second: number): void {
    if (second <= this.#second) return
    for (let passed = Math.max(this.#second, second - SLOTS) + 1; passed <= second; passed++) {
      this.#counts[passed % SLOTS] = 0
    }
    this.#second = second
  }
}
