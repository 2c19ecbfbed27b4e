import { SmoothRoundRobin } from './smooth-round-robin.js'
import type { Candidate, Strategy } from './strategy.js'

/** Where the fewest requests are under way for its weight; equals take turns by weight. */
export class LeastConnections<T extends Candidate> implements Strategy<T> {
  readonly #turns = new SmoothRoundRobin<T>()
  readonly #least: T[] = []

  pick(candidates: readonly T[]): T | null {
    const least = this.#least
    least.length = 0
    for (const candidate of candidates) {
      if (candidate.weight === 0) continue
      const first = least[0]
      // inFlight / weight, compared without dividing
      const difference = first === undefined ? 0 : candidate.inFlight * first.weight - first.inFlight * candidate.weight
      if (difference > 0) continue
      if (difference < 0) least.length = 0
      least.push(candidate)
    }
    return least.length < 2 ? (least[0] ?? null) : this.#turns.pick(least)
  }
}
