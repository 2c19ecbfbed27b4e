import type { OutputLine } from '../../../../shared/window-schemas.js'

/** The latest lines of an app, bounded in number and in size: the oldest go first. */
export class LineRing {
  readonly #capacity: number
  readonly #maxCharacters: number
  readonly #slots: OutputLine[] = []
  #oldest = 0
  #size = 0
  #characters = 0

  /** @param capacity most lines kept @param maxCharacters most UTF-16 units of their text */
  constructor(capacity: number, maxCharacters: number) {
    this.#capacity = capacity
    this.#maxCharacters = maxCharacters
  }

  push(line: OutputLine): void {
    if (this.#size === this.#capacity) this.#drop()
    this.#slots[(this.#oldest + this.#size) % this.#capacity] = line
    this.#size++
    this.#characters += line.text.length
    while (this.#characters > this.#maxCharacters && this.#size > 1) this.#drop()
  }

  /**
   * @param after lines up to that `seq` are left out
   * @param limit most lines returned, the latest
   * @returns oldest first
   */
  lines(after: number, limit: number): OutputLine[] {
    const found: OutputLine[] = []
    for (let index = this.#size - 1; index >= 0 && found.length < limit; index--) {
      const line = this.#slots[(this.#oldest + index) % this.#capacity]!
      if (line.seq <= after) break
      found.push(line)
    }
    return found.reverse()
  }

  #drop(): void {
    this.#characters -= this.#slots[this.#oldest]!.text.length
    this.#oldest = (this.#oldest + 1) % this.#capacity
    this.#size--
  }
}
