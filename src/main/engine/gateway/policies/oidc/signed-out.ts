const MOST = 10_000

/** Sessions that were ended before their time: their cookies may have been copied. Forgotten at a restart. */
export class SignedOut {
  readonly #until = new Map<string, number>()

  /** @param until when it would have ended, in milliseconds since the epoch */
  add(id: string, until: number): void {
    this.#until.set(id, until)
    if (this.#until.size <= MOST) return
    const [oldest] = this.#until.keys()
    if (oldest !== undefined) this.#until.delete(oldest)
  }

  has(id: string, now: number): boolean {
    const until = this.#until.get(id)
    return until !== undefined && until > now
  }
}
