/**
 * The known key that a misspelt one most likely stands for, or null when none is near.
 * @param unknown the key as it was written
 * @param known the keys that would have been accepted there
 */
export function nearestKey(unknown: string, known: readonly string[]): string | null {
  if (unknown.length > 64) return null
  let best: { key: string; distance: number } | null = null
  for (const key of known) {
    const distance = editDistance(unknown.toLowerCase(), key.toLowerCase())
    if (distance <= tolerance(key) && (best === null || distance < best.distance)) best = { key, distance }
  }
  return best?.key ?? null
}

/** Short keys are near to everything, so they tolerate less: one slip in three letters, at most three. */
function tolerance(key: string): number {
  return Math.min(3, Math.max(1, Math.floor(key.length / 3)))
}

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours each count one. */
export function editDistance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      current[column] = Math.min(
        previous[column]! + 1,
        current[column - 1]! + 1,
        previous[column - 1]! + (same ? 0 : 1),
        swapped ? before[column - 2]! + 1 : Number.POSITIVE_INFINITY,
      )
    }
    before = previous
    previous = current
  }
  return previous[b.length]!
}
