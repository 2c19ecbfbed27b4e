import type { Candidate, Strategy } from './strategy.js'

/**
 * Smooth weighted round-robin, as nginx does it: of weights 5, 1, 1 the picks are spread a a b a c a a, not bunched.
 * Candidates may come and go between picks.
 */
export class SmoothRoundRobin<T extends Candidate> implements Strategy<T> {
  pick(candidates: readonly T[]): T | null {
    let total = 0
    let best: T | null = null
    let most = Number.NEGATIVE_INFINITY
    for (const candidate of candidates) {
      if (candidate.weight === 0) continue
      candidate.credit += candidate.weight
      total += candidate.weight
      if (candidate.credit > most) {
        best = candidate
        most = candidate.credit
      }
    }
    if (best !== null) best.credit -= total
    return best
  }
}
