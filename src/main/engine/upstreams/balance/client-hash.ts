import { mixed, textHash } from './hash.js'
import type { Candidate, Strategy } from './strategy.js'

/**
 * The same client goes to the same backend: of all backends the one whose hash together with the client's draws the
 * highest lot (weighted rendezvous hashing). When one of n is gone, only its own clients move: 1/n of all.
 */
export class ClientHash<T extends Candidate> implements Strategy<T> {
  pick(candidates: readonly T[], client: string): T | null {
    const key = textHash(client)
    let best: T | null = null
    let bestLot = Number.NEGATIVE_INFINITY
    for (const candidate of candidates) {
      if (candidate.weight === 0) continue
      const uniform = (mixed(key ^ candidate.hash) + 0.5) / 2 ** 32
      // An exponential variate of rate `weight`; the least one wins with probability weight / sum of weights.
      const lot = Math.log(uniform) / candidate.weight
      if (lot > bestLot) {
        best = candidate
        bestLot = lot
      }
    }
    return best
  }
}
