import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Young objects behind so many bytes are few: collecting them takes well under a millisecond. */
const BYTES_BETWEEN = 4 * 1024 * 1024

type CollectGarbage = (options: { type: 'minor'; execution: 'sync' }) => void

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
    this.#collect ??= exposedCollector()
    this.#collect({ type: 'minor', execution: 'sync' })
  }
}

/** V8 hands its collector to the contexts that are made while the flag is up. */
function exposedCollector(): CollectGarbage {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('globalThis.gc')
  setFlagsFromString('--no-expose-gc')
  return typeof collect === 'function' ? (collect as CollectGarbage) : () => {}
}
