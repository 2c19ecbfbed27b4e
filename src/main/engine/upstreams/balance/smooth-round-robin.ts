import type { Candidate, Strategy } from './strategy.js'

/**
 * Smooth weighted round-robin, as nginx does it: of weights 5, 1, 1 the picks are spread a a b a c a a, not bunched.
 * The strategy owns its counters; candidates may come and go between picks.
 */
export class SmoothRoundRobin<T extends Candidate> implements Strategy<T> {
  readonly #current = new WeakMap<T, number>()

  pick(candidates: readonly T[]): T | null {
    let total = 0
    let best: T | null = null
    let bestWeight = Number.NEGATIVE_INFINITY
    for (const candidate of candidates) {
      if (candidate.weight === 0) continue
      const weight = (this.#current.get(candidate) ?? 0) + candidate.weight
      this.#current.set(candidate, weight)
      total += candidate.weight
      if (weight > bestWeight) {
        best = candidate
        bestWeight = weight
      }
    }
    if (best !== null) this.#current.set(best, bestWeight - total)
    return best
  }
}
