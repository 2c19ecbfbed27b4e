import { type Bucket, type Taken, take } from './token-bucket.js'

/** Keys at most: some 100 bytes each, whatever clients send. */
const MAX_KEYS = 200_000
/** looked at when a new key finds the store full */
const LOOKS = 32

/** Buckets in memory, one for each key. Those that are full again are forgotten first, then the oldest. */
export class BucketStore {
  readonly #bucket: Bucket
  readonly #maxKeys: number
  readonly #fullAt = new Map<string, number>()

  constructor(bucket: Bucket, maxKeys = MAX_KEYS) {
    this.#bucket = bucket
    this.#maxKeys = maxKeys
  }

  get size(): number {
    return this.#fullAt.size
  }

  /** @param now in milliseconds of a clock that never goes back */
  take(key: string, now: number): Taken {
    const known = this.#fullAt.get(key)
    const taken = take(this.#bucket, known ?? 0, now)
    if (known === undefined && this.#fullAt.size >= this.#maxKeys) this.#makeRoom(now)
    this.#fullAt.set(key, taken.fullAt)
    return taken
  }

  #makeRoom(now: number): void {
    let looked = 0
    let oldest: string | null = null
    for (const [key, fullAt] of this.#fullAt) {
      oldest ??= key
      if (fullAt <= now) this.#fullAt.delete(key)
      if (++looked === LOOKS) break
    }
    if (this.#fullAt.size >= this.#maxKeys && oldest !== null) this.#fullAt.delete(oldest)
  }
}
