type Work = () => Promise<void>

/** Work that is done one piece after the other, of each who asks in turn: who asks for much waits longest. */
export class FairTurns {
  readonly #waiting = new Map<string, Work[]>()
  #running: Promise<void> | null = null

  /** @param who asks; the work of each is done in its order. What fails has failed for itself. */
  add(who: string, work: Work): void {
    const own = this.#waiting.get(who)
    if (own === undefined) this.#waiting.set(who, [work])
    else own.push(work)
    this.#running ??= this.#run()
  }

  /** Resolves when all is done. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running
  }

  async #run(): Promise<void> {
    await Promise.resolve() // work may add to it
    for (;;) {
      const [next] = this.#waiting
      if (next === undefined) break
      const [who, own] = next
      const work = own.shift()
      // Whoever was served goes to the end of the line.
      this.#waiting.delete(who)
      if (own.length > 0) this.#waiting.set(who, own)
      await work?.().catch(() => {})
    }
    this.#running = null
  }
}
