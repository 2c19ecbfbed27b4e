import { BackendPool } from './backend-pool.js'
import type { BackendSpec, ConnectionLimits } from './target.js'

/** An exchange that began with the old config may be about to use a pool that the new one has no use for. */
const RETIRE_MS = 5_000

/** The pools of all backends; those that are reached in the same way share theirs, across routes and configs. */
export class ConnectionPools {
  readonly #pools = new Map<string, BackendPool>()
  readonly #retiring = new Map<BackendPool, NodeJS.Timeout>()

  /** @throws Fault when a CA file cannot be read */
  open(spec: BackendSpec, connectTimeoutMs: number, limits: ConnectionLimits): BackendPool {
    const { url, caFile, serverName, insecure } = spec
    const key = JSON.stringify([url, caFile, serverName, insecure, connectTimeoutMs, limits.max, limits.idleMs])
    let pool = this.#pools.get(key)
    if (pool === undefined) {
      pool = new BackendPool(spec, connectTimeoutMs, limits)
      this.#pools.set(key, pool)
    }
    return pool
  }

  /** Closes the other pools, once their requests have ended. */
  retain(wanted: ReadonlySet<BackendPool>): void {
    for (const [key, pool] of this.#pools) {
      if (wanted.has(pool)) continue
      this.#pools.delete(key)
      const close = () => {
        this.#retiring.delete(pool)
        pool.close()
      }
      this.#retiring.set(pool, setTimeout(close, RETIRE_MS).unref())
    }
  }

  /** Ends every connection at once. */
  async destroy(): Promise<void> {
    for (const timer of this.#retiring.values()) clearTimeout(timer)
    const pools = [...this.#pools.values(), ...this.#retiring.keys()]
    this.#pools.clear()
    this.#retiring.clear()
    await Promise.all(pools.map((pool) => pool.destroy()))
  }
}
