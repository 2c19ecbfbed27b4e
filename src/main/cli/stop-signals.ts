const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The signals that ask a process to end, counted: the first asks, the second insists. */
export class StopSignals {
  /** Resolves at the first signal, which may come before anybody waits for it. */
  readonly first: Promise<'asked'>
  readonly second: Promise<'insisted'>
  readonly #take: () => void

  constructor() {
    const first = Promise.withResolvers<'asked'>()
    const second = Promise.withResolvers<'insisted'>()
    let count = 0
    this.first = first.promise
    this.second = second.promise
    this.#take = () => {
      count++
      if (count === 1) first.resolve('asked')
      else second.resolve('insisted')
    }
    for (const signal of SIGNALS) process.on(signal, this.#take)
  }

  /** Gives the signals their usual effect back. */
  close(): void {
    for (const signal of SIGNALS) process.off(signal, this.#take)
  }
}
