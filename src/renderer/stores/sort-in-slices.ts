import { breathe, startSlice } from '../breathe.js'

const RUN = 2_048
/** Items merged between two looks at the clock. */
const STRIDE = 512

/**
 * Sorts a copy of many items, stably, in slices between which the page goes on: runs that are sorted at once, and then
 * merged two by two.
 *
 * @param isWanted asked between slices; once false, the work is dropped
 * @returns null when it was dropped
 */
export async function sortInSlices<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
  isWanted: () => boolean,
): Promise<T[] | null> {
  let runs: T[][] = []
  let isOver = startSlice()
  const rest = async () => {
    await breathe()
    isOver = startSlice()
    return isWanted()
  }
  for (let at = 0; at < items.length; at += RUN) {
    runs.push(items.slice(at, at + RUN).sort(compare))
    if (isOver() && !(await rest())) return null
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let at = 0; at < runs.length; at += 2) {
      const merge = new Merge(runs[at]!, runs[at + 1] ?? [], compare)
      while (!merge.step(STRIDE)) if (isOver() && !(await rest())) return null
      merged.push(merge.result)
    }
    runs = merged
  }
  return runs[0] ?? []
}

/** Two sorted lists on their way to become one. */
class Merge<T> {
  readonly result: T[] = []
  #left = 0
  #right = 0

  constructor(
    readonly a: readonly T[],
    readonly b: readonly T[],
    readonly compare: (a: T, b: T) => number,
  ) {}

  /** Takes up to `count` items over. @returns true when none is left */
  step(count: number): boolean {
    const { a, b } = this
    for (let taken = 0; taken < count && this.result.length < a.length + b.length; taken++) {
      const fromRight =
        this.#left === a.length || (this.#right < b.length && this.compare(a[this.#left]!, b[this.#right]!) > 0)
      this.result.push(fromRight ? b[this.#right++]! : a[this.#left++]!)
    }
    return this.result.length === a.length + b.length
  }
}
