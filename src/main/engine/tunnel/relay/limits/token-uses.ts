import type { TokenRecord } from '../relay-schemas.js'
import { Bandwidth } from './bandwidth.js'

/** A place among the connections of a token. */
export interface TokenUse {
  /** null when it may take what there is */
  readonly bandwidth: Bandwidth | null
  /** Gives the place back; once. */
  release(): void
}

interface Count {
  open: number
  bandwidth: Bandwidth | null
}

/** How much of its limits each token uses. */
export class TokenUses {
  readonly #counts = new Map<string, Count>()

  /** @returns null when the token has as many connections as it may */
  take({ id, limits }: TokenRecord): TokenUse | null {
    let count = this.#counts.get(id)
    if (count === undefined) {
      count = { open: 0, bandwidth: limits.bandwidth === null ? null : new Bandwidth(limits.bandwidth) }
      this.#counts.set(id, count)
    }
    if (count.open >= limits.connections) return null
    count.open += 1
    return { bandwidth: count.bandwidth, release: once(() => count.open--) }
  }

  forget(id: string): void {
    this.#counts.delete(id)
  }
}

function once(work: () => void): () => void {
  let done = false
  return () => {
    if (!done) work()
    done = true
  }
}
