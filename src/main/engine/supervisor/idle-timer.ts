/** Tells when an app has not been used for a while. One timer, however many requests there are. */
export class IdleTimer {
  readonly #onIdle: () => void
  #afterMs: number | null = null
  #timer: NodeJS.Timeout | null = null
  #inFlight = 0
  #usedAt = 0

  constructor(onIdle: () => void) {
    this.#onIdle = onIdle
  }

  enter(): void {
    this.#inFlight++
  }

  leave(): void {
    this.#inFlight--
    this.#usedAt = performance.now()
  }

  /** Begins to look; null: never. */
  start(afterMs: number | null): void {
    this.stop()
    this.#afterMs = afterMs
    this.#usedAt = performance.now()
    if (afterMs !== null) this.#look(afterMs)
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #look(inMs: number): void {
    this.#timer = setTimeout(() => this.#due(), inMs).unref()
  }

  #due(): void {
    const afterMs = this.#afterMs
    if (afterMs === null) return
    const left = this.#inFlight > 0 ? afterMs : this.#usedAt + afterMs - performance.now()
    this.#timer = null
    if (left > 0) this.#look(Math.ceil(left))
    else this.#onIdle()
  }
}
