import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 4096

/** Ids for traces and spans. One call for random bytes serves hundreds of them. */
export class RandomIds {
  readonly #pool = Buffer.alloc(POOL_BYTES)
  #used = POOL_BYTES

  /** 32 hex digits, not all zero. */
  traceId(): string {
    return this.#take(16)
  }

  /** 16 hex digits, not all zero. */
  spanId(): string {
    return this.#take(8)
  }

  #take(bytes: number): string {
    for (;;) {
      if (this.#used + bytes > POOL_BYTES) {
        randomFillSync(this.#pool)
        this.#used = 0
      }
      const id = this.#pool.toString('hex', this.#used, this.#used + bytes)
      this.#used += bytes
      if (!/^0+$/.test(id)) return id
    }
  }
}
