/** A bounded memory of the latest items: the oldest goes when a new one comes. */
export class Ring<T> {
  readonly #slots: T[] = []
  readonly #capacity: number
  #next = 0

  /** @param capacity most items kept */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#slots.length
  }

  push(item: T): void {
    if (this.#slots.length < this.#capacity) this.#slots.push(item)
    else this.#slots[this.#next] = item
    this.#next = (this.#next + 1) % this.#capacity
  }

  /** Forgets all. */
  clear(): void {
    this.#slots.length = 0
    this.#next = 0
  }

  /**
   * The latest items that fit, oldest first.
   *
   * @param limit most items returned
   */
  latest(limit: number, fits: (item: T) => boolean = () => true): T[] {
    const found: T[] = []
    for (let back = 1; back <= this.#slots.length && found.length < limit; back++) {
      const item = this.#slots[(this.#next - back + this.#slots.length * 2) % this.#slots.length] as T
      if (fits(item)) found.push(item)
    }
    return found.reverse()
  }
}
