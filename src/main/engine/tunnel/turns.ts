/** Who has less than this to send goes past those who have more, in bytes. */
const LITTLE = 16 * 1024

/** What has something to send. */
export interface Waiting {
  /** bytes that it could send now */
  readonly sendable: number
}

/**
 * Whose turn it is. Those with little to send and those with much are asked alternately, each in the order in which they
 * came: an answer of a few bytes waits for one frame of a transfer, not for one of each of a thousand, and transfers go on.
 */
export class Turns<T extends Waiting> {
  readonly #little: T[] = []
  readonly #much: T[] = []
  #muchNext = false

  get empty(): boolean {
    return this.#little.length === 0 && this.#much.length === 0
  }

  add(one: T): void {
    if (one.sendable < LITTLE) this.#little.push(one)
    else this.#much.push(one)
  }

  /** Takes out whose turn it is; undefined when nobody waits. */
  next(): T | undefined {
    const [first, second] = this.#muchNext ? [this.#much, this.#little] : [this.#little, this.#much]
    const from = first.length > 0 ? first : second
    this.#muchNext = from === this.#little
    return from.shift()
  }
}
