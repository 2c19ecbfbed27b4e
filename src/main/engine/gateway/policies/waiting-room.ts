/** Places for so many at once, and a queue before them. */
export class WaitingRoom {
  readonly #places: number
  readonly #seats: number
  #taken = 0
  /** those that wait, in the order in which they came; one that has left is skipped */
  readonly #queue = new Set<() => void>()

  /**
   * @param places that there are
   * @param seats for those that wait
   */
  constructor(places: number, seats: number) {
    this.#places = places
    this.#seats = seats
  }

  get waiting(): number {
    return this.#queue.size
  }

  /** @returns whether there was a free place, which is taken now */
  tryEnter(): boolean {
    if (this.#taken >= this.#places) return false
    this.#taken += 1
    return true
  }

  /** Whether one more may wait. */
  get hasSeat(): boolean {
    return this.#queue.size < this.#seats
  }

  /**
   * Waits for a place.
   *
   * @param signal ends the waiting
   * @returns false when it was ended without a place
   */
  wait(signal: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const called = () => {
      signal.removeEventListener('abort', leave)
      resolve(true)
    }
    const leave = () => {
      this.#queue.delete(called)
      resolve(false)
    }
    this.#queue.add(called)
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
    return promise
  }

  /** A place is free again: the one that waited longest gets it. */
  leave(): void {
    const [next] = this.#queue
    if (next === undefined) {
      this.#taken -= 1
      return
    }
    this.#queue.delete(next)
    next()
  }
}
