import type { Candidate, Strategy } from './strategy.js'

/** By chance, in proportion to the weights. */
export class WeightedRandom<T extends Candidate> implements Strategy<T> {
  readonly #random: () => number

  /** @param random from 0 up to but without 1 */
  constructor(random: () => number) {
    this.#random = random
  }

  pick(candidates: readonly T[]): T | null {
    let total = 0
    for (const { weight } of candidates) total += weight
    let left = this.#random() * total
    let last: T | null = null
    for (const candidate of candidates) {
      if (candidate.weight === 0) continue
      last = candidate
      left -= candidate.weight
      if (left < 0) break
    }
    return last
  }
}
