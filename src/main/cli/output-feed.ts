import type { OutputLine } from '../../shared/window-schemas.js'

/**
 * Puts lines that come two ways, as events and as lists, into one sequence without gap or duplicate. Lines are numbered
 * from 1; an app that was removed and added again begins anew.
 */
export class OutputFeed {
  #last: { seq: number; time: string } | null = null

  /** Number of the latest line that was taken; 0 before the first. */
  get last(): number {
    return this.#last?.seq ?? 0
  }

  /**
   * @param lines in their order
   * @returns those that are new. `missing` counts the lines before the first of them that never came; nothing is taken
   *   then, so that they can be asked for, unless `anyway` says that they are lost.
   */
  take(lines: readonly OutputLine[], anyway = false): { lines: readonly OutputLine[]; missing: number } {
    const fresh = this.#fresh(lines)
    const [first] = fresh
    const latest = fresh.at(-1)
    if (first === undefined || latest === undefined) return { lines: [], missing: 0 }
    const missing = this.#last === null || first.seq <= this.#last.seq ? 0 : first.seq - this.#last.seq - 1
    if (missing > 0 && !anyway) return { lines: [], missing }
    this.#last = latest
    return { lines: fresh, missing }
  }

  #fresh(lines: readonly OutputLine[]): readonly OutputLine[] {
    const last = this.#last
    if (last === null) return lines
    // A lower number at a later time is a new count.
    const restart = lines.findIndex(({ seq, time }) => seq <= last.seq && time > last.time)
    if (restart !== -1) return lines.slice(restart)
    return lines.filter(({ seq }) => seq > last.seq)
  }
}
