import { type CollectGarbage, garbageCollector } from '../garbage-collector.js'

/** Young objects behind so many bytes are few: collecting them takes well under a millisecond. */
const BYTES_BETWEEN = 4 * 1024 * 1024

/**
 * Frees the buffers of relayed bodies while they are cheap to free. A buffer is a small object that owns much memory
 * outside the heap, so V8 sees little reason for its cheap collection and ends up with full ones every 64 MB: measured
 * on a 2 GB download that costs a third more processor time and 90 MB of memory instead of 30.
 */
export class BufferCollector {
  #since = 0
  #collect: CollectGarbage | null = null

  /** Notes bytes of a body that have been passed on. */
  relayed(bytes: number): void {
    this.#since += bytes
    if (this.#since < BYTES_BETWEEN) return
    this.#since = 0
    this.#collect ??= garbageCollector()
    this.#collect({ type: 'minor', execution: 'sync' })
  }
}
