import type { Candidate, Strategy } from './strategy.js'

/** Down the list: the next one is chosen only while those before it are out. */
export class First<T extends Candidate> implements Strategy<T> {
  pick(candidates: readonly T[]): T | null {
    for (const candidate of candidates) if (candidate.weight > 0) return candidate
    return null
  }
}
