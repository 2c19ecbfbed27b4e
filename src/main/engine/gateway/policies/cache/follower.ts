import type { Exchange } from '../../exchange.js'

/** The answer of another exchange, as far as it has come. */
export interface Followed {
  /** chunks that have come */
  readonly end: number
  readonly whole: boolean
  readonly broken: boolean
  chunk(at: number): Buffer | undefined
  moved(): void
  leave(follower: Follower): void
}

/** An exchange that gets the answer of another one as it comes. */
export class Follower {
  /** the chunk to be sent next */
  at = 0
  readonly #flight: Followed
  readonly #exchange: Exchange
  #blocked = false
  #ended = false

  constructor(flight: Followed, exchange: Exchange) {
    this.#flight = flight
    this.#exchange = exchange
    exchange.phase = 'streaming'
    exchange.onInterrupt(
      () => this.#leave(),
      (fault) => {
        this.#leave()
        exchange.fail(fault)
      },
    )
    exchange.reply.onDrain(() => {
      exchange.stalledSince = null
      this.#blocked = false
      this.pump()
    })
  }

  pump(): void {
    const exchange = this.#exchange
    for (; !this.#blocked && !this.#ended && this.at < this.#flight.end; ) {
      const chunk = this.#flight.chunk(this.at) as Buffer
      this.at += 1
      exchange.bytesOut += chunk.length
      exchange.lastActivity = performance.now()
      if (!exchange.reply.write(chunk)) {
        this.#blocked = true
        exchange.stalledSince = performance.now()
      }
      this.#flight.moved()
    }
    if (this.#ended || this.at < this.#flight.end) return
    if (this.#flight.whole) {
      this.#leave()
      exchange.reply.end()
    } else if (this.#flight.broken) {
      this.#leave()
      exchange.error = 'the answer that it shared with another request broke off'
      exchange.reply.destroy()
    }
  }

  #leave(): void {
    this.#ended = true
    this.#flight.leave(this)
  }
}
